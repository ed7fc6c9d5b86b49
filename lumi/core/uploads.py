"""The file that a request brings."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from lumi.core import multipart
from lumi.core.errors import Malformed
from lumi.core.multipart import Incoming


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
