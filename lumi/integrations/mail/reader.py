"""From the bytes of a mail to what it says. Nothing in them makes it raise."""

from collections.abc import Collection, Iterable
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from typing import cast

from lumi.integrations.mail.automatic import reason_in
from lumi.integrations.mail.bounces import bounce_in, is_report
from lumi.integrations.mail.headers import BROKEN, Headers
from lumi.integrations.mail.parts import Part, attachment, text_and_files
from lumi.integrations.mail.quoting import own_words
from lumi.integrations.mail.shapes import Mail

KEY_HEADER = "X-Lumi-Message-ID"
"""Our own id of a mail once more: some providers put another in the place of the Message-ID."""

LONGEST_TEXT = 500_000


def read(raw: bytes, own_addresses: Collection[str] = ()) -> Mail:
    """The mail in these bytes, however broken; `own_addresses` are those that must not answer each other."""
    message = _parsed(raw)
    headers = headers_of(message)
    text, files = text_and_files(message)
    full_text = text[:LONGEST_TEXT].strip()
    sender = next(iter(headers.addresses("From") or headers.addresses("Sender")), None)
    return Mail(
        message_id=next(iter(headers.ids("Message-ID")), None),
        in_reply_to=next(iter(headers.ids("In-Reply-To")), None),
        references=headers.ids("References"),
        subject=headers.text("Subject"),
        sender=sender,
        reply_to=next(iter(headers.addresses("Reply-To")), None),
        recipients=headers.addresses("To") + headers.addresses("Cc"),
        date=headers.instant("Date"),
        text=own_words(full_text),
        full_text=full_text,
        attachments=tuple(attachment(each) for each in files),
        automatic=reason_in(headers, sender, own_addresses, is_report=is_report(message, headers)),
        bounce=bounce_in(message, headers, files, KEY_HEADER),
        own_key=next(iter(headers.ids(KEY_HEADER)), None),
    )


def headers_of(part: Part) -> Headers:
    """The headers of a mail or part."""
    return Headers(cast("Iterable[tuple[str, str]]", part.raw_items()))


def _parsed(raw: bytes) -> Part:
    """The parts of the mail; when they cannot be told apart, its headers and the rest as text."""
    try:
        return BytesParser(policy=policy.compat32).parsebytes(raw)
    except BROKEN:
        pass
    try:
        return BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
    except BROKEN:
        return Message()
