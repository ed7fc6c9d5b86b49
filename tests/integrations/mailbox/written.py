"""Mails as people write them, byte by byte."""

from __future__ import annotations

from email.message import EmailMessage

from tests.integrations.mailbox.dovecot import ACCOUNT

PERSON = "ann@example.org"


def mail(subject: str, text: str = "Bonjour") -> bytes:
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = PERSON, ACCOUNT, subject
    written.set_content(text)
    return written.as_bytes().replace(b"\n", b"\r\n")


def bare(headers: str, body: bytes = b"") -> bytes:
    return headers.replace("\n", "\r\n").encode() + b"\r\n" + body
