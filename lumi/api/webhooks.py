"""Webhooks: the raw bytes go to channels, which alone know who posts and what it means."""

from collections.abc import Awaitable, Callable
from typing import cast
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from fastapi.routing import APIRoute

from lumi.api.inside import house_of
from lumi.core import auth
from lumi.core.problems import refusals
from lumi.modules.channels.public import (
    SHORT_PATHS,
    SignatureRefused,
    UnknownAccount,
    UnknownChannel,
    VerifyTokenRefused,
)


class RawRoute(APIRoute):
    """A route whose handler gets the request and the names in its path, and nothing else is looked at.

    There is nothing to validate or to depend on before the signature is checked, and this is the hottest path of
    the web process: what FastAPI does for a handler took half of the time of a webhook.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler itself."""
        endpoint: Callable[..., Awaitable[Response]] = self.endpoint

        async def handle(request: Request) -> Response:
            return await endpoint(request, **request.path_params)

        return handle


router = APIRouter(tags=["webhooks"], dependencies=[auth.public], route_class=RawRoute)

TAKEN = refusals(SignatureRefused, UnknownChannel, UnknownAccount)
ASKED = refusals(VerifyTokenRefused, UnknownChannel, UnknownAccount)


async def verify_webhook(request: Request) -> Response:
    """Answer a provider that asks whether this is our address."""
    return await _verify(request, _short_path(request), None)


async def take_webhook(request: Request) -> Response:
    """Take a provider's events: 200 means that they are committed."""
    return await _take(request, _short_path(request), None)


# Paths that name no channel; which one each stands for is the business of channels.
for _path in SHORT_PATHS:
    router.get(f"/{_path}", response_class=PlainTextResponse, responses=ASKED, operation_id=f"verify_{_path}")(
        verify_webhook
    )
    router.post(f"/{_path}", response_class=Response, responses=TAKEN, operation_id=f"take_{_path}")(take_webhook)


def _short_path(request: Request) -> str:
    return cast("APIRoute", request.scope["route"]).path.lstrip("/")


@router.get("/webhooks/{channel}", response_class=PlainTextResponse, responses=ASKED)
async def verify_channel_webhook(request: Request, channel: str) -> Response:
    """Answer a provider that asks whether this is our address."""
    return await _verify(request, channel, None)


@router.post("/webhooks/{channel}", response_class=Response, responses=TAKEN)
async def take_channel_webhook(request: Request, channel: str) -> Response:
    """Take events of any account of this channel; the signature says whose they are."""
    return await _take(request, channel, None)


@router.get("/webhooks/{channel}/{account}", response_class=PlainTextResponse, responses=ASKED)
async def verify_account_webhook(request: Request, channel: str, account: str) -> Response:
    """Answer a provider that asks whether this is the address of one account."""
    return await _verify(request, channel, _account(account))


@router.post("/webhooks/{channel}/{account}", response_class=Response, responses=TAKEN)
async def take_account_webhook(request: Request, channel: str, account: str) -> Response:
    """Take events of one account."""
    return await _take(request, channel, _account(account))


async def _take(request: Request, channel: str, account: UUID | None) -> Response:
    await house_of(request).receiver.receive(channel, account, request.headers, await request.body())
    return Response(status_code=200)


async def _verify(request: Request, channel: str, account: UUID | None) -> Response:
    answer = await house_of(request).receiver.challenge(channel, account, request.query_params)
    return PlainTextResponse(answer)


def _account(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownAccount from None
