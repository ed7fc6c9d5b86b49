"""What a handler of files may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Header, Request
from starlette.requests import ClientDisconnect

from lumi.core import multipart
from lumi.core.auth import allow
from lumi.core.context import Context
from lumi.core.errors import Malformed
from lumi.core.multipart import Incoming
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


async def file_in(request: Request) -> Incoming:
    """The file of the body, on its way: called by a handler once it is known who asks, so that strangers send nothing.

    Raises NoFile and Malformed.
    """
    return await multipart.incoming(request.headers.get("content-type", ""), _stream(request))


async def _stream(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise Malformed("The body breaks off.") from None
