"""Mails as people and machines write them, with values of our own."""

from lumi.integrations.mail.reader import read
from lumi.integrations.mail.shapes import Mail

HEAD = {
    "From": "Anaïs Martin <anais@guest.example>",
    "To": "Salon <salon@lumi.example>",
    "Subject": "Rendez-vous",
    "Date": "Fri, 20 Nov 2026 10:33:00 +0100",
    "Message-ID": "<first@guest.example>",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
}


def letter(body: str | bytes = "Bonjour", **headers: str | None) -> bytes:
    """The bytes of a mail; a header's underscores are hyphens, None leaves it out."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    known = {key.lower(): key for key in HEAD}
    whole: dict[str, str | None] = {**HEAD, **{known.get(key.lower(), key): value for key, value in named.items()}}
    lines = [f"{key}: {value}" for key, value in whole.items() if value is not None]
    content = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def read_letter(body: str | bytes = "Bonjour", **headers: str | None) -> Mail:
    return read(letter(body, **headers))


def several(kind: str, *parts: str | bytes) -> tuple[bytes, str]:
    """A multipart body of these parts, and its Content-Type."""
    encoded = [each if isinstance(each, bytes) else each.encode() for each in parts]
    return b"".join(b"--b1\r\n" + each + b"\r\n" for each in encoded) + b"--b1--\r\n", f"{kind}; boundary=b1"


def part(body: str, kind: str = "text/plain; charset=utf-8", **headers: str) -> str:
    lines = [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    return "\r\n".join([f"Content-Type: {kind}", *lines]) + "\r\n\r\n" + body
