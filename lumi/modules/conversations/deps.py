"""What a handler of the conversations may ask for."""

from collections.abc import Callable
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request

from lumi.core.auth import allow
from lumi.core.context import Context
from lumi.modules.files import public as files

ConversationsRead = Annotated[Context, allow("conversations:read")]
ConversationsWrite = Annotated[Context, allow("conversations:write")]


async def _vault(request: Request) -> files.Vault:
    return cast("files.Vault", request.app.state.vault)


CurrentVault = Annotated[files.Vault, Depends(_vault)]


async def _links(vault: CurrentVault) -> Callable[[Context, UUID, str], str | None]:
    def url(ctx: Context, file_id: UUID, state: str) -> str | None:
        link = vault.passing(ctx.tenant_id, file_id, files.FileState(state))
        return link.url if link is not None else None

    return url


FileLinks = Annotated[Callable[[Context, UUID, str], str | None], Depends(_links)]
