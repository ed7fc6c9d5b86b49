"""The policy for outside calls that are not HTTP, and the breaker behind both."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from lumi.core.http import Http, OutcomeUnknown, Unavailable
from lumi.core.http.breaker import Breaker


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=3) as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries are counted here, not waited for."""
    stamina.set_testing(True, attempts=6, cap=True)
    yield
    stamina.set_testing(False)


async def test_it_returns_what_the_call_returns(http: Http) -> None:
    async def call() -> int:
        return 42

    assert await http.guard("mail", call) == 42


@pytest.mark.parametrize("error", [ConnectionRefusedError(), socket.gaierror()])
async def test_a_refused_connection_is_unavailable(http: Http, error: OSError) -> None:
    async def call() -> None:
        raise error

    with pytest.raises(Unavailable):
        await http.guard("mail", call)


async def test_a_time_out_leaves_the_outcome_unknown(http: Http) -> None:
    with pytest.raises(OutcomeUnknown):
        await http.guard("mail", lambda: asyncio.sleep(5), timeout=0.02)


async def test_a_broken_connection_is_repeated_when_it_may_be(http: Http) -> None:
    attempts = 0

    async def call() -> str:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise ConnectionResetError
        return "sent"

    assert await http.guard("mail", call, repeatable=True) == "sent"
    assert attempts == 3


async def test_its_other_errors_pass_through_and_do_not_count_against_the_target(http: Http) -> None:
    async def call() -> None:
        raise LookupError("no such mailbox")

    for _ in range(5):
        with pytest.raises(LookupError):
            await http.guard("mail", call, repeatable=True)


class TestBreaker:
    """The states of a breaker on a clock of our own."""

    def setup_method(self) -> None:
        self.seconds = 0.0
        self.breaker = Breaker(2, 10.0, lambda: self.seconds)

    def fail(self, times: int) -> None:
        for _ in range(times):
            self.breaker.failed()

    def test_it_opens_after_failures_in_a_row_only(self) -> None:
        self.fail(1)
        self.breaker.answered()
        self.fail(1)
        assert self.breaker.refusal() is None
        self.fail(1)
        assert self.breaker.refusal() == 10.0

    def test_only_one_call_probes_a_rested_target(self) -> None:
        self.fail(2)
        self.seconds = 11.0
        assert self.breaker.refusal() is None
        assert self.breaker.refusal() == 5.0

    def test_a_failed_probe_lets_it_rest_again(self) -> None:
        self.fail(2)
        self.seconds = 11.0
        assert self.breaker.refusal() is None
        self.fail(1)
        assert self.breaker.refusal() == 10.0

    def test_an_abandoned_probe_leaves_room_for_the_next(self) -> None:
        self.fail(2)
        self.seconds = 11.0
        assert self.breaker.refusal() is None
        self.breaker.abandoned()
        assert self.breaker.refusal() is None

    def test_calls_that_were_under_way_do_not_prolong_the_rest(self) -> None:
        self.fail(2)
        self.seconds = 8.0
        self.fail(5)
        assert self.breaker.refusal() == 2.0
