"""What Instagram and Messenger people send: named in the payload, and fetched from where it may be alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import cast
from uuid import uuid4

import orjson
import pytest
from aiohttp import web

from lumi.core.http import Http, Rejected
from lumi.core.http.addresses import NotPublic
from lumi.modules.channels.public import Account, Channel, Media, MediaTooLarge, MessengerAdapter
from tests.integrations.listening import serving


@pytest.fixture
async def server() -> AsyncGenerator[str]:
    """Where calls go, and a file lies."""

    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=b"picture")

    async with serving(show) as url:
        yield url


def account(base: str) -> Account:
    return Account(uuid4(), uuid4(), Channel.MESSENGER, "1", "Page", "token", {"api_base": base})


def media(url: str) -> Media:
    return Media("image", {"url": url})


async def test_it_is_fetched_whole_and_not_beyond_what_is_taken(server: str) -> None:
    async with Http() as http:
        adapter = MessengerAdapter(http, api_base=server, version="v24.0")

        assert await adapter.fetch_media(account(server), media(f"{server}/file"), most_bytes=7) == b"picture"
        with pytest.raises(MediaTooLarge):
            await adapter.fetch_media(account(server), media(f"{server}/file"), most_bytes=6)


async def test_nobody_makes_us_knock_at_a_door_behind_our_own(server: str) -> None:
    async with Http() as http:
        adapter = MessengerAdapter(http, api_base="https://graph.example", version="v24.0")

        with pytest.raises(NotPublic):
            await adapter.fetch_media(account("https://graph.example"), media("https://127.0.0.1/file"), most_bytes=7)


@pytest.mark.parametrize(
    "url", ["foo", "", "data:image/png;base64,AAAA", "https://", "//cdn.example/a", "https://[::1"]
)
async def test_what_is_no_web_address_is_refused_and_breaks_nothing(url: str) -> None:
    async with Http() as http:
        adapter = MessengerAdapter(http, api_base="https://graph.example", version="v24.0")

        with pytest.raises(Rejected):
            await adapter.fetch_media(account("https://graph.example"), media(url), most_bytes=7)


def test_every_file_of_a_message_is_named_in_its_payload_and_a_place_is_none() -> None:
    attachments = [
        {"type": "image", "payload": {"url": "https://cdn.example/a.jpg"}},
        {"type": "audio", "payload": {"url": "https://cdn.example/b.mp4"}},
        {"type": "location", "payload": {"coordinates": {"lat": 1.0, "long": 2.0}}},
    ]
    item = {
        "sender": {"id": "7"}, "recipient": {"id": "1"}, "timestamp": 1790000000000,
        "message": {"mid": "m_1", "attachments": attachments},
    }  # fmt: skip
    body = {"object": "page", "entry": [{"id": "1", "time": 1790000000000, "messaging": [item]}]}

    (said,) = (
        MessengerAdapter(Http(), api_base="https://graph.example", version="v24.0").parse(orjson.dumps(body)).inbound
    )

    found = cast("list[dict[str, object]]", said.payload["media"])
    assert [(each["kind"], each["voice"], each["reference"]) for each in found] == [
        ("image", False, {"url": "https://cdn.example/a.jpg"}),
        ("audio", True, {"url": "https://cdn.example/b.mp4"}),
    ]
