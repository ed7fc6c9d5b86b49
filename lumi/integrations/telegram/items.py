"""Reads one message, one press of a button or one change of membership out of an update."""

from typing import cast

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.telegram.content import (
    Broken,
    Fields,
    contact_in,
    full_name,
    media_in,
    place_in,
    start_payload_in,
    type_of,
    words_in,
)
from lumi.integrations.telegram.identity import message_name, whole
from lumi.integrations.telegram.moments import instant
from lumi.integrations.telegram.shapes import Membership, Message, Person, Press

_LONGEST_LABEL = 256
_BLOCKED = {"kicked": True, "member": False}
# What stands in a message beside its content: none of these says what it is.
_ENVELOPE = frozenset(
    {"message_id", "from", "chat", "date", "edit_date", "message_thread_id", "reply_to_message", "reply_markup"}
    | {"author_signature", "media_group_id", "effect_id", "via_bot", "quote", "is_from_offline", "sender_chat"}
    | {"has_protected_content", "forward_origin", "external_reply", "link_preview_options", "caption"}
    | {"caption_entities", "entities", "is_topic_message", "is_automatic_forward", "business_connection_id"}
)


class Unwanted(Exception):
    """This item is none of ours. The message is its kind, in Telegram's word."""


def read_message(update_id: str, value: object) -> Message:
    """The message; Unwanted when it is not a person's in a private chat, Broken when something vital is missing."""
    item = _object(value)
    chat = _private(as_object(item.get("chat")))
    sender = _person(as_object(item.get("from")) or as_object(item.get("chat")))
    if sender.is_bot:
        raise Unwanted("bot")
    kind = type_of(item)
    if kind is None:
        raise Unwanted(next((key for key in item if key not in _ENVELOPE), "empty"))
    text = words_in(kind, item)
    return Message(
        update_id=update_id,
        id=_message_id(chat, item),
        chat_id=str(chat),
        type=kind,
        sender=sender,
        timestamp=instant(item.get("date")),
        edited_at=instant(item.get("edit_date")),
        text=text,
        start_payload=start_payload_in(text),
        media=media_in(kind, item),
        place=place_in(kind, item),
        contact=contact_in(kind, item),
        media_group_id=_label(item.get("media_group_id")),
        reply_to=_name_of(chat, as_object(item.get("reply_to_message"))),
        raw=item,
    )


def read_press(update_id: str, value: object) -> Press:
    """The press; Unwanted when it was in a group, Broken when something vital is missing."""
    item = _object(value)
    press_id = _label(item.get("id"))
    if press_id is None:
        raise Broken("it has no usable id")
    message = as_object(item.get("message"))
    place = as_object(message.get("chat"))
    chat = _private(place) if place else None
    return Press(
        update_id=update_id,
        id=press_id,
        sender=_person(as_object(item.get("from"))),
        chat_id=None if chat is None else str(chat),
        message_id=None if chat is None else _name_of(chat, message),
        message_text=as_text(message.get("text")) or as_text(message.get("caption")),
        data=as_text(item.get("data")),
        raw=item,
    )


def read_membership(update_id: str, value: object) -> Membership:
    """Blocked or not; Unwanted for groups and for any other standing, Broken when something vital is missing."""
    item = _object(value)
    chat = _private(as_object(item.get("chat")))
    status = as_text(as_object(item.get("new_chat_member")).get("status"))
    if status is None:
        raise Broken("it names no new status")
    if status not in _BLOCKED:
        raise Unwanted(status)
    sender = _person(as_object(item.get("from")) or as_object(item.get("chat")))
    return Membership(update_id, str(chat), sender, _BLOCKED[status], instant(item.get("date")), item)


def _object(value: object) -> Fields:
    if not isinstance(value, dict):
        raise Broken("it is not an object")
    return cast("Fields", value)


def _private(chat: Fields) -> int:
    """The id of a private chat; one that does not say its type is told by its id: those of groups are negative."""
    chat_id = whole(chat.get("id"))
    if chat_id is None:
        raise Broken("it names no chat")
    kind = as_text(chat.get("type"))
    if chat_id < 0 if kind is None else kind != "private":
        raise Unwanted("group")
    return chat_id


def _person(user: Fields) -> Person:
    user_id = whole(user.get("id"))
    if user_id is None:
        raise Broken("it names no sender")
    username = as_text(user.get("username"))
    return Person(
        id=str(user_id),
        name=full_name(user),
        username=username.removeprefix("@") if username else None,
        language=as_text(user.get("language_code")),
        is_bot=user.get("is_bot") is True,
    )


def _message_id(chat: int, item: Fields) -> str:
    found = _name_of(chat, item)
    if found is None:
        raise Broken("it has no usable id")
    return found


def _name_of(chat: int, message: Fields) -> str | None:
    number = whole(message.get("message_id"))
    return None if number is None else message_name(chat, number)


def _label(value: object) -> str | None:
    """An id that is a text to Telegram, even when it was sent as a number."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else as_text(value)
    return found if found and len(found) <= _LONGEST_LABEL else None
