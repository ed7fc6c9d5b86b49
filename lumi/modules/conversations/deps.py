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


async def _links(request: Request) -> Callable[[Context, UUID, str], str | None]:
    vault = cast("files.Vault", request.app.state.vault)
    return lambda ctx, file_id, state: vault.passing(ctx.tenant_id, file_id, files.FileState(state))


FileLinks = Annotated[Callable[[Context, UUID, str], str | None], Depends(_links)]
