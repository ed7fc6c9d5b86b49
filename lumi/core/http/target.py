"""What is kept about one outside system: its breaker, its figures and the line a call leaves in the log."""

from lumi.core.http.breaker import Breaker
from lumi.core.http.failures import OutsideFailure
from lumi.core.logging import get_logger
from lumi.core.metrics import OUTSIDE_CALLS, OUTSIDE_SECONDS

_log = get_logger("lumi.http")


class Target:
    """One outside system by its name, as `whatsapp`. Names are few: they label metrics."""

    __slots__ = ("_counters", "_seconds", "breaker", "name")

    def __init__(self, name: str, breaker: Breaker) -> None:
        self.name = name
        self.breaker = breaker
        self._seconds = OUTSIDE_SECONDS.labels(name)
        self._counters = {"ok": OUTSIDE_CALLS.labels(name, "ok")}

    def succeeded(self, seconds: float) -> None:
        """An answer came that we asked for."""
        self.breaker.answered()
        self._counters["ok"].inc()
        self._seconds.observe(seconds)
        _log.info("outside_call", target=self.name, outcome="ok", ms=round(seconds * 1000, 1))

    def failed(self, failure: OutsideFailure, seconds: float) -> None:
        """The call went out, or tried to, and ended in one of the known failures."""
        failure.target = self.name
        if failure.counts_against_target:
            self.breaker.failed()
        else:
            self.breaker.answered()
        self._note(failure.outcome, seconds, failure.status)

    def abandoned(self, seconds: float) -> None:
        """The call was cancelled, or ended in an error of ours."""
        self.breaker.abandoned()
        self._note("abandoned", seconds, None)

    def refused(self, failure: OutsideFailure) -> None:
        """The breaker is open: no call was made."""
        failure.target = self.name
        self._note("refused", 0.0, None)

    def _note(self, outcome: str, seconds: float, status: int | None) -> None:
        counter = self._counters.get(outcome)
        if counter is None:
            counter = self._counters[outcome] = OUTSIDE_CALLS.labels(self.name, outcome)
        counter.inc()
        if outcome != "refused":
            self._seconds.observe(seconds)
        ms = round(seconds * 1000, 1)
        _log.warning("outside_call", target=self.name, outcome=outcome, ms=ms, status=status)
