"""How a twin misbehaves: rates between 0 and 1, drawn from a seeded die so that a run can be repeated."""

import random
from dataclasses import dataclass, fields, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong and how often. All at rest: nothing does."""

    fail_rate: float = 0.0
    """Posts refused with `status` and `error_code`, nothing taken."""
    status: int = 500
    error_code: int = 131000
    hang_rate: float = 0.0
    """Posts never answered, nothing taken."""
    delay_ms: float = 0.0
    """Every post is taken at once and answered this much later."""
    disconnect_after_accept_rate: float = 0.0
    """Posts taken, then the connection breaks without an answer."""
    duplicate_webhooks: float = 0.0
    """Webhooks posted twice."""

    def changed(self, wishes: dict[str, object]) -> Self:
        """These faults with some replaced; `true` is a rate of 1. ValueError names what is not a fault."""
        known = {each.name: each.default for each in fields(self)}
        taken: dict[str, float] = {}
        for name, value in wishes.items():
            if name not in known or not isinstance(value, int | float):
                raise ValueError(f"{name} is not a fault, or its value is not a number")
            is_whole = isinstance(known[name], int)
            if not is_whole and not name.endswith("_ms") and not 0 <= value <= 1:
                raise ValueError(f"{name} is a rate between 0 and 1")
            taken[name] = int(value) if is_whole else float(value)
        return replace(self, **taken)  # pyright: ignore[reportArgumentType] - whole numbers stay whole above


class Dice:
    """Decides by rate; the same seed decides the same in the same order of questions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def falls(self, rate: float) -> bool:
        """True in `rate` of the cases; a rate of 0 asks nothing of the die."""
        return rate > 0 and self._random.random() < rate

    def shuffled(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The words in an order that is not the given one, if there are two or more."""
        mixed = list(words)
        while len(mixed) > 1 and tuple(mixed) == words:
            self._random.shuffle(mixed)
        return tuple(mixed)
