"""The parts of a mail: which of them are its words, and which are files."""

from __future__ import annotations

import re
from email.message import Message
from functools import partial
from typing import TYPE_CHECKING, cast

from lumi.integrations.mail.charsets import decoded
from lumi.integrations.mail.headers import BROKEN, in_words
from lumi.integrations.mail.html_text import text_of_html
from lumi.integrations.mail.shapes import Attachment

if TYPE_CHECKING:
    Part = Message[str, str]
else:
    Part = Message

MOST_FILES = 200
_DEEPEST = 40
_LONGEST_BODY_BYTES = 4 << 20
_LONGEST_FILE_NAME = 200
_WORDS = frozenset({"text/plain", "text/html", "text/enriched"})
_MIME = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


def text_and_files(message: Part) -> tuple[str, list[Part]]:
    """The words of a mail, of alternatives the plain one, and the parts that are files."""
    files: list[Part] = []
    return _text_in(message, files, 0), files[:MOST_FILES]


def attachment(part: Part) -> Attachment:
    """The file in this part."""
    shown = _disposition(part) == "inline" or (part.get("Content-ID") is not None and not _is_attached(part))
    return Attachment(file_name(part), mime_of(part), len(content_of(part)), shown, partial(content_of, part))


def mime_of(part: Part) -> str:
    """The kind of a part, in lower case; what is no kind is `application/octet-stream`."""
    try:
        found = part.get_content_type()
    except BROKEN:
        found = ""
    return found if _MIME.fullmatch(found) else "application/octet-stream"


def content_of(part: Part) -> bytes:
    """The decoded bytes of a part; of a mail inside a mail, that mail whole."""
    try:
        inner = children(part)
        if inner:
            return b"\r\n".join(each.as_bytes() for each in inner)
        payload: object = part.get_payload(decode=True)
    except BROKEN:
        return b""
    return payload if isinstance(payload, bytes) else b""


def children(part: Part) -> list[Part]:
    """The parts inside this one."""
    if not part.is_multipart():  # without parts, get_payload would decode a text by whatever charset it names
        return []
    return [cast("Part", each) for each in cast("list[object]", part.get_payload()) if isinstance(each, Message)]


def file_name(part: Part) -> str | None:
    """The name the sender gave the file, without folders; None when there is none."""
    try:
        found = part.get_filename() or ""
    except BROKEN:
        found = ""
    name = re.split(r"[/\\]", in_words(found))[-1].strip(". ")
    return name[-_LONGEST_FILE_NAME:] or None


def _text_in(part: Part, files: list[Part], depth: int) -> str:
    """The words in this part; the files in it go to `files`."""
    kind, inner = mime_of(part), children(part)
    if depth > _DEEPEST or kind.startswith("message/"):
        files.append(part)
        return ""
    if inner:
        return _text_in_several(kind, inner, files, depth)
    is_text = kind in _WORDS or kind.startswith("multipart/") or (depth == 0 and not _is_attached(part))
    named = file_name(part) is not None and depth > 0
    if not is_text or _is_attached(part) or (named and _disposition(part) != ""):
        files.append(part)
        return ""
    return _words_of(part, kind)


def _text_in_several(kind: str, inner: list[Part], files: list[Part], depth: int) -> str:
    texts = [_text_in(each, files, depth + 1) for each in inner]
    if kind == "multipart/alternative":
        plain = [text for each, text in zip(inner, texts, strict=True) if mime_of(each) == "text/plain"]
        filled = [text for text in (*plain, *reversed(texts)) if text.strip()]
        return next(iter(filled), "")
    return "\n\n".join(text for text in texts if text.strip())


def _words_of(part: Part, kind: str) -> str:
    text = decoded(content_of(part)[:_LONGEST_BODY_BYTES], _param(part, "charset"))
    if kind == "text/html":
        return text_of_html(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _param(part, "format").lower() == "flowed":
        return _unflowed(text, joined=_param(part, "delsp").lower() == "yes")
    return text


def _unflowed(text: str, *, joined: bool) -> str:
    """Lines that end in a space go on in the next one (RFC 3676), unless the next is quoted otherwise."""
    lines: list[list[str]] = []
    open_quote: str | None = None
    for line in text.split("\n"):
        words = line.lstrip(">")
        quote = line[: len(line) - len(words)]
        words = words.removeprefix(" ")
        if open_quote != quote or words == "-- ":
            lines.append([f"{quote} "] if quote else [])
        goes_on = words.endswith(" ") and words != "-- "
        lines[-1].append(words[:-1] if goes_on and joined else words)
        open_quote = quote if goes_on else None
    return "\n".join("".join(each) for each in lines)


def _param(part: Part, name: str) -> str:
    try:
        found: object = part.get_param(name)
    except BROKEN:
        return ""
    if isinstance(found, tuple):
        found = cast("tuple[object, ...]", found)[-1]
    return found if isinstance(found, str) else ""


def _disposition(part: Part) -> str:
    try:
        return str(part.get_content_disposition() or "")
    except BROKEN:
        return ""


def _is_attached(part: Part) -> bool:
    return _disposition(part) == "attachment"
