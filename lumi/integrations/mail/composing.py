"""Writes a mail: the bytes that a server is given. What could add a header of its own is refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime

from lumi.core.ids import new_id
from lumi.integrations.mail.charsets import storable
from lumi.integrations.mail.headers import Address
from lumi.integrations.mail.reader import KEY_HEADER

LONGEST_SUBJECT = 500
LONGEST_NAME = 200
_MOST_REFERENCES = 30
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")
_MIME = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
_ATOMS = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
_ANSWER = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|rif|r|res|ref|odp|ynt|отв|ответ|رد)\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\d{1,3})?\s*[:：]",
    re.IGNORECASE,
)
_BINARY = "application/octet-stream"
# Seven bits, so that no server on the way has to change it.
_POLICY = policy.SMTP.clone(cte_type="7bit")


class Uncomposable(ValueError):
    """What was given cannot be a mail; the message says why and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file to send along."""

    name: str
    mime: str
    content: bytes = field(repr=False)


def compose(
    *,
    sender: Address,
    to: Address,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    chain: Sequence[str] = (),
    automatic: bool = False,
    reply_to: Address | None = None,
    enclosures: Sequence[Enclosure] = (),
) -> bytes:
    """The bytes of a mail; raises Uncomposable.

    `message_id` is ours, of `new_message_id`, and stands in a second header too (`Mail.own_key`), because some
    providers replace it. `chain` is `Mail.chain` of what it answers. `automatic`: a machine wrote it.
    """
    lines = [
        f"From: {_mailbox('From', sender)}",
        f"To: {_mailbox('To', to)}",
        f"Subject: {_in_header('Subject', subject, LONGEST_SUBJECT)}",
        f"Date: {format_datetime(at.astimezone(UTC))}",
        f"Message-ID: {_checked_id(message_id)}",
        f"{KEY_HEADER}: {_checked_id(message_id)}",
    ]
    if reply_to is not None:
        lines.append(f"Reply-To: {_mailbox('Reply-To', reply_to)}")
    references = _references(chain)
    if references:
        lines += [f"In-Reply-To: {references[-1]}", "References: " + "\r\n ".join(references)]
    if automatic:
        lines += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]
    return "\r\n".join(lines).encode("ascii") + b"\r\n" + _content(text, enclosures)


def new_message_id(domain: str) -> str:
    """A fresh id for a mail of ours, as `<id@domain>`; the domain must have a dot, or servers replace the id."""
    if not _DOMAIN.fullmatch(domain):
        raise Uncomposable("the domain of a message id has letters, digits, hyphens and at least one dot")
    return f"<{new_id().hex}@{domain}>"


def answer_subject(subject: str) -> str:
    """The subject of an answer: the same words after exactly one `Re:`, however many marks they carried."""
    words = " ".join(_CONTROLS.sub(" ", storable(subject)).split())
    while found := _ANSWER.match(words):
        words = words[found.end() :].strip()
    return f"Re: {words}"[:LONGEST_SUBJECT].strip()


def _content(text: str, enclosures: Sequence[Enclosure]) -> bytes:
    message = EmailMessage(policy=_POLICY)
    message.set_content(storable(text.replace("\r\n", "\n").replace("\r", "\n")), charset="utf-8")
    for each in enclosures:
        name = _checked("the name of a file", each.name, LONGEST_NAME)
        kind = each.mime.lower() if _MIME.fullmatch(each.mime.lower()) else _BINARY
        main, _, sub = (_BINARY if kind.startswith(("multipart/", "message/")) else kind).partition("/")
        message.add_attachment(each.content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def _mailbox(header: str, mailbox: Address) -> str:
    local, _, domain = mailbox.address.partition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError as error:
            raise Uncomposable("a domain cannot be written in a mail") from error
    address = f"{local}@{domain}"
    if not _ADDRESS.fullmatch(address):
        raise Uncomposable("an address is none that a mail can be sent to")
    if not mailbox.name:
        return address
    name = _checked("a name", mailbox.name, LONGEST_NAME)
    if _ATOMS.fullmatch(name) and "=?" not in name:
        shown = name
    elif name.isascii() and "=?" not in name:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        shown = _encoded(header, name)
    return f"{shown}\r\n <{address}>" if len(shown) > 40 else f"{shown} <{address}>"


def _in_header(header: str, words: str, longest: int) -> str:
    plain = _checked("the subject", words, longest)
    if plain.isascii() and "=?" not in plain and all(len(each) < 60 for each in plain.split(" ")):
        return Header(plain, "us-ascii", maxlinelen=76, header_name=header).encode(linesep="\r\n")
    return _encoded(header, plain)


def _encoded(header: str, words: str) -> str:
    return Header(words, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


def _checked(what: str, words: str, longest: int) -> str:
    """The words on one line, if that is what they are."""
    if _CONTROLS.search(words):
        raise Uncomposable(f"{what} has a line break or another control character")
    if len(words) > longest:
        raise Uncomposable(f"{what} has more than {longest} characters")
    return " ".join(storable(words).split())


def _checked_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Uncomposable("a message id has the form <id@host>, without spaces")
    return message_id


def _references(chain: Sequence[str]) -> list[str]:
    """The chain with its beginning, which names the thread, and its latest part; ids beyond ASCII cannot be named."""
    for each in chain:
        if _CONTROLS.search(each):
            raise Uncomposable("a message id has a line break or another control character")
    named = [each for each in dict.fromkeys(chain) if _MESSAGE_ID.fullmatch(each)]
    return named if len(named) <= _MOST_REFERENCES else named[:1] + named[1 - _MOST_REFERENCES :]
