"""What was read a moment ago is not read again, and never by two at once."""

import asyncio

import pytest

from lumi.core.known import Known


class Reading:
    """A slow source that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.broken = False

    async def __call__(self) -> int:
        self.times += 1
        await self.go_on.wait()
        if self.broken:
            raise LookupError("gone")
        return self.times


async def test_an_answer_is_kept_for_its_seconds() -> None:
    known: Known[str, int] = Known(60)
    reading = Reading()

    assert [await known("a", reading), await known("a", reading)] == [1, 1]
    assert await known("b", reading) == 2


async def test_an_answer_that_is_too_old_is_read_again() -> None:
    known: Known[str, int] = Known(0)
    reading = Reading()

    assert [await known("a", reading), await known("a", reading)] == [1, 2]


async def test_who_wants_it_younger_reads_it_again() -> None:
    known: Known[str, int] = Known(60)
    reading = Reading()

    assert [await known("a", reading), await known("a", reading, younger_than=0)] == [1, 2]


async def test_those_who_ask_at_the_same_time_share_one_reading() -> None:
    known: Known[str, int] = Known(60)
    reading = Reading()
    reading.go_on.clear()

    asking = [asyncio.create_task(known("a", reading)) for _ in range(50)]
    await asyncio.sleep(0)
    reading.go_on.set()

    assert await asyncio.gather(*asking) == [1] * 50


async def test_a_reading_that_fails_fails_for_all_and_is_not_kept() -> None:
    known: Known[str, int] = Known(60)
    reading = Reading()
    reading.broken = True

    failed = await asyncio.gather(*(known("a", reading) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in failed] == [LookupError] * 3

    reading.broken = False
    assert await known("a", reading) == 2


async def test_one_who_gives_up_does_not_take_the_answer_from_the_others() -> None:
    known: Known[str, int] = Known(60)
    reading = Reading()
    reading.go_on.clear()
    impatient = asyncio.create_task(known("a", reading))
    patient = asyncio.create_task(known("a", reading))
    await asyncio.sleep(0)

    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    reading.go_on.set()

    assert await patient == 1


async def test_what_is_forgotten_is_read_again() -> None:
    known: Known[str, int] = Known(60)
    reading = Reading()
    await known("a", reading)

    known.forget()

    assert await known("a", reading) == 2
