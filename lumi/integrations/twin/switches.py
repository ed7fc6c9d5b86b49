"""What its user may ask of every twin: faults to set, the log of what it took, and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Generic, Protocol, TypeVar

from aiohttp import web

from lumi.integrations.twin.control import Refused, answered, object_in, whole
from lumi.integrations.twin.faults import Faults
from lumi.integrations.twin.ledger import Ledger, Taken
from lumi.integrations.twin.watching import Watched

_LONGEST_WAIT_SECONDS = 60.0
_MOST_LOGGED = 10_000

F = TypeVar("F", bound=Faults)
T = TypeVar("T", bound=Taken)


class Switched(Protocol[F, T]):
    """What a twin has to be switched by."""

    faults: F
    ledger: Ledger[T]
    counts: Counter[str]

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        ...


class Switches(Generic[F, T]):
    """The handlers, bound to a twin."""

    def __init__(self, twin: Switched[F, T], webhooks: Callable[[], Mapping[str, object]] | None = None) -> None:
        """`webhooks` says what became of those the twin posts, where it posts any."""
        self._twin, self._webhooks = twin, webhooks

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/faults", answered(self.set_faults)),
            web.get("/_twin/faults", answered(self.show_faults)),
            web.get("/_twin/log", answered(self.show_log)),
            web.get("/_twin/counts", answered(self.show_counts)),
        ]

    async def set_faults(self, request: web.Request) -> object:
        """Replace the faults that are named; `reset` puts all at rest first, `seed` starts the die anew."""
        wishes = await object_in(request)
        faults = type(self._twin.faults)() if wishes.pop("reset", False) else self._twin.faults
        seed = wishes.pop("seed", None)
        try:
            self._twin.faults = faults.changed(wishes)
        except ValueError as error:
            raise Refused(str(error)) from error
        if isinstance(seed, int):
            self._twin.reseed(seed)
        return asdict(self._twin.faults)

    async def show_faults(self, _request: web.Request) -> object:
        """The faults as they are."""
        return asdict(self._twin.faults)

    async def show_log(self, request: web.Request) -> object:
        """What was taken after number `after`, at most `limit`, oldest first."""
        limit = min(whole(request, "limit", 1000), _MOST_LOGGED)
        taken = self._twin.ledger.after(whole(request, "after"), limit)
        return {"messages": [asdict(each) for each in taken], "last": self._twin.ledger.count}

    async def show_counts(self, _request: web.Request) -> object:
        """How much was taken and refused, and what became of the webhooks."""
        told = {"accepted": self._twin.ledger.count, **self._twin.counts}
        return told if self._webhooks is None else {**told, "webhooks": self._webhooks()}


async def until_newer(request: web.Request, watched: Watched) -> None:
    """Wait until it is newer than the query's `version`, or so many seconds of `timeout` are over."""
    seconds = min(float(whole(request, "timeout", 25)), _LONGEST_WAIT_SECONDS)
    await watched.newer_than(whole(request, "version"), seconds)
