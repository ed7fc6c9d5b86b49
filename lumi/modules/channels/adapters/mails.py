"""Mail as a channel, whoever serves the mailbox: what a mail is to us, and how an answer to it is written."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from lumi.core.http import Rejected
from lumi.integrations.mail.automatic import AutoReason
from lumi.integrations.mail.composing import Enclosure, Uncomposable, answer_subject, compose
from lumi.integrations.mail.headers import Address
from lumi.integrations.mail.reader import read
from lumi.integrations.mail.shapes import Attachment, Bounce, Mail
from lumi.modules.channels.errors import MediaTooLarge
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.failures import noted
from lumi.modules.channels.values.incoming import Inbound, Media, Parsed, Receipt
from lumi.modules.channels.values.kinds import DeliveryState, EventKind, Failure, MessageKind
from lumi.modules.channels.values.media import OutgoingFile
from lumi.modules.channels.values.outgoing import Outgoing

ADDRESS = "email"
"""The kind of a person's address, which contacts know them by: `email:ana@example.org`."""
# Nobody in particular wrote these, or nobody can be answered: counted, not shown. They stay in the mailbox.
_IGNORED = frozenset(
    {AutoReason.OWN_ADDRESS, AutoReason.NO_SENDER, AutoReason.LIST, AutoReason.BULK, AutoReason.DELIVERY_REPORT}
)
# Of what was sent: an answering machine's, and what goes to many.
_WRITTEN_BY_NOBODY = frozenset(
    {AutoReason.DELIVERY_REPORT, AutoReason.AUTO_SUBMITTED, AutoReason.LIST, AutoReason.BULK}
)  # fmt: skip
_MOST_REFERENCES = 30
_MOST_RECIPIENTS = 20
_KINDS = frozenset({"image", "audio", "video"})
_SMALLEST_PHOTO_BYTES = 20_000
"""Phones put photos into the text, as signatures put logos: by their size they are told apart."""
_READ_ASIDE_BYTES = 262_144
"""A larger mail is taken apart in a thread of its own, so that nobody else waits for it."""
_OURS = re.compile(r"<([0-9a-f]{32})@[^<>]+>")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a mail lay: its id there, the same whenever it is read, and what the server says of it.

    `place` is what its adapter finds it by again.
    """

    provider_id: str
    place: Mapping[str, object]
    received_at: datetime | None = None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """An answer, ready to be given to a server: `message_id` is the same however often it is written."""

    raw: bytes = field(repr=False)
    message_id: str
    thread_id: str | None


async def opened(raw: bytes, own_address: str) -> Mail:
    """The mail in these bytes, in the mailbox of this address."""
    if len(raw) > _READ_ASIDE_BYTES:
        return await asyncio.to_thread(read, raw, [own_address])
    return read(raw, [own_address])


async def file_of(raw: bytes, media: Media, most_bytes: int) -> bytes:
    """The file of this mail that was listed as `media`; raises MediaTooLarge, Rejected when it has none such."""
    files = (await opened(raw, "")).attachments
    place = media.reference.get("n")
    if not isinstance(place, int) or not 0 <= place < len(files):
        raise Rejected(0, reason="the mail has no such file")
    if files[place].size > most_bytes:
        raise MediaTooLarge
    return files[place].content()


def take(parsed: Parsed, mail: Mail, origin: Origin) -> None:
    """Put a mail where it belongs: with what was said, with what became of ours, or with what is only counted."""
    person = mail.answer_to
    if mail.bounce is not None:
        _take_bounce(parsed, mail.bounce)
    elif person is None or mail.automatic in _IGNORED:
        parsed.ignored.append(f"automatic.{mail.automatic or AutoReason.NO_SENDER}")
    else:
        address = f"{ADDRESS}:{person.address}"
        said = _payload(mail, person, origin)
        parsed.inbound.append(Inbound(None, origin.provider_id, [address], said, origin.received_at or mail.date))


def take_sent(parsed: Parsed, mail: Mail, origin: Origin, own_address: str) -> None:
    """Put a mail that left from the mailbox where it belongs: ours tells that it left, another that a person answered.

    What answers nothing is none of our business: an invoice, say, that another program sends from the same mailbox.
    `mail` was read as nobody's: whether a machine wrote it is told by its headers alone.
    """
    ours = key_in(mail.own_key)
    if ours is not None:
        parsed.receipts.append(Receipt(None, origin.provider_id, DeliveryState.SENT, ours))
    elif mail.automatic in _WRITTEN_BY_NOBODY:
        parsed.ignored.append(f"echo.{mail.automatic}")
    elif mail.in_reply_to is None and not mail.references:
        parsed.ignored.append("echo.unasked")
    else:
        people = dict.fromkeys(each.address for each in mail.recipients if each.address != own_address)
        payload: dict[str, object] = {"kind": MessageKind.TEXT.value, "type": "mail", "text": mail.text or mail.subject}
        if files := [_media(n, file, origin).kind for n, file in enumerate(mail.attachments) if _is_sent(file)]:
            payload["content"] = {"files": files}
        at = origin.received_at or mail.date
        for address in list(people)[:_MOST_RECIPIENTS]:
            told = f"{origin.provider_id} {address}"
            echo = Inbound(None, told, [f"{ADDRESS}:{address}"], payload, at, EventKind.ECHO, begins=False)
            parsed.inbound.append(echo)


def is_answer(mail: Mail) -> bool:
    """Whether a person of the organisation wrote this mail that left, to somebody who had written."""
    written = key_in(mail.own_key) is None and mail.automatic not in _WRITTEN_BY_NOBODY
    return written and (mail.in_reply_to is not None or bool(mail.references))


async def written(account: Account, message: Outgoing, *, at: datetime) -> Letter:
    """The mail a message becomes, in the thread of what it answers; raises Rejected when it cannot be one.

    A file takes long to be written in seven bits, so that is done aside.
    """
    if message.file is None:
        return write(account, message, at=at)
    return await asyncio.to_thread(write, account, message, at=at)


def write(account: Account, message: Outgoing, *, at: datetime) -> Letter:
    """The same at once."""
    reply = message.reply or {}
    message_id = message_id_of(message.key, account.external_id)
    subject = reply.get("subject")
    try:
        raw = compose(
            sender=Address(account.external_id, _shown(account)),
            to=Address(message.address.partition(":")[2]),
            subject=answer_subject(subject) if isinstance(subject, str) else _shown(account) or account.external_id,
            text=message.text, message_id=message_id, at=at, chain=_texts(reply.get("references")),
            automatic=message.automatic, enclosures=_enclosures(message.file),
        )  # fmt: skip
    except Uncomposable as error:
        raise Rejected(0, reason=str(error)) from error
    thread_id = reply.get("thread_id")
    return Letter(raw, message_id, thread_id if isinstance(thread_id, str) else None)


def _enclosures(file: OutgoingFile | None) -> Sequence[Enclosure]:
    if file is None:
        return ()
    return [Enclosure(file.enclosed.name, file.enclosed.mime, file.lying.read_bytes())]


def message_id_of(key: UUID, own_address: str) -> str:
    """Our id of a mail: of the delivery it carries, at the domain of the mailbox it leaves from."""
    domain = own_address.rpartition("@")[2]
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    return f"<{key.hex}@{domain if '.' in domain else 'mail.invalid'}>"


def key_in(message_id: str | None) -> UUID | None:
    """The delivery that a message id of ours names; None when it is not ours."""
    found = _OURS.fullmatch(message_id or "")
    return UUID(found[1]) if found else None


def _payload(mail: Mail, person: Address, origin: Origin) -> Mapping[str, object]:
    files = [_media(n, file, origin).in_payload() for n, file in enumerate(mail.attachments) if _is_sent(file)]
    text = mail.text or ("" if files else mail.subject)
    kind, wrote = (MessageKind.MEDIA, files[0]["kind"]) if files and not text else (MessageKind.TEXT, "mail")
    payload: dict[str, object] = {"kind": kind.value, "type": wrote, "text": text, "subject": mail.subject}
    name = person.name or (mail.sender.name if mail.sender and mail.sender.address == person.address else "")
    if name:
        payload["name"] = name
    if mail.automatic is not None:
        payload["automatic"] = mail.automatic.value
    if files:
        payload["media"] = files
    reply = {"message_id": mail.message_id, "references": _bounded(mail.chain), "subject": mail.subject}
    payload["reply"] = {**reply, "thread_id": origin.thread_id} if origin.thread_id else reply
    return payload


def _is_sent(file: Attachment) -> bool:
    """Whether somebody sent it, rather than their program drawing its signature."""
    return not file.inline or (file.mime.startswith("image/") and file.size >= _SMALLEST_PHOTO_BYTES)


def _media(n: int, file: Attachment, origin: Origin) -> Media:
    """What is known of a file: `n` is its place among the mail's attachments, when the mail is read again."""
    kind = file.mime.partition("/")[0]
    return Media(
        kind if kind in _KINDS else "document", {**origin.place, "n": n}, name=file.name or "", mime=file.mime,
        size=file.size,
    )  # fmt: skip


def _take_bounce(parsed: Parsed, bounce: Bounce) -> None:
    """A server says that a mail did not arrive; which one it was, our id in it tells."""
    if not bounce.permanent or bounce.original_message_id is None:
        parsed.ignored.append("bounce.late" if not bounce.permanent else "bounce.unknown")
        return
    ours = bounce.original_message_id
    words = " ".join(each for each in (bounce.status, bounce.diagnostic) if each) or "the mail came back"
    parsed.receipts.append(Receipt(None, ours, DeliveryState.FAILED, key_in(ours), noted(Failure.RECIPIENT, words)))


def _shown(account: Account) -> str:
    """What the mailbox calls itself beside its address, on one line."""
    name = " ".join("".join(each if each.isprintable() else " " for each in account.name).split())[:200]
    return "" if name.lower() == account.external_id.lower() else name


def _bounded(chain: Sequence[str]) -> list[str]:
    """The id that began the thread and the latest ones."""
    return [*chain[:1], *chain[1:][1 - _MOST_REFERENCES :]]


def _texts(values: object) -> list[str]:
    return [each for each in cast("list[object]", values) if isinstance(each, str)] if isinstance(values, list) else []
