"""Files over HTTP: those of the organisation of whoever asks, and the one a link leads to."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Request, status
from fastapi.responses import StreamingResponse

from lumi.core import auth
from lumi.core.multipart import NoFile
from lumi.core.problems import refusals
from lumi.core.uploads import file_in
from lumi.modules.files.deps import CurrentVault, FilesRead, FilesWrite, WhatIsAsked
from lumi.modules.files.errors import (
    BytesGone,
    EmptyFile,
    FileNotFound,
    FileTooLarge,
    Infected,
    KeyReused,
    LinkExpired,
    LinkNotFound,
    NoRoom,
    NoScanner,
    NotScanned,
    RangeNotSatisfiable,
    ScanFailed,
    TypeContradicted,
    TypeRefused,
)
from lumi.modules.files.schemas import BYTES, MULTIPART, FileRead, LinkCreate, LinkRead
from lumi.modules.files.services import serving

router = APIRouter(tags=["files"])
links = APIRouter(tags=["files"], dependencies=[auth.public])

CLOSED = (NotScanned, NoScanner, ScanFailed, Infected)
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
REFUSED = (NoFile, EmptyFile, FileTooLarge, TypeRefused, TypeContradicted, NoRoom, KeyReused)


@router.post("", status_code=status.HTTP_201_CREATED, responses=refusals(*REFUSED), openapi_extra=MULTIPART)
async def upload_file(ctx: FilesWrite, vault: CurrentVault, request: Request, idempotency_key: Key = None) -> FileRead:
    """Keep a file: image, recording, video, PDF, plain text, CSV, or office document.

    Its type is told by its bytes; a name or a declared type that says another one is refused.
    """
    sent = await file_in(request)
    file = await vault.store(ctx, name=sent.name, chunks=sent.chunks, declared=sent.declared, key=idempotency_key)
    return FileRead.of(file)


@router.get("/{file_id}", responses=refusals(FileNotFound))
async def get_file(ctx: FilesRead, vault: CurrentVault, file_id: UUID) -> FileRead:
    """What is known of a file, without its bytes."""
    return FileRead.of(await vault.get(ctx, file_id))


@router.post("/{file_id}/url", responses=refusals(FileNotFound, *CLOSED))
async def create_file_url(
    ctx: FilesRead, vault: CurrentVault, file_id: UUID, body: LinkCreate | None = None
) -> LinkRead:
    """A link under which anybody can have the file until it expires. Only of files that may be handed out."""
    return LinkRead.of(await vault.link(ctx, file_id, seconds=body.seconds if body else None))


@router.delete("/{file_id}", status_code=status.HTTP_204_NO_CONTENT, responses=refusals(FileNotFound))
async def delete_file(ctx: FilesWrite, vault: CurrentVault, file_id: UUID) -> None:
    """Let a file go: it cannot be had any more, by no link either, and its bytes are removed."""
    await vault.delete(ctx, file_id)


@links.get(
    "/{token}",
    responses={**BYTES, **refusals(LinkNotFound, LinkExpired, *CLOSED, BytesGone, RangeNotSatisfiable)},
    response_class=StreamingResponse,
)
async def open_file(
    vault: CurrentVault, token: Annotated[str, Path(max_length=200)], asked: WhatIsAsked
) -> StreamingResponse:
    """The file a link leads to, or the part that `Range` asks for. Pictures and recordings are shown in place."""
    served = await serving.serve(vault, token, asked)
    return StreamingResponse(served.chunks, served.status, served.headers)
