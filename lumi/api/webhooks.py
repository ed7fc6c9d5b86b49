"""Webhooks: the raw bytes go to channels, which alone know who posts and what it means."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from lumi.api.house import House, Inside
from lumi.core import auth
from lumi.modules.channels.public import UnknownAccount

router = APIRouter(tags=["webhooks"], dependencies=[auth.public])

# The path that names no channel; which one it stands for is the business of channels.
SHORT_PATH = "webhook"


@router.get("/webhook", response_class=PlainTextResponse)
async def verify_webhook(request: Request, house: Inside) -> str:
    """Answer a provider that asks whether this is our address."""
    return await house.receiver.challenge(SHORT_PATH, None, request.query_params)


@router.post("/webhook", status_code=200)
async def take_webhook(request: Request, house: Inside) -> Response:
    """Take a provider's events: 200 means that they are committed."""
    return await _take(request, house, SHORT_PATH, None)


@router.get("/webhooks/{channel}", response_class=PlainTextResponse)
async def verify_channel_webhook(request: Request, house: Inside, channel: str) -> str:
    """Answer a provider that asks whether this is our address."""
    return await house.receiver.challenge(channel, None, request.query_params)


@router.post("/webhooks/{channel}", status_code=200)
async def take_channel_webhook(request: Request, house: Inside, channel: str) -> Response:
    """Take events of any account of this channel; the signature says whose they are."""
    return await _take(request, house, channel, None)


@router.get("/webhooks/{channel}/{account}", response_class=PlainTextResponse)
async def verify_account_webhook(request: Request, house: Inside, channel: str, account: str) -> str:
    """Answer a provider that asks whether this is the address of one account."""
    return await house.receiver.challenge(channel, _account(account), request.query_params)


@router.post("/webhooks/{channel}/{account}", status_code=200)
async def take_account_webhook(request: Request, house: Inside, channel: str, account: str) -> Response:
    """Take events of one account."""
    return await _take(request, house, channel, _account(account))


async def _take(request: Request, house: House, channel: str, account: UUID | None) -> Response:
    await house.receiver.receive(channel, account, request.headers, await request.body())
    return Response(status_code=200)


def _account(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownAccount from None
