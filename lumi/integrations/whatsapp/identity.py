"""Who somebody is on WhatsApp: a phone number, a business-scoped user id (BSUID), or both."""

import re

_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def is_user_id(address: str) -> bool:
    """Whether this is a BSUID such as `ES.4021…`, which senders also put where a phone number belongs."""
    return not address[:1].isdigit() and _USER_ID.fullmatch(address) is not None


def international(phone: str) -> str:
    """The number with the `+` without which WhatsApp may put the sender's own country code before it."""
    return phone if phone.startswith("+") else f"+{phone}"
