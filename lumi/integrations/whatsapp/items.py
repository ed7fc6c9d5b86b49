"""Reads one message or one status out of a webhook body."""

from collections.abc import Sequence
from datetime import UTC, datetime

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.identity import is_user_id
from lumi.integrations.whatsapp.message_text import target_of, text_of
from lumi.integrations.whatsapp.shapes import ErrorNote, Message, Status

Fields = dict[str, object]

_PARENT_KEYS = ("parent_recipient_user_id", "recipient_parent_user_id", "parent_user_id")
_LONGEST_ID = 256
_FIRST_MILLISECOND_STAMP = 100_000_000_000
_NOBODY: Fields = {}


class Broken(ValueError):
    """This item cannot be read. The message is the reason and holds nothing of the item."""


def read_message(kind: str, item: Fields, contacts: Sequence[Fields], waba_id: str, number: str) -> Message:
    """The message, with what `contacts` knows about its sender; Broken when something vital is missing."""
    phone, user_id = _address(item.get("from"), item.get("from_user_id"))
    contact = _contact_of(contacts, phone, user_id)
    known_phone, known_user_id = _address(contact.get("wa_id"), contact.get("user_id"))
    phone = phone or known_phone
    user_id = user_id or known_user_id
    if phone is None and user_id is None:
        raise Broken("it names no sender")
    profile = as_object(contact.get("profile"))
    username = as_text(profile.get("username"))
    return Message(
        phone_number_id=number,
        waba_id=waba_id,
        id=_message_id(item),
        type=kind,
        timestamp=_instant(item.get("timestamp")),
        from_phone=phone,
        from_user_id=user_id,
        parent_user_id=as_text(item.get("from_parent_user_id")) or as_text(contact.get("parent_user_id")),
        profile_name=as_text(profile.get("name")),
        username=username.removeprefix("@") if username else None,
        text=_words(kind, item),
        context_id=as_text(as_object(item.get("context")).get("id")),
        target_id=target_of(kind, item),
        group_id=as_text(item.get("group_id")),
        raw=item,
    )


def read_status(item: Fields, waba_id: str, number: str) -> Status:
    """The status; Broken when something vital is missing."""
    who = "recipient_participant" if item.get("recipient_type") == "group" else "recipient"
    phone, user_id = _address(item.get(f"{who}_id"), item.get(f"{who}_user_id"))
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


def identifier(value: object) -> str | None:
    """An id as text, even when it was sent as a number; None when it is neither, empty or too long."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_ID else None


def _message_id(item: Fields) -> str:
    found = identifier(item.get("id"))
    if found is None:
        raise Broken("it has no usable id")
    return found


def _address(phone: object, user_id: object) -> tuple[str | None, str | None]:
    """Phone number and BSUID: some senders put the second in the place of the first."""
    first, second = identifier(phone), identifier(user_id)
    if first is not None and is_user_id(first):
        return None, second or first
    return first, second


def _contact_of(contacts: Sequence[Fields], phone: str | None, user_id: str | None) -> Fields:
    """The contact entry of this sender, found by its ids; of a sender without ids, the only one there is."""
    for contact in contacts:
        theirs = contact.get("wa_id"), contact.get("user_id")
        if (phone is not None and phone in theirs) or (user_id is not None and user_id in theirs):
            return contact
    if phone is None and user_id is None and len(contacts) == 1:
        return contacts[0]
    return _NOBODY


def _instant(value: object) -> datetime:
    """Unix seconds, as text or number; some senders give milliseconds."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Broken("it has no usable timestamp")
        stamp = int(value)
        return datetime.fromtimestamp(stamp / 1000 if stamp > _FIRST_MILLISECOND_STAMP else stamp, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Broken("it has no usable timestamp") from error


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
