"""What travels over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from lumi.modules.files.values import FileKind, FileState, Link, StoredFile

MULTIPART: dict[str, object] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
BYTES: dict[int | str, dict[str, object]] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The part that `Range` asked for."},
    304: {"description": "What the browser has is still the file."},
}


class FileRead(BaseModel):
    """What is known of a file."""

    id: UUID
    name: str
    kind: FileKind
    mime: str = Field(description="The type, told by the bytes.")
    size_bytes: int
    sha256: str
    state: FileState = Field(
        description="`clean` can be had. `pending` waits for the scanner, `failed` could not be looked at, `infected` "
        "is gone. `unscanned`: the installation has no scanner, and `SCANNER` says whether it can be had all the same."
    )
    note: str | None = Field(description="What was found in an infected file, or why looking failed.")
    created_at: datetime
    scanned_at: datetime | None

    @classmethod
    def of(cls, file: StoredFile) -> FileRead:
        """What is shown of a file."""
        return cls(
            id=file.id, name=file.name, kind=file.kind, mime=file.mime, size_bytes=file.size_bytes,
            sha256=file.sha256.hex(), state=file.state, note=file.note, created_at=file.created_at,
            scanned_at=file.scanned_at,
        )  # fmt: skip


class LinkCreate(BaseModel):
    """For how long a link is to be good."""

    model_config = ConfigDict(extra="forbid")

    seconds: int | None = Field(None, ge=1, le=7 * 24 * 3600, description="As `FILE_URL_SECONDS` says when left out.")


class LinkRead(BaseModel):
    """A link under which anybody can have the file until it expires."""

    url: str
    expires_at: datetime

    @classmethod
    def of(cls, link: Link) -> LinkRead:
        """What is shown of a link."""
        return cls(url=link.url, expires_at=link.expires_at)
