"""The files the twin keeps: each has an id for as long as it is kept, and an address for five minutes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from lumi.core import clock
from lumi.integrations.whatsapp.outgoing import MediaKind

PLACE = "/whatsapp_business/attachments/"
_MOST_FILES = 2_000
_MOST_BYTES = 512 << 20

_OPUS, _FIRST_PAGE_BYTES = b"OpusHead", 64

MIMES = {
    "audio/aac": (MediaKind.AUDIO, 16 << 20),
    "audio/amr": (MediaKind.AUDIO, 16 << 20),
    "audio/mp4": (MediaKind.AUDIO, 16 << 20),
    "audio/mpeg": (MediaKind.AUDIO, 16 << 20),
    "audio/ogg": (MediaKind.AUDIO, 16 << 20),
    "audio/opus": (MediaKind.AUDIO, 16 << 20),
    "image/jpeg": (MediaKind.IMAGE, 5 << 20),
    "image/png": (MediaKind.IMAGE, 5 << 20),
    "image/webp": (MediaKind.STICKER, 500 << 10),
    "video/3gpp": (MediaKind.VIDEO, 16 << 20),
    "video/mp4": (MediaKind.VIDEO, 16 << 20),
} | {
    f"application/{name}": (MediaKind.DOCUMENT, 100 << 20)
    for name in (
        "msword",
        "pdf",
        "vnd.ms-excel",
        "vnd.ms-powerpoint",
        "vnd.openxmlformats-officedocument.presentationml.presentation",
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "vnd.openxmlformats-officedocument.wordprocessingml.document",
    )
}
MIMES["text/plain"] = (MediaKind.DOCUMENT, 100 << 20)


@dataclass(frozen=True, slots=True)
class File:
    """One file of one number; `mime` may have a parameter."""

    id: str
    number: str
    mime: str
    content: bytes

    @property
    def digest(self) -> bytes:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.content).digest()

    @property
    def kind(self) -> MediaKind | None:
        """As what it may be sent; every file may be a document."""
        found = MIMES.get(plain(self.mime))
        return found[0] if found else None

    def is_sent_as(self, kind: str) -> bool:
        """Whether a message of this kind may have it: every file may be a document, and of Ogg only Opus be heard."""
        if kind == MediaKind.DOCUMENT:
            return True
        return kind == self.kind and (plain(self.mime) != "audio/ogg" or _OPUS in self.content[:_FIRST_PAGE_BYTES])

    def reference(self, url: str) -> dict[str, object]:
        """As a person's message names it."""
        sha256 = base64.b64encode(self.digest).decode()
        return {"mime_type": self.mime, "sha256": sha256, "id": self.id, "url": url}

    def description(self, url: str) -> dict[str, object]:
        """As the Graph API names it."""
        return {
            "messaging_product": "whatsapp",
            "url": url,
            "mime_type": self.mime,
            "sha256": self.digest.hex(),
            "file_size": len(self.content),
            "id": self.id,
        }


class Files:
    """All files by id; the oldest make room beyond 2,000 files or half a gigabyte."""

    def __init__(self) -> None:
        self._kept: dict[str, File] = {}
        self._bytes = 0
        self._key = secrets.token_bytes(16)

    def keep(self, number: str, mime: str, content: bytes) -> File:
        """A file with an id of its own."""
        file = File(f"{secrets.randbelow(9 * 10**14) + 10**14}", number, mime, content)
        self._kept[file.id] = file
        self._bytes += len(content)
        while len(self._kept) > _MOST_FILES or (self._bytes > _MOST_BYTES and len(self._kept) > 1):
            self.forget(next(iter(self._kept)))
        return file

    def find(self, file_id: str) -> File | None:
        """The file with this id, while it is kept."""
        return self._kept.get(file_id)

    def forget(self, file_id: str) -> None:
        """Keep it no longer."""
        self._bytes -= len(self._kept.pop(file_id).content)

    def address(self, base: str, file: File, source: str, seconds: float) -> str:
        """Where the file is fetched from within so many seconds."""
        ends = str(int(clock.now().timestamp() + seconds))
        query = {"mid": file.id, "source": source, "ext": ends, "hash": self._proof(file.id, ends)}
        return f"{base}{PLACE}?{urlencode(query)}"

    def at(self, query: Mapping[str, str]) -> File | None:
        """The file an address speaks of; None when it is over, changed, or for nothing."""
        file_id, ends = query.get("mid", ""), query.get("ext", "")
        proved = hmac.compare_digest(query.get("hash", "").encode(), self._proof(file_id, ends).encode())
        if not proved or int(ends) <= clock.now().timestamp():
            return None
        return self.find(file_id)

    def _proof(self, file_id: str, ends: str) -> str:
        return hmac.digest(self._key, f"{file_id} {ends}".encode(), "sha256").hex()[:32]


def plain(mime: str) -> str:
    """The type without its parameter."""
    return mime.partition(";")[0].strip().lower()
