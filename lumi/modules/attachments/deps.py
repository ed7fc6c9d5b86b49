"""What a handler of attachments may ask for."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from lumi.core.auth import allow
from lumi.core.context import Context
from lumi.modules.files import public as files

ConversationsRead = Annotated[Context, allow("conversations:read")]
ConversationsWrite = Annotated[Context, allow("conversations:write")]


async def _vault(request: Request) -> files.Vault:
    return cast("files.Vault", request.app.state.vault)


CurrentVault = Annotated[files.Vault, Depends(_vault)]
