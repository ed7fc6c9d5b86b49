"""Who somebody is on WhatsApp: a phone number, a business-scoped user id (BSUID), or both."""

import re

LONGEST_ID = 256
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def is_user_id(address: str) -> bool:
    """Whether this is a BSUID such as `ES.4021…`, which senders also put where a phone number belongs."""
    return not address[:1].isdigit() and _USER_ID.fullmatch(address) is not None


def international(phone: str) -> str:
    """The number with the `+` without which WhatsApp may put the sender's own country code before it."""
    return phone if phone.startswith("+") else f"+{phone}"


def identifier(value: object) -> str | None:
    """An id as text, even when it was sent as a number; None when it is neither, empty or too long."""
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST_ID else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    text = str(value)
    return text if len(text) <= LONGEST_ID else None


def address(phone: object, user_id: object) -> tuple[str | None, str | None]:
    """Phone number and BSUID: some senders put the second in the place of the first."""
    first = identifier(phone)
    second = None if user_id is None else identifier(user_id)
    if first is not None and not first[0].isdigit() and is_user_id(first):
        return None, second or first
    return first, second
