"""Reads one message, one echo or one status out of a webhook body."""

from datetime import UTC, datetime

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.content_items import Fields, details_of
from lumi.integrations.whatsapp.identity import address, identifier
from lumi.integrations.whatsapp.message_text import target_of, text_of
from lumi.integrations.whatsapp.people import People
from lumi.integrations.whatsapp.shapes import Echo, ErrorNote, Message, Status

_PARENT_KEYS = ("parent_recipient_user_id", "recipient_parent_user_id", "parent_user_id")
_FIRST_MILLISECOND_STAMP = 100_000_000_000


class Broken(ValueError):
    """This item cannot be read. The message is the reason and holds nothing of the item."""


def read_message(kind: str, item: Fields, people: People, waba_id: str, number: str) -> Message:
    """The message, with what `people` knows about its sender; Broken when something vital is missing."""
    phone, user_id = address(item.get("from"), item.get("from_user_id"))
    person = people.find(phone, user_id)
    phone = phone or person.phone
    user_id = user_id or person.user_id
    if phone is None and user_id is None:
        phone, user_id = _new_address(item)
    return Message(
        phone_number_id=number,
        waba_id=waba_id,
        id=_message_id(item),
        type=kind,
        timestamp=_instant(item.get("timestamp")),
        from_phone=phone,
        from_user_id=user_id,
        parent_user_id=as_text(item.get("from_parent_user_id")) or person.parent_user_id,
        profile_name=person.name,
        username=person.username,
        text=_words(kind, item),
        context_id=_quoted(item),
        target_id=target_of(kind, item),
        group_id=as_text(item.get("group_id")),
        raw=item,
        details=details_of(kind, item),
    )


def read_echo(kind: str, item: Fields, people: People, waba_id: str, number: str) -> Echo:
    """What was written in the app; Broken when something vital is missing."""
    phone, user_id = address(item.get("to"), item.get("to_user_id"))
    person = people.find(phone, user_id)
    phone = phone or person.phone
    user_id = user_id or person.user_id
    if phone is None and user_id is None:
        raise Broken("it names no recipient")
    details = details_of(kind, item)
    return Echo(
        phone_number_id=number,
        waba_id=waba_id,
        id=_message_id(item),
        type=kind,
        timestamp=_instant(item.get("timestamp")),
        to_phone=phone,
        to_user_id=user_id,
        text=_words(kind, item),
        context_id=_quoted(item),
        target_id=target_of(kind, item),
        media=details.media,
        emoji=details.emoji,
        content=details.content,
        raw=item,
    )


def read_status(item: Fields, waba_id: str, number: str) -> Status:
    """The status; Broken when something vital is missing."""
    who = "recipient_participant" if item.get("recipient_type") == "group" else "recipient"
    phone, user_id = address(item.get(f"{who}_id"), item.get(f"{who}_user_id"))
    return Status(
        phone_number_id=number,
        waba_id=waba_id,
        id=_message_id(item),
        status=as_text(item.get("status")) or "",
        timestamp=_instant(item.get("timestamp")),
        recipient_phone=phone,
        recipient_user_id=user_id,
        recipient_parent_id=next((p for key in _PARENT_KEYS if (p := as_text(item.get(key)))), None),
        callback_data=as_text(item.get("biz_opaque_callback_data")),
        errors=tuple(_note(as_object(each)) for each in as_list(item.get("errors"))),
    )


def instant(value: object) -> datetime | None:
    """Unix seconds, as text or number; some senders give milliseconds. None for what is no time."""
    if not isinstance(value, str) and (isinstance(value, bool) or not isinstance(value, int)):
        return None
    try:
        stamp = int(value)
        return datetime.fromtimestamp(stamp / 1000 if stamp > _FIRST_MILLISECOND_STAMP else stamp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _instant(value: object) -> datetime:
    found = instant(value)
    if found is None:
        raise Broken("it has no usable timestamp")
    return found


def _message_id(item: Fields) -> str:
    found = identifier(item.get("id"))
    if found is None:
        raise Broken("it has no usable id")
    return found


def _new_address(item: Fields) -> tuple[str | None, str | None]:
    """WhatsApp tells of somebody's new id by that alone: then it is the sender's."""
    system = as_object(item.get("system"))
    phone, user_id = address(system.get("wa_id"), system.get("user_id"))
    if phone is None and user_id is None:
        raise Broken("it names no sender")
    return phone, user_id


def _quoted(item: Fields) -> str | None:
    context = item.get("context")
    return None if context is None else as_text(as_object(context).get("id"))


def _words(kind: str, item: Fields) -> str | None:
    words = text_of(kind, item)
    if words is None and kind == "text":
        raise Broken("it is a text message without a text")
    return words


def _note(error: Fields) -> ErrorNote:
    code = error.get("code")
    title = as_text(error.get("title")) or as_text(error.get("message")) or ""
    details = as_text(as_object(error.get("error_data")).get("details")) or as_text(error.get("message")) or ""
    return ErrorNote(code if isinstance(code, int) else 0, title, details)
