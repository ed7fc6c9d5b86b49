"""kill -9 at every step of the line: nothing lost, nothing twice, and an unknown outcome shown as such."""

from __future__ import annotations

import pytest

from tests.chaos.dying import post_in_vain, until_dead
from tests.journeys.conftest import Line
from tests.serving import working
from tests.waiting import until

pytestmark = pytest.mark.chaos


async def die_at(line: Line, database_url: str, step: str, when: str) -> None:
    """Let a worker take the line's turn and die there."""
    async with until_dead("worker", database_url, step, when):
        await line.write("Merci !")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["begin", "save"])
async def test_a_worker_killed_before_anything_left_is_replaced_and_the_guest_is_answered_once(
    line: Line, database_url: str, step: str, when: str
) -> None:
    await die_at(line, database_url, step, when)
    assert line.heard() == []

    async with working(line.house):
        assert len(await line.hears(1)) == 1

    assert await line.rows("select count(*) from message where author = 'contact'") == [(1,)]
    assert await line.rows("select count(*) from message where author = 'assistant'") == [(1,)]
    assert await line.rows("select state from delivery") == [("sent",)]


async def test_a_worker_killed_before_it_committed_to_sending_sends_nothing_twice(
    line: Line, database_url: str
) -> None:
    await die_at(line, database_url, "depart", "before")

    async with working(line.house):
        assert len(await line.hears(1)) == 1


@pytest.mark.parametrize(("step", "when"), [("post", "after"), ("finish", "before")])
async def test_a_worker_killed_after_the_post_learns_from_the_status_that_it_arrived(
    line: Line, database_url: str, step: str, when: str
) -> None:
    await die_at(line, database_url, step, when)
    (reply,) = line.heard()

    status = {
        "id": reply.id, "status": "delivered", "timestamp": "1790000000", "recipient_id": line.person,
        "biz_opaque_callback_data": reply.callback_data,
    }  # fmt: skip
    await line.post(line.body(extra={"statuses": [status]}))
    async with working(line.house):
        await line.settled()

    assert await line.rows("select state, provider_id from delivery") == [("delivered", reply.id)]
    assert len(line.heard()) == 1


@pytest.mark.parametrize(("step", "when", "posted"), [("depart", "after", 0), ("post", "after", 1)])
async def test_an_outcome_nobody_can_tell_is_shown_as_unknown_and_never_sent_again(
    line: Line, database_url: str, step: str, when: str, posted: int
) -> None:
    await die_at(line, database_url, step, when)

    async with working(line.house):
        await until(lambda: line.rows("select 1 from delivery where state <> 'sending'"), every=0.1)
        assert await line.rows("select state from delivery") == [("unknown",)]
        assert len(line.heard()) == posted
        await line.write("Merci encore !")
        assert len(await line.hears(posted + 1)) == posted + 1


async def test_a_worker_killed_after_finishing_leaves_nothing_to_do(line: Line, database_url: str) -> None:
    await die_at(line, database_url, "finish", "after")

    async with working(line.house):
        await line.settled()

    assert len(line.heard()) == 1
    assert await line.rows("select owner, ready_at from lane") == [(None, None)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_web_process_killed_while_it_commits_is_asked_again_and_nothing_is_lost_or_doubled(
    line: Line, database_url: str, when: str
) -> None:
    body = line.body(line.message("Merci !"))
    await post_in_vain(line, database_url, body, "ingest", when)

    assert (await line.post(body)).status_code == 200
    async with working(line.house):
        assert len(await line.hears(1)) == 1
    assert await line.rows("select count(*) from event") == [(1,)]
