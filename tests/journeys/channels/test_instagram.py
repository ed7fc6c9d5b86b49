"""What holds for Instagram: messages that are announced and may never come by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core import i18n
from lumi.modules.channels.public import Channel
from tests.journeys.channels.conftest import Dialogue

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    await dialogue.until(lambda: jobs(dialogue, hurried))


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
    await dialogue.until(lambda: none_left(dialogue))

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

    await dialogue.until(lambda: dialogue.rows("select 1 from dead_letter"))
    assert await dialogue.rows("select source, origin from dead_letter") == [
        ("webhook", f"instagram/{dialogue.account_id}")
    ]
