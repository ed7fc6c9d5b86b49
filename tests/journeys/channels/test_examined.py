"""Accounts at their providers: asked how they are, and told when they are given up."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core.clock import now
from lumi.modules.channels.events import ExamineAccount
from lumi.modules.channels.public import Channel
from lumi.modules.channels.services import examining, providers
from tests import factories

if TYPE_CHECKING:
    from tests.journeys.channels.conftest import Dialogue

PAST_A_MONTH = timedelta(days=31)
WRONG = {
    Channel.TELEGRAM: "1:" + "x" * 35,
    Channel.GMAIL: json.dumps(dict.fromkeys(("client_id", "client_secret", "refresh_token"), "revoked")),
}


async def examine(dialogue: Dialogue) -> None:
    """Ask the provider once, as a worker does."""
    address = dialogue.webhook.partition("/webhooks/")[0]
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        await examining.examine(ctx, dialogue.house.sender, ExamineAccount(dialogue.account_id), address=address)


async def column(dialogue: Dialogue, name: str) -> object:
    ((found,),) = await dialogue.rows(f"select {name} from channel_account where id = :id", id=dialogue.account_id)
    return found


async def break_token(dialogue: Dialogue) -> None:
    """The provider does not know this token any more."""
    from lumi.core import crypto

    wrong = WRONG.get(dialogue.provider.channel, "revoked")
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        sealed = crypto.seal(wrong, tenant_id=ctx.tenant_id)
        await ctx.session.execute(sql("update channel_account set access_token = :sealed"), {"sealed": sealed})


EXAMINED = pytest.mark.parametrize(
    "dialogue",
    [
        *(Channel.WHATSAPP, Channel.TELEGRAM, Channel.INSTAGRAM, Channel.MESSENGER),
        *(Channel.GMAIL, Channel.MAILBOX),
    ],
    indirect=True,
    ids=str,
)


@EXAMINED
async def test_an_account_that_is_well_was_asked_and_nothing_is_wrong(dialogue: Dialogue) -> None:
    await examine(dialogue)

    assert await column(dialogue, "checked_at") is not None
    assert await column(dialogue, "webhook_trouble") is None
    assert await column(dialogue, "token_refused_at") is None


@EXAMINED
async def test_a_token_the_provider_does_not_know_is_noted(dialogue: Dialogue) -> None:
    await break_token(dialogue)

    await examine(dialogue)

    assert await column(dialogue, "token_refused_at") is not None
    assert await column(dialogue, "failed_why") == "token"


@pytest.mark.parametrize("dialogue", [Channel.INSTAGRAM], indirect=True, ids=str)
async def test_a_token_of_instagram_is_renewed_by_itself_and_the_new_one_works(dialogue: Dialogue) -> None:
    before = await column(dialogue, "access_token")

    await examine(dialogue)

    ends = await column(dialogue, "token_expires_at")
    assert ends is not None
    assert ends > now() + PAST_A_MONTH  # type: ignore[operator]
    renewed = await column(dialogue, "access_token")
    assert renewed != before
    await examine(dialogue)  # with the new one; too early for another
    assert await column(dialogue, "access_token") == renewed


@pytest.mark.parametrize(
    "dialogue", [Channel.TELEGRAM, Channel.INSTAGRAM, Channel.MESSENGER, Channel.GMAIL], indirect=True, ids=str
)
async def test_an_account_that_is_given_up_is_no_longer_posted_to_us(dialogue: Dialogue) -> None:
    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        assert await providers.disconnect(ctx, dialogue.house.sender, dialogue.account_id) is True

    before = await posts(dialogue)
    await dialogue.provider.write("Bonjour ?")
    assert await posts(dialogue) == before


@pytest.mark.parametrize("dialogue", [Channel.TELEGRAM, Channel.MESSENGER], indirect=True, ids=str)
async def test_a_provider_that_cannot_be_told_keeps_nobody_from_giving_up(dialogue: Dialogue) -> None:
    await break_token(dialogue)

    async with factories.begin_work(dialogue.house.db, dialogue.tenant) as ctx:
        assert await providers.disconnect(ctx, dialogue.house.sender, dialogue.account_id) is False

    assert await column(dialogue, "disconnected_at") is not None


@pytest.mark.parametrize("dialogue", [Channel.TELEGRAM, Channel.MESSENGER], indirect=True, ids=str)
async def test_a_subscription_that_was_lost_is_noticed(dialogue: Dialogue) -> None:
    account = await dialogue.house.sender.ready(dialogue.tenant.id, dialogue.account_id)
    assert account is not None
    await dialogue.house.sender.adapter(account.channel).unsubscribe(account)  # type: ignore[attr-defined]

    await examine(dialogue)

    lost = {Channel.TELEGRAM: "not_set", Channel.MESSENGER: "unsubscribed"}
    assert await column(dialogue, "webhook_trouble") == lost[account.channel]


async def posts(dialogue: Dialogue) -> object:
    counts = await dialogue.provider.ask("GET", "counts")
    webhooks: dict[str, object] = counts["webhooks"]  # type: ignore[assignment]
    return webhooks.get("taken", 0)
