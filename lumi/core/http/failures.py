"""The four ways a call to the outside ends badly. None shows a body, a URL or a header when printed."""

import math
from typing import ClassVar

# Whoever wants more patience than that is asked again all the same: one wrong number silences nobody for years.
LONGEST_PATIENCE_SECONDS = 86_400.0


class OutsideFailure(Exception):
    """A call to an outside system did not succeed; `target` says which system, `body` what it answered."""

    outcome: ClassVar[str] = "failed"
    counts_against_target: ClassVar[bool] = False

    def __init__(
        self,
        reason: str = "",
        *,
        status: int | None = None,
        body: bytes = b"",
        retry_after: float | None = None,
    ) -> None:
        """`reason` is for logs and may hold nothing of a body; `retry_after` is in seconds, of which a day counts."""
        super().__init__(reason or self.outcome)
        self.target = ""
        self.status = status
        self.body = body
        self.retry_after = None if retry_after is None else _bounded(retry_after)
        self.said = ""
        """What the other side said, for people: whoever fills it in has taken secrets out of it."""

    def __str__(self) -> str:
        return f"{self.target}: {self.args[0]}" if self.target else str(self.args[0])


class Unavailable(OutsideFailure):
    """Nothing was done there: try again later, after `retry_after` seconds where that is known."""

    outcome = "unavailable"
    counts_against_target = True


class OutcomeUnknown(OutsideFailure):
    """The call went out and no answer came: it may have been carried out. Never repeat it blindly."""

    outcome = "unknown"
    counts_against_target = True


class Rejected(OutsideFailure):
    """The other side understood and refuses: the same call will be refused again.

    `of_account`: whoever calls, not this call; it is good once the account's owner lets us in again.
    """

    outcome = "rejected"

    def __init__(self, status: int, body: bytes = b"", reason: str = "", *, of_account: bool = False) -> None:
        super().__init__(reason or f"answered {status}", status=status, body=body)
        self.of_account = of_account


class RateLimited(OutsideFailure):
    """Nothing was done there because we ask too often: wait `retry_after` seconds.

    `of_person`: only with this one recipient; everybody else of the account may be written to.
    """

    outcome = "rate_limited"
    retry_after: float

    def __init__(
        self, retry_after: float, body: bytes = b"", status: int | None = 429, *, of_person: bool = False
    ) -> None:
        super().__init__("asked too often", status=status, body=body, retry_after=retry_after)
        self.of_person = of_person


def _bounded(seconds: float) -> float:
    """What was said, or as much of it as makes sense; 0 for what is no number."""
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_PATIENCE_SECONDS)


def lost(reason: str, repeatable: bool) -> Unavailable | OutcomeUnknown:
    """The failure of a call whose answer never came: one that may be repeated is merely not done yet."""
    return Unavailable(reason) if repeatable else OutcomeUnknown(reason)
