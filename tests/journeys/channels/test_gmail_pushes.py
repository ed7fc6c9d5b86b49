"""Who may say that a mailbox has news: Google, for our service account, at our address, and about our mailbox."""

from __future__ import annotations

import aiohttp
import pytest
from sqlalchemy import text as sql

from lumi.integrations.gmail.fake.pushes import proof, push
from lumi.modules.channels.public import Channel
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

pytestmark = [
    pytest.mark.usefixtures("worker"),
    pytest.mark.parametrize("dialogue", [Channel.GMAIL], indirect=True, ids=str),
]


async def post(dialogue: Dialogue, body: bytes, *, path: str | None = None, **changes: object) -> int:
    """Post a push of the account's own service account, with these claims otherwise."""
    given = dialogue.provider.given
    headers = dict(proof(given["push_service_account"], given["push_audience"], **changes))
    async with (
        aiohttp.ClientSession() as stranger,
        stranger.post(path or dialogue.webhook, data=body, headers=headers) as answer,
    ):
        return answer.status


def news(dialogue: Dialogue, address: str | None = None) -> bytes:
    return push(address or dialogue.provider.external_id, 5, "projects/p/subscriptions/s")


async def was_pulled(dialogue: Dialogue) -> bool:
    return bool(await dialogue.rows("select 1 from channel_cursor where pulled_at is not null"))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://somebody-else.example/push"},
        {"email": "mallory@other.iam.gserviceaccount.com"},
        {"email_verified": False},
        {"iss": "https://accounts.mallory.example"},
        {"exp": 1},
        {"iat": None},
    ],
    ids=lambda each: next(iter(each)),
)
async def test_a_push_that_google_signed_for_somebody_else_is_refused_and_wakes_nobody(
    dialogue: Dialogue, changes: dict[str, object]
) -> None:
    assert await post(dialogue, news(dialogue), path=None, **changes) == 401

    async with dialogue.house.db.transaction(None) as session:
        waiting = await session.execute(sql("select 1 from job where key = :key"), {"key": str(dialogue.account_id)})
        assert waiting.first() is None
    assert not await was_pulled(dialogue)


async def test_a_push_with_a_signature_of_nobodys_is_refused(dialogue: Dialogue) -> None:
    given = dialogue.provider.given
    token = proof(given["push_service_account"], given["push_audience"])["Authorization"]
    forged = {"Authorization": token[:-8] + ("A" * 8)}
    async with (
        aiohttp.ClientSession() as stranger,
        stranger.post(dialogue.webhook, data=news(dialogue), headers=forged) as answer,
    ):
        assert answer.status == 401
    assert not await was_pulled(dialogue)


async def test_a_push_of_ours_wakes_the_mailbox_it_names(dialogue: Dialogue) -> None:
    everybodys = dialogue.webhook.rpartition("/")[0]

    assert await post(dialogue, news(dialogue), path=everybodys) == 200
    await until(lambda: was_pulled(dialogue))


async def test_a_push_about_another_mailbox_is_acknowledged_and_wakes_none_of_ours(dialogue: Dialogue) -> None:
    assert await post(dialogue, news(dialogue, "somebody@other.example")) == 200
    assert await post(dialogue, b'{"message": {"data": "bm8ganNvbg=="}}') == 200  # and what is no push at all

    assert not await was_pulled(dialogue)
    assert await dialogue.rows("select 1 from dead_letter") == []
