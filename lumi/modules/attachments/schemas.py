"""What travels over HTTP."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from lumi.modules.attachments.values import AttachmentState


class OutgoingFileRead(BaseModel):
    """A file that was attached to a conversation, to be sent with a reply."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    kind: str = Field(description="`image`, `audio`, `video` or `document`.")
    shown_as: str = Field(description="What the channel shows it as: a picture too large for one is a document.")
    mime: str
    size_bytes: int
    state: AttachmentState = Field(
        description="`waiting` while somebody looks at it, `ready` to be sent; `refused` for malware, `failed` when it "
        "could not be looked at."
    )
    why: str | None = Field(description="Why it cannot be sent.")
    message_id: UUID | None = Field(description="What it was sent with.")
