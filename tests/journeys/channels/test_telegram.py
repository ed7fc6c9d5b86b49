"""What holds for Telegram: albums, and people who block the bot."""

from __future__ import annotations

import asyncio
import base64

import pytest

from lumi.modules.channels.public import Channel
from tests.journeys.channels.conftest import Dialogue

pytestmark = [
    pytest.mark.usefixtures("worker"),
    pytest.mark.parametrize("dialogue", [Channel.TELEGRAM], indirect=True, ids=str),
]
PIXEL = base64.b64encode(b"\xff\xd8\xff\xe0 a photo").decode()


async def test_an_album_that_comes_photo_by_photo_is_answered_once(dialogue: Dialogue) -> None:
    for _ in range(4):
        photo = {"from": dialogue.provider.person, "type": "photo", "file": PIXEL, "media_group_id": "77"}
        await dialogue.provider.ask("POST", "inbound", photo)
        await asyncio.sleep(0.25)

    assert len(await dialogue.hears(1)) == 1
    assert await dialogue.rows("select count(*), count(distinct turn_id) from event") == [(4, 1)]
