"""The mails that the twin writes itself: those of people, and those of a mail server that could not deliver."""

import re
import secrets
from collections.abc import Mapping, Sequence
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from lumi.core import clock
from lumi.integrations.mail.headers import Address

_MESSAGE_ID = re.compile(rb"^message-id:[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)


def from_person(
    person: Address,
    to: str,
    subject: str,
    text: str,
    *,
    html: str | None = None,
    chain: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """What a person's mail program sends, an answer when there is a chain; `headers` replace or add."""
    message = EmailMessage(policy=policy.SMTP)
    named = {
        "From": formataddr((person.name, person.address)),
        "To": to,
        "Subject": subject,
        "Date": format_datetime(clock.now()),
        "Message-ID": f"<{secrets.token_hex(12)}@{person.address.partition('@')[2]}>",
    }
    if chain:
        named |= {"In-Reply-To": chain[-1], "References": " ".join(chain)}
    for name, value in {**named, **(headers or {})}.items():
        message[name] = value
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def undeliverable(raw: bytes, recipient: str, to: str) -> bytes:
    """What a mail server sends back when there is no such recipient; it encloses the headers of the mail."""
    boundary = secrets.token_hex(12)
    lines = [
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        f"To: {to}",
        "Auto-Submitted: auto-replied",
        "Subject: Delivery Status Notification (Failure)",
        f"Date: {format_datetime(clock.now())}",
        f"Message-ID: <{secrets.token_hex(12)}@mx.google.com>",
        f"X-Failed-Recipients: {recipient}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; boundary="{boundary}"; report-type=delivery-status',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"Address not found: your message wasn't delivered to {recipient}.",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; googlemail.com",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.",
        "",
        f"--{boundary}",
        "Content-Type: message/rfc822",
        "",
    ]
    head = raw.partition(b"\r\n\r\n")[0]
    return "\r\n".join(lines).encode() + b"\r\n" + head + f"\r\n\r\n--{boundary}--\r\n".encode()


def with_message_id(raw: bytes, message_id: str) -> bytes:
    """The mail under another Message-ID, in the place of its own."""
    gap = b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n"
    head, _, body = raw.partition(gap)
    rest = _MESSAGE_ID.sub(b"", head + b"\n").rstrip(b"\r\n")
    return f"Message-ID: {message_id}\r\n".encode() + rest + gap + body
