"""What holds for Telegram: albums, and people who block the bot."""

from __future__ import annotations

import asyncio
import base64

import pytest

from lumi.core import crypto
from lumi.core.context import Actor, ActorKind
from lumi.core.ids import new_id
from lumi.modules.channels.public import Channel, Purpose
from lumi.modules.channels.repositories import account_rows
from lumi.modules.channels.services import send
from lumi.modules.channels.values.accounts import ACCOUNT_KEPT_AS
from lumi.modules.conversations import public as conversations
from lumi.modules.conversations.errors import Unreachable
from lumi.modules.conversations.public import FirstWords
from tests import factories
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

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


async def connect_again_elsewhere(dialogue: Dialogue) -> None:
    """The same token, given once more, to another process."""
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        row = await account_rows.account(ctx, dialogue.account_id)
        assert row is not None
        token = crypto.open_sealed(row.access_token or b"", tenant_id=ctx.tenant_id).decode()
        row.access_token = crypto.seal(token, tenant_id=ctx.tenant_id)
        ctx.outdate(ACCOUNT_KEPT_AS, str(row.id))


async def test_a_wait_of_ages_is_a_day_and_over_when_the_account_is_connected_again(
    dialogue: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "LOOKED_AT_SECONDS", 0.0)
    sender = dialogue.house.sender
    await dialogue.provider.faults(rate_limit_rate=1, retry_after=10**13)
    await dialogue.provider.write("Merci beaucoup !")
    waits = "select 1 from delivery where state = 'committed' and next_try_at > now() + interval '23 h'"
    await until(lambda: dialogue.rows(waits))
    assert await dialogue.rows("select 1 from delivery where next_try_at > now() + interval '25 h'") == []
    await sender.troubles.written()

    assert sender.pause(dialogue.account_id) == send.ASKED_AGAIN_SECONDS
    await connect_again_elsewhere(dialogue)
    await until(lambda: asyncio.sleep(0, sender.pause(dialogue.account_id) == 0))


async def say_first(dialogue: Dialogue, purpose: Purpose = Purpose.SERVICE) -> None:
    """Write to the person, who has not asked for it."""
    ((contact,),) = await dialogue.rows("select contact_id from thread")
    who = Actor(ActorKind.STAFF, new_id(), "Pablo")
    async with factories.begin_work(dialogue.house.db, dialogue.tenant, who) as ctx:
        await conversations.say_first(ctx, contact, FirstWords("Votre commande est prête.", purpose), key=None)  # type: ignore[arg-type] (a row's value)


async def is_blocked(dialogue: Dialogue) -> bool:
    return await dialogue.rows("select blocked_at is not null from thread") == [(True,)]


async def test_who_has_blocked_the_bot_is_not_written_to_until_they_let_it(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    await dialogue.provider.ask("POST", "block", {"from": dialogue.provider.person})
    await until(lambda: is_blocked(dialogue))

    with pytest.raises(Unreachable):
        await say_first(dialogue)
    await dialogue.provider.ask("POST", "block", {"from": dialogue.provider.person, "blocked": False})
    await until(lambda: dialogue.rows("select 1 from thread where blocked_at is null"))
    await say_first(dialogue)
    assert len(await dialogue.hears(2)) == 2


async def test_a_bot_that_hears_it_is_blocked_when_it_writes_remembers_until_they_write(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(1)
    await dialogue.provider.ask("POST", "webhook", {"url": None})  # the notice is lost
    await dialogue.provider.ask("POST", "block", {"from": dialogue.provider.person})
    await say_first(dialogue)
    await until(lambda: dialogue.rows("select 1 from delivery where state = 'failed'"))
    await until(lambda: is_blocked(dialogue))
    with pytest.raises(Unreachable):
        await say_first(dialogue)

    await dialogue.provider.ask("POST", "webhook", {"url": dialogue.webhook, "secret": await secret(dialogue)})
    await dialogue.provider.write("Merci beaucoup !")
    await dialogue.hears(2)
    await say_first(dialogue)
    assert len(await dialogue.hears(3)) == 3


async def secret(dialogue: Dialogue) -> str:
    """What this bot's posts show."""
    adapter = dialogue.house.sender.adapter(Channel.TELEGRAM)
    return adapter.assume(dialogue.provider.given, {}).app_secret
