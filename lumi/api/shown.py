"""What a visitor is shown of a message: its words, and its files with links that live for some hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lumi.core.clock import now
from lumi.modules.attachments.public import AttachmentState
from lumi.modules.conversations.public import AttachedFile, Entry
from lumi.modules.files import public as files


@dataclass(frozen=True, slots=True)
class Shown:
    """What one organisation's visitors are shown."""

    tenant_id: UUID
    vault: files.Vault

    def message(self, entry: Entry) -> Mapping[str, object]:
        """The frame of a message."""
        return {
            "type": "message", "n": entry.n, "id": entry.id, "author": entry.author, "author_name": entry.author_name,
            "client_id": entry.client_id.rpartition("/")[2] if entry.client_id else None,
            "text": entry.text, "lang": entry.lang, "handover": entry.handover, "at": entry.at,
            "sources": [{"id": s.id, "title": s.title, "url": s.url, "lang": s.lang} for s in entry.sources],
            "files": self._files(entry),
        }  # fmt: skip

    def files(self, entry: Entry) -> Mapping[str, object]:
        """The frame of a message's files alone, asked for when links have run out."""
        return {"type": "files", "n": entry.n, "files": self._files(entry)}

    def _files(self, entry: Entry) -> list[Mapping[str, object]]:
        return [self._file(each) for each in entry.attachments if each.state != AttachmentState.REMOVED]

    def _file(self, file: AttachedFile) -> Mapping[str, object]:
        link = self._link(file)
        return {
            "id": file.id, "name": file.name, "kind": file.kind, "mime": file.mime, "size_bytes": file.size_bytes,
            "state": file.state, "url": link.url if link else None,
            "expires_in": int((link.expires_at - now()).total_seconds()) if link else None,
        }  # fmt: skip

    def _link(self, file: AttachedFile) -> files.Link | None:
        """Nothing that is not handed out has one, nor what was found wanting since it was sent."""
        if file.file_id is None or file.file_state is None:
            return None
        return self.vault.passing(self.tenant_id, file.file_id, files.FileState(file.file_state))
