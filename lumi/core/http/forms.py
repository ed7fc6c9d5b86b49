"""Forms with one file in them, as bytes: how files are uploaded."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lumi.core.http.answers import Framed

_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*(?:;\s?[\w.+-]+=[\w.+-]+)*", re.ASCII)
# What a quoted name may not hold, written as browsers write it.
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A", "\0": "%00"})
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way out, in memory or where it lies. A type that is none is sent as unknown bytes."""

    name: str
    mime: str
    content: bytes | Path = field(repr=False)


def size_of(content: bytes | Path) -> int:
    """How many bytes a file has."""
    return content.stat().st_size if isinstance(content, Path) else len(content)


def is_type(mime: str) -> bool:
    """Whether this is a media type such as audio/ogg, with or without parameters."""
    return _TYPE.fullmatch(mime) is not None


def form(fields: Mapping[str, str], file: Upload, *, key: str = "file") -> tuple[bytes | Framed, str]:
    """The body of multipart/form-data and its content type; `key` is the field in which the file lies."""
    boundary = secrets.token_hex(16)
    parts = [_part(boundary, f'name="{_quoted(name)}"', "", value.encode()) for name, value in fields.items()]
    mime = file.mime if is_type(file.mime) else _UNKNOWN_TYPE
    disposition = f'name="{_quoted(key)}"; filename="{_quoted(file.name)}"'
    before = b"".join([*parts, _head(boundary, disposition, f"Content-Type: {mime}\r\n")])
    after = f"\r\n--{boundary}--\r\n".encode()
    content = file.content
    body = Framed(before, content, after) if isinstance(content, Path) else before + content + after
    return body, f"multipart/form-data; boundary={boundary}"


def _part(boundary: str, disposition: str, headers: str, content: bytes) -> bytes:
    return _head(boundary, disposition, headers) + content + b"\r\n"


def _head(boundary: str, disposition: str, headers: str) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n".encode()


def _quoted(text: str) -> str:
    return text.encode("utf-8", "replace").decode().translate(_ESCAPES)
