"""A form with one file in it, as bytes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

_MIME = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*(?:;\s?[\w.+-]+=[\w.+-]+)*", re.ASCII)
# What a quoted name may not hold, written as browsers write it.
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A", "\0": "%00"})


def form_with_file(fields: Mapping[str, str], filename: str, mime: str, content: bytes) -> tuple[bytes, str]:
    """The form's bytes and their own type; ValueError when `mime` is none.

    `fields` are ours and stand there as they are.
    """
    if not _MIME.fullmatch(mime):
        raise ValueError("a type is such as audio/ogg")
    boundary = f"lumi-{secrets.token_hex(16)}"
    lines: list[str] = []
    for name, value in fields.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value]
    shown = filename.translate(_ESCAPES)
    lines += [
        f"--{boundary}",
        f'Content-Disposition: form-data; name="file"; filename="{shown}"',
        f"Content-Type: {mime}",
        "",
        "",
    ]
    head = "\r\n".join(lines).encode("utf-8", "replace")
    return head + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
