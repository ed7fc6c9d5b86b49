"""What a handler of files may ask for."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Header, Request

from lumi.core.auth import allow
from lumi.core.context import Context
from lumi.modules.files.services.serving import Asked
from lumi.modules.files.services.vault import Vault

FilesRead = Annotated[Context, allow("files:read")]
FilesWrite = Annotated[Context, allow("files:write")]


async def _vault(request: Request) -> Vault:
    return cast("Vault", request.app.state.vault)


async def _asked(
    range: Annotated[str | None, Header(max_length=200)] = None,
    if_none_match: Annotated[str | None, Header(max_length=500)] = None,
    if_range: Annotated[str | None, Header(max_length=200)] = None,
) -> Asked:
    return Asked(range, if_none_match, if_range)


CurrentVault = Annotated[Vault, Depends(_vault)]
WhatIsAsked = Annotated[Asked, Depends(_asked)]
