"""The four ways a call to the outside ends badly. None shows a body, a URL or a header when printed."""

from typing import ClassVar


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
        """`reason` is for logs and may hold nothing of a body; `retry_after` is in seconds."""
        super().__init__(reason or self.outcome)
        self.target = ""
        self.status = status
        self.body = body
        self.retry_after = retry_after
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
    """The other side understood and refuses: the same call will be refused again."""

    outcome = "rejected"

    def __init__(self, status: int, body: bytes = b"", reason: str = "") -> None:
        super().__init__(reason or f"answered {status}", status=status, body=body)


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


def lost(reason: str, repeatable: bool) -> Unavailable | OutcomeUnknown:
    """The failure of a call whose answer never came: one that may be repeated is merely not done yet."""
    return Unavailable(reason) if repeatable else OutcomeUnknown(reason)
