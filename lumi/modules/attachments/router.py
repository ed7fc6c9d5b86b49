"""Files that staff send, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, status

from lumi.core.errors import NotFound
from lumi.core.multipart import NoFile
from lumi.core.problems import refusals
from lumi.core.uploads import file_in
from lumi.modules.attachments import public as attachments
from lumi.modules.attachments.deps import ConversationsRead, ConversationsWrite, CurrentVault
from lumi.modules.attachments.errors import AttachmentNotFound, AttachmentSent
from lumi.modules.attachments.schemas import OutgoingFileRead
from lumi.modules.channels import public as channels
from lumi.modules.files import public as files

router = APIRouter(tags=["conversations"])

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
MULTIPART = files.MULTIPART
REFUSED = (NoFile, files.NoScanner, *files.REFUSED, *channels.FILE_REFUSALS)


@router.post(
    "/{conversation_id}/attachments", status_code=status.HTTP_201_CREATED,
    responses=refusals(NotFound, *REFUSED), openapi_extra=MULTIPART,
)  # fmt: skip
async def attach_file(
    ctx: ConversationsWrite, vault: CurrentVault, conversation_id: UUID, request: Request, idempotency_key: Key = None
) -> OutgoingFileRead:
    """Attach a file to a conversation, to be sent with a reply within a day.

    What this channel does not take, or not now, is refused here: by type, by size, or because this person has not
    written for too long.
    """
    sent = await file_in(request)
    kept = await attachments.attach(vault, ctx, conversation_id, sent, key=idempotency_key)
    return OutgoingFileRead.model_validate(kept)


@router.get("/{conversation_id}/attachments/{attachment_id}", responses=refusals(AttachmentNotFound))
async def get_attached_file(ctx: ConversationsRead, conversation_id: UUID, attachment_id: UUID) -> OutgoingFileRead:
    """A file that was attached, and whether it can be sent by now."""
    return OutgoingFileRead.model_validate(await attachments.get_ours(ctx, conversation_id, attachment_id))


@router.delete(
    "/{conversation_id}/attachments/{attachment_id}", status_code=status.HTTP_204_NO_CONTENT,
    responses=refusals(AttachmentNotFound, AttachmentSent),
)  # fmt: skip
async def take_back_file(ctx: ConversationsWrite, conversation_id: UUID, attachment_id: UUID) -> None:
    """Let a file go that was attached and has not been sent."""
    await attachments.take_back(ctx, conversation_id, attachment_id)
