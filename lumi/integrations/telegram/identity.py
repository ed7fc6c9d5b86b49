"""How chats and messages are named: Telegram counts messages in each chat, we need one name among all."""

import re

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_WIDEST = 2**63


def whole(value: object) -> int | None:
    """A whole number of at most 64 bits, also when it came as text; None for anything else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_WIDEST <= value < _WIDEST else None


def message_name(chat_id: int | str, number: int) -> str:
    """`chat:number`, one of its kind for a bot."""
    return f"{chat_id}:{number}"


def number_in(name: str) -> int | None:
    """The number of the message in its chat, from `chat:number`; None when this is no such name."""
    return whole(name.rpartition(":")[2])
