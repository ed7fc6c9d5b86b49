"""The files that went over the line, for as long as there is room."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from lumi.integrations.telegram.shapes import MessageType

LARGEST_DOWNLOAD_BYTES = 20 << 20
_ROOM_BYTES = 256 << 20
# Where files of a kind lie, their usual ending, and how their ids begin.
_PLACES: Mapping[MessageType, tuple[str, str, str]] = {
    MessageType.VOICE: ("voice", ".oga", "AwACAgIA"),
    MessageType.AUDIO: ("music", ".mp3", "CQACAgIA"),
    MessageType.PHOTO: ("photos", ".jpg", "AgACAgIA"),
    MessageType.VIDEO: ("videos", ".mp4", "BAACAgIA"),
    MessageType.VIDEO_NOTE: ("video_notes", ".mp4", "DQACAgIA"),
    MessageType.ANIMATION: ("animations", ".mp4", "CgACAgIA"),
    MessageType.STICKER: ("stickers", ".webp", "CAACAgIA"),
    MessageType.DOCUMENT: ("documents", "", "BQACAgIA"),
}


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as `getFile` names it; `path` is where it can be downloaded."""

    id: str
    unique_id: str
    path: str
    content: bytes

    @property
    def described(self) -> dict[str, object]:
        """As it stands in a message."""
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": len(self.content)}


class Files:
    """Beyond `room` bytes the oldest make room."""

    def __init__(self, room: int = _ROOM_BYTES) -> None:
        self._room = room
        self._by_id: dict[str, KeptFile] = {}
        self._by_path: dict[str, KeptFile] = {}
        self._bytes = 0
        self._count = 0

    def keep(self, kind: MessageType, content: bytes, name: str = "") -> KeptFile:
        """Give the file its ids and its place."""
        folder, ending, prefix = _PLACES.get(kind, _PLACES[MessageType.DOCUMENT])
        path = f"{folder}/file_{self._count}{ending or PurePosixPath(name).suffix}"
        kept = KeptFile(prefix + secrets.token_urlsafe(48), "AgAD" + secrets.token_urlsafe(9), path, content)
        self._count += 1
        self._by_id[kept.id] = self._by_path[path] = kept
        self._bytes += len(content)
        while self._bytes > self._room and len(self._by_id) > 1:
            oldest = self._by_id.pop(next(iter(self._by_id)))
            del self._by_path[oldest.path]
            self._bytes -= len(oldest.content)
        return kept

    def find(self, file_id: str) -> KeptFile | None:
        """The file with this id, while it is kept."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> KeptFile | None:
        """The file at this place, while it is kept."""
        return self._by_path.get(path)
