"""What the ways in share: one of each a process, made at its start."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

from lumi.core.db import Database
from lumi.core.limits import Limiter
from lumi.core.principal import Principal
from lumi.core.settings import Settings
from lumi.modules.accounts.services.keys import SigningKeys
from lumi.modules.accounts.services.passwords import Passwords
from lumi.modules.accounts.values import STANDING_SECONDS, Standing

V = TypeVar("V")

MOST_REMEMBERED = 10_000


class Recent(Generic[V]):
    """What was looked up in the last seconds, in this process only.

    Not in a shared cache: who can write there could give himself permissions.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._known: OrderedDict[Hashable, tuple[float, V]] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """What was remembered, unless it is too old."""
        until, value = self._known.get(key, (0.0, None))
        return value if self._clock() < until else None

    def put(self, key: Hashable, value: V) -> V:
        """Remember; the oldest goes when there are too many."""
        self._known.pop(key, None)
        self._known[key] = (self._clock() + self._seconds, value)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return value

    def forget(self, key: Hashable) -> None:
        """Look it up again next time."""
        self._known.pop(key, None)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What sign-in and the check of tokens need."""

    database: Database
    limiter: Limiter
    keys: SigningKeys
    passwords: Passwords
    access_minutes: int
    standings: Recent[Standing] = field(default_factory=lambda: Recent[Standing](STANDING_SECONDS))
    api_keys: Recent[Principal] = field(default_factory=lambda: Recent[Principal](STANDING_SECONDS))


def open_entrance(settings: Settings, database: Database, limiter: Limiter) -> Entrance:
    """The entrance of this process; raises MissingSetting when there is nothing to sign tokens with."""
    return Entrance(database, limiter, SigningKeys.load(settings), Passwords(), settings.jwt_expiration_minutes)
