"""Reads one item of a webhook of Messenger or Instagram: who did it, and what it was."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.graph.messaging_content import (
    Broken,
    Fields,
    attachments_in,
    identifier,
    ids_in,
    instant,
    is_so,
    referral_in,
    whole_number,
    words_in,
)
from lumi.integrations.graph.messaging_shapes import (
    Arrival,
    Batch,
    Deletion,
    Echo,
    Edit,
    Message,
    MessageKind,
    Reaction,
    Receipt,
    ReceiptState,
    Referral,
)

_NO_PARTICULAR_ENTRY = "0"  # what the dashboard's test button sends
_UNKNOWN_ORIGIN = Referral(None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Happening:
    """One item, with all that is the same whatever it holds. Without a person, nobody is named."""

    account_id: str
    person_id: str | None
    by_us: bool
    at: datetime | None
    item: Fields

    @property
    def person(self) -> str:
        """Whom it is about; Broken when nobody is named."""
        if self.person_id is None:
            raise Broken("it names no sender")
        return self.person_id

    def keyed(self, kind: str) -> str:
        """An id for what has none of its own, the same whenever the same item comes again."""
        told = repr((kind, self.account_id, self.person_id, self.item.get("timestamp"), self.item.get(kind)))
        return f"{kind}.{hashlib.sha256(told.encode(errors='replace')).hexdigest()[:40]}"


Reader = Callable[[Batch, Happening, Fields], None]


def happening(item: Fields, entry_id: str | None, entry_time: object) -> Happening:
    """Whose account this is about and who the person is; Broken when no account is named."""
    sender = identifier(as_object(item.get("sender")).get("id"))
    recipient = identifier(as_object(item.get("recipient")).get("id"))
    is_echo = is_so(as_object(item.get("message")).get("is_echo"))
    place = None if entry_id == _NO_PARTICULAR_ENTRY else entry_id
    account = place or (sender if is_echo else recipient) or entry_id
    if account is None:
        raise Broken("it names no account")
    by_us = is_echo or sender == account
    person = recipient if by_us else sender
    return Happening(account, person, by_us, instant(item.get("timestamp"), entry_time), item)


def take_message(batch: Batch, what: Happening, content: Fields) -> None:
    """A message of a person, an echo of one of ours, or the deletion of either."""
    message_id = _message_id(content)
    reply = as_object(content.get("reply_to"))
    if is_so(content.get("is_deleted")):
        batch.deletions.append(Deletion(what.account_id, what.person, message_id, what.at, what.by_us, what.item))
    elif what.by_us:
        batch.echoes.append(_echo(what, message_id, content, identifier(reply.get("mid"))))
    else:
        story = as_object(reply.get("story"))
        batch.messages.append(
            Message(
                account_id=what.account_id,
                person_id=what.person,
                id=message_id,
                kind=_kind(content),
                at=what.at,
                text=words_in(content),
                payload=as_text(as_object(content.get("quick_reply")).get("payload")),
                attachments=attachments_in(content),
                reply_to=identifier(reply.get("mid")),
                story_id=identifier(story.get("id")),
                story_url=as_text(story.get("url")),
                referral=referral_in(content.get("referral")),
                raw=what.item,
            )
        )


def take_postback(batch: Batch, what: Happening, content: Fields) -> None:
    """A button that was pressed: its title is what the person says, its payload what we put behind it."""
    batch.messages.append(
        Message(
            account_id=what.account_id,
            person_id=what.person,
            id=identifier(content.get("mid")) or what.keyed("postback"),
            kind=MessageKind.POSTBACK,
            at=what.at,
            text=as_text(content.get("title")) or None,
            payload=as_text(content.get("payload")),
            attachments=(),
            reply_to=None,
            story_id=None,
            story_url=None,
            referral=referral_in(content.get("referral")),
            raw=what.item,
        )
    )


def take_reaction(batch: Batch, what: Happening, content: Fields) -> None:
    """A reaction; anything but `react` takes it back."""
    action = as_text(content.get("action"))
    if action is None:
        raise Broken("it does not say what was done")
    stays = action == "react"
    batch.reactions.append(
        Reaction(
            account_id=what.account_id,
            person_id=what.person,
            message_id=_message_id(content),
            emoji=as_text(content.get("emoji")) if stays else None,
            name=(as_text(content.get("reaction")) or "other") if stays else None,
            at=what.at,
            by_us=what.by_us,
            raw=what.item,
        )
    )


def take_read(batch: Batch, what: Happening, content: Fields) -> None:
    """Instagram names the message, Messenger the moment up to which all were read."""
    _take_receipt(batch, what, ReceiptState.READ, ids_in([content.get("mid")]), content)


def take_delivery(batch: Batch, what: Happening, content: Fields) -> None:
    """The messages that arrived, and the moment up to which all did."""
    _take_receipt(batch, what, ReceiptState.DELIVERED, ids_in(content.get("mids")), content)


def take_edit(batch: Batch, what: Happening, content: Fields) -> None:
    """Other words for a message; Instagram also announces new ones this way, naming nobody."""
    batch.edits.append(
        Edit(
            account_id=what.account_id,
            person_id=what.person_id,
            message_id=_message_id(content),
            number=whole_number(content.get("num_edit")),
            at=what.at,
            text=words_in(content),
            by_us=what.by_us,
            raw=what.item,
        )
    )


def take_referral(batch: Batch, what: Happening, content: Fields) -> None:
    """A person came by a link or an ad."""
    _take_arrival(batch, what, "referral", content)


def take_optin(batch: Batch, what: Happening, content: Fields) -> None:
    """A person agreed to something on a page of ours."""
    _take_arrival(batch, what, "optin", content)


# In this order: a message and a button may hold a referral beside them.
READERS: dict[str, Reader] = {
    "message": take_message,
    "postback": take_postback,
    "reaction": take_reaction,
    "message_edit": take_edit,
    "read": take_read,
    "delivery": take_delivery,
    "referral": take_referral,
    "optin": take_optin,
}


def _message_id(content: Fields) -> str:
    found = identifier(content.get("mid"))
    if found is None:
        raise Broken("it has no usable id")
    return found


def _kind(content: Fields) -> MessageKind:
    if is_so(content.get("is_unsupported")):
        return MessageKind.UNSUPPORTED
    return MessageKind.QUICK_REPLY if isinstance(content.get("quick_reply"), dict) else MessageKind.MESSAGE


def _echo(what: Happening, message_id: str, content: Fields, reply_to: str | None) -> Echo:
    return Echo(
        account_id=what.account_id,
        person_id=what.person,
        id=message_id,
        at=what.at,
        text=words_in(content),
        attachments=attachments_in(content),
        reply_to=reply_to,
        app_id=identifier(content.get("app_id")),
        metadata=as_text(content.get("metadata")),
        raw=what.item,
    )


def _take_receipt(
    batch: Batch, what: Happening, state: ReceiptState, message_ids: tuple[str, ...], content: Fields
) -> None:
    if what.by_us:
        batch.ignored["item.own_receipt"] += 1
        return
    watermark = instant(content.get("watermark"))
    if watermark is None and not message_ids:
        raise Broken("it names no message and no moment")
    batch.receipts.append(Receipt(what.account_id, what.person, state, message_ids, watermark, what.at, what.item))


def _take_arrival(batch: Batch, what: Happening, kind: str, content: Fields) -> None:
    origin = referral_in(content) or _UNKNOWN_ORIGIN
    batch.arrivals.append(Arrival(what.account_id, what.person, what.keyed(kind), kind, what.at, origin, what.item))
