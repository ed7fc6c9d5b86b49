"""What holds for Instagram: messages that are announced and may never come by themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core import i18n
from lumi.modules.channels.public import Channel
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpx2 import AsyncClient

    from tests.conftest import StaffHeaders

pytestmark = [
    pytest.mark.usefixtures("worker"),
    pytest.mark.parametrize("dialogue", [Channel.INSTAGRAM], indirect=True, ids=str),
]
THANKS = i18n.tr("assistant-thanks", "fr")


async def jobs(dialogue: Dialogue, statement: str) -> Sequence[object]:
    """Of jobs that read what was announced to this account."""
    async with dialogue.house.db.transaction(None) as session:
        about = {"key": f"{dialogue.account_id}:%"}
        return (await session.execute(sql(f"{statement} and key like :key returning 1"), about)).all()


async def ten_seconds_later(dialogue: Dialogue) -> None:
    hurried = "update job set ready_at = now() where kind = 'channels.ReadAnnounced'"
    await until(lambda: jobs(dialogue, hurried))


async def none_left(dialogue: Dialogue) -> bool:
    return not await jobs(dialogue, "update job set ready_at = ready_at where kind = 'channels.ReadAnnounced'")


async def test_a_message_that_is_only_announced_is_read_and_answered(dialogue: Dialogue) -> None:
    mid = await dialogue.provider.write("Merci beaucoup !", type="announcement")
    assert await dialogue.rows("select 1 from event") == []
    await ten_seconds_later(dialogue)

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select provider_id, payload ->> 'text' from event where kind = 'message'") == [
        (mid, "Merci beaucoup !")
    ]


async def test_a_message_that_follows_its_announcement_is_there_once(dialogue: Dialogue) -> None:
    mid = await dialogue.provider.write("Merci beaucoup !", type="announcement")
    await dialogue.provider.write("Merci beaucoup !", id=mid)
    await dialogue.hears(1)
    await ten_seconds_later(dialogue)
    await until(lambda: none_left(dialogue))

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select count(*) from event where kind = 'message'") == [(1,)]


async def test_a_message_that_comes_after_it_was_read_is_there_once(dialogue: Dialogue) -> None:
    mid = await dialogue.provider.write("Merci beaucoup !", type="announcement")
    await ten_seconds_later(dialogue)
    await dialogue.hears(1)
    await dialogue.provider.write("Merci beaucoup !", id=mid)

    assert await dialogue.hears(1) == [THANKS]
    assert await dialogue.rows("select count(*) from event where kind = 'message'") == [(1,)]


async def test_an_announced_message_that_cannot_be_read_is_a_dead_letter(dialogue: Dialogue) -> None:
    announced = {"type": "message_edit", "content": {"mid": "aWdfgone", "num_edit": 0}}
    await dialogue.provider.ask("POST", "inbound", {"from": dialogue.provider.person, "text": "?", **announced})
    await ten_seconds_later(dialogue)

    await until(lambda: dialogue.rows("select 1 from dead_letter"))
    assert await dialogue.rows("select source, origin from dead_letter") == [
        ("webhook", f"instagram/{dialogue.account_id}")
    ]


async def test_an_announcement_that_comes_again_is_one_dead_letter_until_staff_try_it_once_more(
    dialogue: Dialogue, client: AsyncClient, staff: StaffHeaders
) -> None:
    headers = await staff("dead_letters:write")
    announced = {"type": "message_edit", "content": {"mid": "aWdfgone", "num_edit": 0}}

    async def is_announced() -> None:
        await dialogue.provider.ask("POST", "inbound", {"from": dialogue.provider.person, "text": "?", **announced})
        await ten_seconds_later(dialogue)
        await until(lambda: none_left(dialogue))

    await is_announced()
    await asyncio.sleep(0.01)  # another millisecond, which Meta tells
    await is_announced()
    ((letter,),) = await dialogue.rows("select id from dead_letter")

    again = await client.post(f"/v1/dead-letters/{letter}/requeue", headers=headers)
    assert again.status_code == 200, again.text
    await ten_seconds_later(dialogue)
    await until(lambda: none_left(dialogue))
    assert await dialogue.rows("select requeued_at is null from dead_letter order by id") == [(False,), (True,)]


async def test_a_message_that_was_announced_in_an_outage_is_tried_for_an_hour_and_then_left_to_staff(
    dialogue: Dialogue, client: AsyncClient, staff: StaffHeaders
) -> None:
    kept = "select source, origin from dead_letter"
    ((base,),) = await dialogue.rows("select settings ->> 'api_base' from channel_account")
    turned = "settings = settings || jsonb_build_object('api_base', cast(:base as text))"
    elsewhere = f"update channel_account set {turned} returning 1"
    await dialogue.rows(elsewhere, base="http://127.0.0.1:9")
    await dialogue.provider.write("Merci beaucoup !", type="announcement")
    await ten_seconds_later(dialogue)
    waits = "update job set ready_at = ready_at where kind = 'channels.ReadAnnounced' and args ->> 'attempt' = '1'"
    await until(lambda: jobs(dialogue, waits))
    assert await dialogue.rows(kept) == []

    late = "update job set args = args || '{\"attempt\": 35}', ready_at = now() where kind = 'channels.ReadAnnounced'"
    await until(lambda: jobs(dialogue, late))
    await until(lambda: dialogue.rows(kept))
    assert await dialogue.rows(kept) == [("webhook", f"instagram/{dialogue.account_id}")]

    await dialogue.rows(elsewhere, base=base)
    ((letter,),) = await dialogue.rows("select id from dead_letter")
    again = await client.post(f"/v1/dead-letters/{letter}/requeue", headers=await staff("dead_letters:write"))
    assert again.status_code == 200, again.text
    await ten_seconds_later(dialogue)
    assert await dialogue.hears(1) == [THANKS]
