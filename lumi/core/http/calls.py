"""The one policy for everything outside: time-out, breaker, retries of what may be repeated, a log line."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import orjson

from lumi.core.http.answers import Body, Response, failure_in
from lumi.core.http.breaker import Breaker
from lumi.core.http.failures import OutsideFailure, RateLimited, Unavailable, lost
from lumi.core.http.patience import pausing
from lumi.core.http.target import Target

if TYPE_CHECKING:
    from lumi.core.http.wire import Wire

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
ATTEMPTS = 6
MOST_TARGETS = 10_000

_JSON = "application/json"


class Http:
    """Calls to the outside, over one session a process: opened by the first call, kept until `close`."""

    def __init__(self, *, connections: int = 256, failures_to_open: int = 10, rest_seconds: float = 5.0) -> None:
        """`failures_to_open` in a row make a target rest for `rest_seconds`."""
        self._connections = connections
        self._failures_to_open = failures_to_open
        self._rest_seconds = rest_seconds
        self._wire: Wire | None = None
        self._targets: dict[tuple[str, str], Target] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; the next call would open a new session."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    async def request(
        self,
        target: str,
        method: str,
        url: str,
        *,
        json: object = None,
        data: Body = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        repeatable: bool = False,
        scope: str = "",
    ) -> Response:
        """One HTTP call under the policy; `timeout` in seconds covers an attempt but for the way of a large body.

        `scope` is the part of the target that rests alone after failures, as one account of many.
        Returns a 2xx or 304 answer. Redirects are not followed and count as refusals. Raises Rejected (3xx,
        4xx), RateLimited (429) or Unavailable (5xx, or nothing was sent). When not `repeatable` it raises
        OutcomeUnknown once it may have been carried out without our knowing (a gateway's 502 and 504 too).
        """
        if json is not None:
            data = orjson.dumps(json)
            headers = {"Content-Type": _JSON, **(headers or {})}

        async def exchange() -> Response:
            return await self._exchange(method, url, data, headers, timeout, repeatable)

        return await self._under_policy((target, scope), exchange, repeatable)

    async def guard(
        self,
        target: str,
        call: Callable[[], Awaitable[T]],
        *,
        timeout: float = 10.0,
        repeatable: bool = False,
        scope: str = "",
    ) -> T:
        """The same policy for a call that is not HTTP; `call` is awaited once an attempt.

        It may raise this package's failures itself. A refused connection becomes Unavailable, a time-out or a
        broken connection Unavailable or OutcomeUnknown by `repeatable`; its other errors pass unchanged.
        """

        async def bounded() -> T:
            try:
                async with asyncio.timeout(timeout):
                    return await call()
            except (ConnectionRefusedError, socket.gaierror) as error:
                raise Unavailable(type(error).__name__) from error
            except (TimeoutError, OSError, EOFError) as error:
                raise lost(type(error).__name__, repeatable) from error

        return await self._under_policy((target, scope), bounded, repeatable)

    async def _under_policy(self, which: tuple[str, str], step: Callable[[], Awaitable[T]], repeatable: bool) -> T:
        target = self._targets.get(which) or self._first_call_to(which)
        if repeatable:
            return await _repeated(target, step)
        return await _once(target, step)

    def _first_call_to(self, which: tuple[str, str]) -> Target:
        if len(self._targets) >= MOST_TARGETS:
            self._targets = {key: each for key, each in self._targets.items() if each.breaker.is_open}
        breaker = Breaker(self._failures_to_open, self._rest_seconds)
        target = self._targets[which] = Target(which[0], breaker)
        return target

    async def _exchange(
        self,
        method: str,
        url: str,
        data: Body,
        headers: Mapping[str, str] | None,
        timeout: float,
        repeatable: bool,
    ) -> Response:
        wire = self._wire or self._open()
        response = await wire.exchange(method, url, data, headers, timeout, repeatable)
        failure = failure_in(response, repeatable=repeatable)
        if failure is not None:
            raise failure
        return response

    def _open(self) -> Wire:
        self._wire = prepare()(self._connections)
        return self._wire


def prepare() -> type[Wire]:
    """Load now what the first call needs, where that call would hold up others; what calls nobody saves 9 MB."""
    from lumi.core.http.wire import Wire

    return Wire


async def _once(target: Target, step: Callable[[], Awaitable[T]]) -> T:
    wait = target.breaker.refusal()
    if wait is not None:
        refusal = Unavailable("resting after failures in a row", retry_after=wait)
        target.refused(refusal)
        raise refusal
    started = time.perf_counter()
    try:
        result = await step()
    except OutsideFailure as failure:
        target.failed(failure, time.perf_counter() - started)
        raise
    except BaseException:
        target.abandoned(time.perf_counter() - started)
        raise
    target.succeeded(time.perf_counter() - started)
    return result


async def _repeated(target: Target, step: Callable[[], Awaitable[T]]) -> T:
    import stamina  # 50 ms that a process which repeats nothing does not pay

    _leave_the_log_to_us()
    attempts = aiter(
        stamina.retry_context(
            on=_pause,
            attempts=ATTEMPTS,
            wait_initial=FIRST_PAUSE_SECONDS,
            wait_max=LONGEST_PAUSE_SECONDS,
            wait_jitter=FIRST_PAUSE_SECONDS,
        )
    )
    attempt = await anext(attempts)
    while True:
        with attempt:
            return await _once(target, step)
        with pausing():
            attempt = await anext(attempts)  # raises what the last attempt ended in


@lru_cache(maxsize=1)
def _leave_the_log_to_us() -> None:
    # Every attempt leaves its line here; stamina's own would repeat it in another format.
    from stamina import instrumentation

    instrumentation.set_on_retry_hooks([])


def _pause(failure: Exception) -> bool | float:
    """Whether to try again: after the usual pause, or the one the other side names when it is short."""
    if not isinstance(failure, Unavailable | RateLimited):
        return False
    if failure.retry_after is None:
        return True
    return failure.retry_after if failure.retry_after <= LONGEST_PAUSE_SECONDS else False
