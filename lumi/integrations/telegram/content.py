"""What a message is made of: its words, its file, its place or its card."""

import re

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.telegram.identity import whole
from lumi.integrations.telegram.shapes import Media, MessageType, Place, SharedContact

Fields = dict[str, object]

# Several of these stand in one message: a venue comes with its location, an animation with a document.
_IN_ORDER = (
    MessageType.TEXT,
    MessageType.VOICE,
    MessageType.AUDIO,
    MessageType.PHOTO,
    MessageType.VIDEO_NOTE,
    MessageType.VIDEO,
    MessageType.ANIMATION,
    MessageType.DOCUMENT,
    MessageType.STICKER,
    MessageType.VENUE,
    MessageType.LOCATION,
    MessageType.CONTACT,
)
_WITHOUT_OURS = ("poll", "dice", "story", "checklist", "game", "paid_media", "live_photo", "rich_message", "invoice")
_WITH_A_FILE = frozenset(_IN_ORDER[1:9])
_USUAL_MIME = {
    MessageType.VOICE: "audio/ogg",
    MessageType.PHOTO: "image/jpeg",
    MessageType.VIDEO_NOTE: "video/mp4",
}
_START = re.compile(r"/start(?:@\w{1,64})? ([A-Za-z0-9_-]{1,64})", re.ASCII)


class Broken(ValueError):
    """This item cannot be read. The message is the reason and holds nothing of the item."""


def type_of(item: Fields) -> MessageType | None:
    """What the message is made of, or None when it is nothing that a person sends."""
    for each in _IN_ORDER:
        if item.get(each) is not None:
            return each
    return MessageType.WORDLESS if any(key in item for key in _WITHOUT_OURS) else None


def words_in(kind: MessageType, item: Fields) -> str | None:
    """The text or the caption."""
    if kind is not MessageType.TEXT:
        return as_text(item.get("caption"))
    words = as_text(item.get("text"))
    if words is None:
        raise Broken("its text is no text")
    return words


def start_payload_in(text: str | None) -> str | None:
    """What a link to the bot carried: `/start` alone, and what a person wrote behind it, carry nothing."""
    found = _START.fullmatch(text) if text else None
    return found[1] if found else None


def media_in(kind: MessageType, item: Fields) -> Media | None:
    """The file, of a picture in its largest size; Broken when it cannot be named."""
    if kind not in _WITH_A_FILE:
        return None
    found = _largest(item.get(kind)) if kind is MessageType.PHOTO else as_object(item.get(kind))
    file_id = as_text(found.get("file_id"))
    if not file_id:
        raise Broken("its file has no id")
    return Media(
        file_id=file_id,
        unique_id=as_text(found.get("file_unique_id")),
        mime=as_text(found.get("mime_type")) or _usual_mime(kind, found),
        size=whole(found.get("file_size")),
        name=as_text(found.get("file_name")),
        seconds=whole(found.get("duration")),
        is_voice=kind is MessageType.VOICE,
    )


def place_in(kind: MessageType, item: Fields) -> Place | None:
    """The spot; Broken when it has no coordinates."""
    if kind not in (MessageType.LOCATION, MessageType.VENUE):
        return None
    venue = as_object(item.get(MessageType.VENUE))
    spot = as_object(venue.get("location")) or as_object(item.get(MessageType.LOCATION))
    latitude, longitude = _degrees(spot.get("latitude"), 90), _degrees(spot.get("longitude"), 180)
    return Place(latitude, longitude, as_text(venue.get("title")), as_text(venue.get("address")))


def contact_in(kind: MessageType, item: Fields) -> SharedContact | None:
    """The card; Broken when it has no phone number."""
    if kind is not MessageType.CONTACT:
        return None
    card = as_object(item.get(kind))
    phone = as_text(card.get("phone_number"))
    if not phone:
        raise Broken("its contact has no phone number")
    user_id = whole(card.get("user_id"))
    return SharedContact(phone, full_name(card), None if user_id is None else str(user_id))


def full_name(fields: Fields) -> str | None:
    """First and last name, as far as they are there."""
    parts = (as_text(fields.get("first_name")), as_text(fields.get("last_name")))
    return " ".join(part for part in parts if part) or None


def _largest(sizes: object) -> Fields:
    usable = [each for each in map(as_object, as_list(sizes)) if as_text(each.get("file_id"))]
    return max(usable, key=_area) if usable else {}


def _area(size: Fields) -> tuple[int, int]:
    area = (whole(size.get("width")) or 0) * (whole(size.get("height")) or 0)
    return area, whole(size.get("file_size")) or 0


def _usual_mime(kind: MessageType, found: Fields) -> str | None:
    if kind is not MessageType.STICKER:
        return _USUAL_MIME.get(kind)
    if found.get("is_animated") is True:
        return "application/x-tgsticker"
    return "video/webm" if found.get("is_video") is True else "image/webp"


def _degrees(value: object, most: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        raise Broken("its place has no coordinates")
    return float(value)
