"""Files to and from WhatsApp, in its two steps: an id first, then the bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from lumi.core.http import Rejected, Unavailable
from lumi.core.http.answers import MAX_ANSWER_BYTES
from lumi.core.http.forms import Upload, form, is_type, size_of
from lumi.core.outside_json import as_text
from lumi.integrations.whatsapp.calls import GraphCalls, object_in, refused_here, unanswered
from lumi.integrations.whatsapp.errors import MEDIA_DOWNLOAD, MEDIA_UPLOAD, TooLarge
from lumi.integrations.whatsapp.identity import identifier
from lumi.integrations.whatsapp.media_address import may_fetch

MEGABYTE = 1 << 20
LARGEST_IMAGE = 5 * MEGABYTE
LARGEST_AUDIO = 16 * MEGABYTE
LARGEST_VIDEO = 16 * MEGABYTE
LARGEST_STICKER = 500 * 1024
LARGEST_DOCUMENT = 100 * MEGABYTE
LARGEST_VOICE_NOTE = 512 * 1024
"""A voice note beyond it is shown as a file to download."""
TRANSFER_SECONDS = 60.0

_NOT_FOUND = 404
# Downloads come from other servers than calls: when those are gone, messages still leave.
_DOWNLOADS = " downloads"


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Where a file lies for five minutes, and what WhatsApp says it is. Size in bytes."""

    id: str
    url: str
    mime: str
    sha256: str | None
    size: int | None


class MediaCalls(GraphCalls):
    """Uploads, descriptions, downloads and removals of files."""

    async def upload_media(self, content: bytes | Path, mime: str, filename: str) -> str:
        """The media id of this file, good for 30 days of sending. One that is lost on the way costs nothing."""
        largest = largest_upload(mime)
        size = size_of(content)
        if not 0 < size <= largest:
            raise TooLarge(size, largest) if size else refused_here("the file is empty", MEDIA_UPLOAD)
        if not is_type(mime):
            raise refused_here("a type is such as audio/ogg", MEDIA_UPLOAD)
        body, form_mime = form({"messaging_product": "whatsapp", "type": mime}, Upload(filename, mime, content))
        url = f"{self._number_url}/media"
        answer = await self._call_harmless("POST", url, data=body, mime=form_mime, timeout=TRANSFER_SECONDS)
        media_id = identifier(object_in(answer).get("id"))
        if media_id is None:
            raise unanswered("it answered without a media id", answer.status, answer.body)
        return media_id

    async def describe_media(self, media_id: str) -> MediaInfo:
        """Where this file lies now; a refusal when it is not this number's, or older than WhatsApp keeps it."""
        url = self._object_url(media_id, f"?phone_number_id={self._phone_number_id}")
        answer = await self._call("GET", url, repeatable=True)
        found = object_in(answer)
        place = as_text(found.get("url"))
        if not place:
            raise unanswered("it answered without an address", answer.status, answer.body)
        size = identifier(found.get("file_size")) or ""
        return MediaInfo(
            media_id,
            place,
            as_text(found.get("mime_type")) or "application/octet-stream",
            as_text(found.get("sha256")),
            int(size) if size.isdecimal() and size.isascii() else None,
        )

    async def download_media(
        self, url: str | None, limit_bytes: int, sha256: str | None = None, *, media_id: str | None = None
    ) -> bytes:
        """The file at this address, which is Meta's or the configured server's, at most `limit_bytes` of it.

        With a `media_id` an address that is missing, dead or breaks off is replaced by a fresh one, once.
        `sha256`, in hex or base64, must be that of what came; a text that is neither checks nothing. Raises
        TooLarge by the size announced, or by what came; Unavailable when it came damaged.
        """
        if url is not None:
            try:
                return await self._fetch(url, limit_bytes, sha256)
            except (Rejected, Unavailable) as failure:
                if media_id is None or (isinstance(failure, Rejected) and failure.status != _NOT_FOUND):
                    raise
        if media_id is None:
            raise refused_here("there is neither an address nor a media id", MEDIA_DOWNLOAD)
        fresh = await self.describe_media(media_id)
        largest = min(limit_bytes, MAX_ANSWER_BYTES)
        if fresh.size is not None and fresh.size > largest:
            raise TooLarge(fresh.size, largest)
        return await self._fetch(fresh.url, limit_bytes, sha256 or fresh.sha256)

    async def delete_media(self, media_id: str) -> None:
        """Have WhatsApp forget a file."""
        await self._call_harmless("DELETE", self._object_url(media_id))

    async def _fetch(self, url: str, limit_bytes: int, sha256: str | None) -> bytes:
        if not may_fetch(url, self._base):
            raise refused_here("the address of the file is not Meta's", MEDIA_DOWNLOAD)
        answer = await self._call_harmless("GET", url, timeout=TRANSFER_SECONDS, part=_DOWNLOADS)
        if len(answer.body) > limit_bytes:
            raise TooLarge(len(answer.body), limit_bytes)
        expected = digest_of(sha256)
        if expected is not None and not hmac.compare_digest(hashlib.sha256(answer.body).digest(), expected):
            raise unanswered("the file is not the one that was announced", answer.status)
        return answer.body


def largest_upload(mime: str) -> int:
    """How many bytes a file of this type may have."""
    plain = mime.partition(";")[0].strip().lower()
    if plain == "image/webp":
        return LARGEST_STICKER
    sizes = {"image": LARGEST_IMAGE, "audio": LARGEST_AUDIO, "video": LARGEST_VIDEO}
    return sizes.get(plain.partition("/")[0], LARGEST_DOCUMENT)


def digest_of(sha256: str | None) -> bytes | None:
    """The bytes of a SHA-256 in hex (as files are described) or base64 (as webhooks say it); None for others."""
    if sha256 is None:
        return None
    try:
        found = bytes.fromhex(sha256) if len(sha256) == 64 else base64.b64decode(sha256, validate=True)
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == hashlib.sha256().digest_size else None
