"""A form with one file in it, as bytes."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

_MIME = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w.+-]+=[\w.+-]+)*", re.ASCII)
_ESCAPES = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way out. A type that is none is sent as unknown bytes."""

    name: str
    mime: str
    content: bytes = field(repr=False)


def form(fields: Mapping[str, str], key: str, file: Upload) -> tuple[bytes, str]:
    """The body and its content type; `key` is the field in which the file lies."""
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{_quoted(name)}"', "", value.encode()) for name, value in fields.items()]
    mime = file.mime if _MIME.fullmatch(file.mime) else "application/octet-stream"
    disposition = f'name="{_quoted(key)}"; filename="{_quoted(file.name)}"'
    parts.append(_part(boundary, disposition, f"Content-Type: {mime}\r\n", file.content))
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, disposition: str, headers: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n"
    return head.encode() + content + b"\r\n"


def _quoted(text: str) -> str:
    return text.encode("utf-8", "replace").decode().translate(_ESCAPES)
