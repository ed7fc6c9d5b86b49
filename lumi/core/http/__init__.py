"""Every call to an outside system goes through here: one policy, whatever the protocol.

Time-out, breaker, retries only of what may be repeated, a log line and figures for each attempt. What can go
wrong is four things, and whoever calls decides by them alone."""

from lumi.core.http.answers import Response, travelling_seconds
from lumi.core.http.calls import Http, prepare
from lumi.core.http.failures import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.http.leaving import Silenced, only_while
from lumi.core.http.patience import Patience

__all__ = [
    "Http", "OutcomeUnknown", "OutsideFailure", "Patience", "RateLimited", "Rejected", "Response", "Silenced",
    "Unavailable", "only_while", "prepare", "travelling_seconds",
]  # fmt: skip
