"""What waits at the same moment goes to the database in one call, and everybody gets their own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import pytest

from lumi.core.batches import Batcher, WrongLength
from lumi.core.db import Database, fetch
from tests.waiting import PATIENCE_SECONDS

Send = Callable[[Sequence[int]], Awaitable[Sequence[int]]]


class Calls:
    """A sender that writes down its groups and answers as the test says."""

    def __init__(self, answer: Callable[[Sequence[int]], Sequence[int]]) -> None:
        self.groups: list[list[int]] = []
        self._answer = answer

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(items))
        await asyncio.sleep(0)
        return self._answer(items)


async def all_of(batcher: Batcher[int, int], *items: int) -> list[int | BaseException]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await asyncio.gather(*(batcher(item) for item in items), return_exceptions=True)


async def test_calls_made_at_once_go_together_and_each_gets_its_own_result() -> None:
    sent = Calls(lambda items: [item * 10 for item in items])

    assert await all_of(Batcher(sent), 1, 2, 3) == [10, 20, 30]
    assert sent.groups == [[1, 2, 3]]


async def test_a_group_is_never_larger_than_allowed() -> None:
    sent = Calls(lambda items: items)

    assert await all_of(Batcher(sent, largest=2), *range(5)) == [0, 1, 2, 3, 4]
    assert max(len(group) for group in sent.groups) == 2


async def test_a_bad_item_fails_alone() -> None:
    def answer(items: Sequence[int]) -> Sequence[int]:
        if 2 in items:
            raise asyncpg.DataError("two")
        return items

    one, two, three = await all_of(Batcher(Calls(answer)), 1, 2, 3)

    assert (one, three) == (1, 3)
    assert isinstance(two, asyncpg.DataError)


@pytest.mark.parametrize(
    "gone", [ConnectionRefusedError(), asyncpg.ConnectionDoesNotExistError(), asyncpg.InterfaceError("closed")]
)
async def test_when_the_database_is_gone_all_fail_at_once_and_nobody_is_tried_alone(gone: Exception) -> None:
    def answer(_items: Sequence[int]) -> Sequence[int]:
        raise gone

    sent = Calls(answer)

    assert await all_of(Batcher(sent), 1, 2, 3) == [gone, gone, gone]
    assert sent.groups == [[1, 2, 3]]


async def test_what_the_driver_cannot_encode_is_an_items_own_fault(database: Database) -> None:
    async def send(items: Sequence[object]) -> Sequence[object]:
        rows = await fetch(database.pool, "select unnest($1::int[])", items)
        return [row[0] for row in rows]

    batcher: Batcher[object, object] = Batcher(send)
    async with asyncio.timeout(PATIENCE_SECONDS):
        fine, wrong = await asyncio.gather(batcher(1), batcher("one"), return_exceptions=True)

    assert fine == 1
    assert isinstance(wrong, asyncpg.DataError)


@pytest.mark.parametrize("results", [[], [1], [1, 2, 3, 4]])
async def test_a_wrong_number_of_results_fails_everybody_who_waits(results: list[int]) -> None:
    sent = Calls(lambda _items: results)
    failed = await all_of(Batcher(sent), 1, 2, 3)

    assert [type(each) for each in failed] == [WrongLength] * 3
    assert str(failed[0]) == f"3 items were sent and {len(results)} results came back"


async def test_after_a_failure_the_next_call_is_sent_as_ever() -> None:
    failing = [True]

    def answer(items: Sequence[int]) -> Sequence[int]:
        return [] if failing.pop() else items

    batcher = Batcher(Calls(answer))

    assert isinstance((await all_of(batcher, 1))[0], WrongLength)
    failing.append(False)
    assert await all_of(batcher, 2) == [2]


async def test_who_gave_up_waiting_does_not_disturb_the_others() -> None:
    batcher = Batcher(Calls(lambda items: items))
    impatient = asyncio.ensure_future(batcher(1))
    patient = asyncio.ensure_future(batcher(2))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await patient == 2
