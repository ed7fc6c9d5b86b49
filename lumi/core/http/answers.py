"""What goes out over HTTP and comes back, and what that means for the caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeAlias

import orjson

from lumi.core import clock
from lumi.core.http.failures import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable


@dataclass(frozen=True, slots=True)
class Framed:
    """A file between the bytes that go before and after it, as in a form."""

    before: bytes
    path: Path
    after: bytes


# What is sent: bytes as they are, a form, the content of a file (read as it goes, from the start at each attempt).
Body: TypeAlias = bytes | Mapping[str, str] | Path | Framed | None

MAX_ANSWER_BYTES = 32 << 20
_DEFAULT_RETRY_SECONDS = 1.0
# A line up of 2 Mbit/s: what is slower carries no films.
_SLOWEST_BYTES_A_SECOND = 1 << 18
# A gateway that got no answer, or a broken one, from the server behind it: that server may have acted.
_GATEWAY_LOST_IT = frozenset({502, 504})


@dataclass(frozen=True, slots=True)
class Response:
    """A successful answer (2xx, or 304 when the caller asked conditionally), read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body as JSON; ValueError when it is not."""
        return orjson.loads(self.body)


def travelling_seconds(size: int) -> int:
    """How long so many bytes may be on their way, beside the time the other side has to answer."""
    return size // _SLOWEST_BYTES_A_SECOND


def failure_in(answer: Response, *, repeatable: bool) -> OutsideFailure | None:
    """The failure an answer stands for, or None when it is a success."""
    status = answer.status
    if 200 <= status < 300 or status == 304:
        return None
    wait = _retry_after(answer.headers)
    if status == 429:
        return RateLimited(_DEFAULT_RETRY_SECONDS if wait is None else wait, answer.body)
    if status in _GATEWAY_LOST_IT and not repeatable:
        return OutcomeUnknown(f"answered {status}", status=status, body=answer.body)
    if status >= 500 or status == 408:
        return Unavailable(f"answered {status}", status=status, body=answer.body, retry_after=wait)
    return Rejected(status, answer.body)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header, which holds a number or a date."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return None
