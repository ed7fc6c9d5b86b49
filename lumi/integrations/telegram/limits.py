"""What the Bot API takes, checked before a call is made; all lengths of text in UTF-16 units, as Telegram counts."""

from collections.abc import Sequence
from pathlib import Path

from lumi.core.http.forms import size_of
from lumi.integrations.telegram.errors import Reason, TelegramRejected
from lumi.integrations.telegram.identity import number_in, whole

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_CALLBACK_ANSWER = 200
MOST_BUTTON_DATA_BYTES = 64
MOST_BUTTONS = 100
MOST_BUTTONS_IN_A_ROW = 8
LARGEST_PHOTO_BYTES = 10 << 20
LARGEST_UPLOAD_BYTES = 50 << 20
LARGEST_DOWNLOAD_BYTES = 20 << 20

Row = Sequence[tuple[str, str]]
"""Buttons side by side, each a text and the data that comes back when it is pressed."""


def utf16_length(text: str) -> int:
    """How long Telegram finds this text: characters beyond the basic plane, as most emoji, count twice."""
    return len(text) + sum(each > "\uffff" for each in text)


def refused(details: str, reason: Reason = Reason.PAYLOAD) -> TelegramRejected:
    """The refusal of what Telegram would refuse, with status 0: no call was made."""
    return TelegramRejected(0, details, reason)


def check_text(text: str, *, formatted: bool) -> None:
    """Refuse what is empty or too long; how long a formatted text is only Telegram knows."""
    if not text.strip():
        raise refused("a text has words")
    if not formatted and utf16_length(text) > LONGEST_TEXT:
        raise refused(f"a text has at most {LONGEST_TEXT} UTF-16 units")


def check_caption(caption: str | None) -> None:
    """Refuse a caption that is too long."""
    if caption is not None and utf16_length(caption) > LONGEST_CAPTION:
        raise refused(f"a caption has at most {LONGEST_CAPTION} UTF-16 units")


def check_size(content: bytes | Path, largest: int) -> None:
    """Refuse a file that is empty or too big."""
    size = size_of(content)
    if not size:
        raise refused("the file is empty", Reason.FILE)
    if size > largest:
        raise refused(f"a file like this has at most {largest} bytes", Reason.FILE)


def chat(chat_id: int | str) -> int:
    """The chat as Telegram takes it; anything but a whole number is refused."""
    found = whole(chat_id)
    if found is None:
        raise refused("a chat id is a whole number", Reason.RECIPIENT)
    return found


def number(message: str) -> int:
    """The number of a message in its chat; refused when this is no `chat:number`."""
    found = number_in(message)
    if found is None:
        raise refused("a message is named by its chat and its number")
    return found


def keyboard(rows: Sequence[Row]) -> dict[str, object]:
    """The buttons as Telegram wants them; refused when there are too many, or one has no text or no fitting data."""
    if sum(len(row) for row in rows) > MOST_BUTTONS or any(len(row) > MOST_BUTTONS_IN_A_ROW for row in rows):
        raise refused(f"there are at most {MOST_BUTTONS} buttons, {MOST_BUTTONS_IN_A_ROW} in a row")
    for row in rows:
        for text, data in row:
            if not text.strip() or not 0 < len(data.encode("utf-8", "replace")) <= MOST_BUTTON_DATA_BYTES:
                raise refused(f"a button has a text and 1 to {MOST_BUTTON_DATA_BYTES} bytes of data")
    return {"inline_keyboard": [[{"text": text, "callback_data": data} for text, data in row] for row in rows]}
