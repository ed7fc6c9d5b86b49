"""Reads what is inside an item of Messenger or Instagram: attachments, origins, ids, times, yes and no."""

import math
from datetime import UTC, datetime
from typing import cast

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.graph.messaging_shapes import Attachment, AttachmentKind, Referral

Fields = dict[str, object]

STICKER = "sticker"
_LONGEST_ID = 512
_FIRST_MILLISECOND_STAMP = 100_000_000_000
_ID_KEYS = ("sticker_id", "reel_video_id", "ig_post_media_id", "attachment_id", "id")


class Broken(ValueError):
    """This item cannot be read. The message is the reason and holds nothing of the item."""


def identifier(value: object) -> str | None:
    """An id as text, even when it was sent as a number; None when it is neither, empty or too long."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID else None


def instant(*values: object) -> datetime | None:
    """The first of these that is a time: Unix milliseconds or seconds, as number or text, or ISO 8601."""
    for value in values:
        found = _moment(value)
        if found is not None:
            return found
    return None


def is_so(value: object) -> bool:
    """Whether a flag is set; some senders write it as text or as 1."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() == "true")


def whole_number(value: object) -> int:
    """A count that is a number or the text of one; 0 for anything else."""
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def words_in(content: Fields) -> str | None:
    """The text, None when there is none; Broken when something else is in its place."""
    words = content.get("text")
    if words is not None and not isinstance(words, str):
        raise Broken("its text is not a text")
    return words or None


def attachments_in(content: Fields) -> tuple[Attachment, ...]:
    """What is attached; Broken when that is no list of objects."""
    found = content.get("attachments")
    if found is None:
        return ()
    if not isinstance(found, list):
        raise Broken("its attachments are not a list")
    each = cast("list[object]", found)
    if not all(isinstance(one, dict) for one in each):
        raise Broken("one of its attachments is not an object")
    return tuple(_attachment(as_object(one)) for one in each)


def referral_in(value: object) -> Referral | None:
    """Where the person came from, None when nothing is said about it."""
    if not isinstance(value, dict):
        return None
    fields = as_object(cast("object", value))
    return Referral(
        ref=as_text(fields.get("ref")),
        source=as_text(fields.get("source")),
        type=as_text(fields.get("type")),
        ad_id=identifier(fields.get("ad_id")),
        product_id=identifier(as_object(fields.get("product")).get("id")),
    )


def ids_in(value: object) -> tuple[str, ...]:
    """The usable ids of a list."""
    return tuple(found for each in as_list(value) if (found := identifier(each)) is not None)


def _attachment(fields: Fields) -> Attachment:
    payload = as_object(fields.get("payload"))
    kind = as_text(fields.get("type")) or "unknown"
    if kind == AttachmentKind.IMAGE and identifier(payload.get("sticker_id")) is not None:
        kind = STICKER
    coordinates = as_object(payload.get("coordinates"))
    return Attachment(
        kind=kind,
        # A shared link once stood beside the payload, under either spelling.
        url=next(
            (url for each in (payload.get("url"), fields.get("url"), fields.get("URL")) if (url := as_text(each))), None
        ),
        id=next((found for key in _ID_KEYS if (found := identifier(payload.get(key))) is not None), None),
        title=as_text(payload.get("title")) or as_text(fields.get("title")),
        voice=kind == AttachmentKind.AUDIO,
        latitude=_degrees(coordinates.get("lat"), 90),
        longitude=_degrees(coordinates.get("long"), 180),
    )


def _degrees(value: object, most: int) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -most <= value <= most else None


def _moment(value: object) -> datetime | None:
    if isinstance(value, str):
        stamp = _number(value)
        return _from_iso(value) if stamp is None else _from_stamp(stamp)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _from_stamp(value)


def _number(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


def _from_stamp(stamp: float) -> datetime | None:
    if not 0 < stamp < math.inf:
        return None
    try:
        return datetime.fromtimestamp(stamp / 1000 if stamp > _FIRST_MILLISECOND_STAMP else stamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_iso(words: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(words)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
