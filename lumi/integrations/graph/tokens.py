"""What the Graph API tells of an access token: whether it is one, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from lumi.core.outside_json import as_object, as_text

WRONG_TOKEN = 190


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token as `debug_token` tells of it. `expires_at` is None for one that never ends, as a system user's."""

    is_valid: bool
    expires_at: datetime | None
    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """A long-lived token in the place of another, which goes on until its own end."""

    token: str
    expires_at: datetime


def asked_of(token: str) -> str:
    """The query under which a token is asked about; it may ask about itself."""
    return f"debug_token?{urlencode({'input_token': token})}"


def renewal_of(token: str) -> str:
    """The query by which a long-lived token of Instagram Login, a day old or more, is renewed for sixty days."""
    return f"refresh_access_token?{urlencode({'grant_type': 'ig_refresh_token', 'access_token': token})}"


def info_in(answer: dict[str, object]) -> TokenInfo:
    """What was told; the end that comes first counts, of the token or of the data it may read."""
    data = as_object(answer.get("data"))
    error = as_object(data.get("error"))
    code = error.get("code")
    ends = [end for name in ("expires_at", "data_access_expires_at") if (end := _moment(data.get(name)))]
    return TokenInfo(
        is_valid=data.get("is_valid") is True,
        expires_at=min(ends, default=None),
        code=code if isinstance(code, int) else WRONG_TOKEN,
        said=as_text(error.get("message")) or "the token is not valid",
    )


def renewed_in(answer: dict[str, object], now: datetime) -> Renewed | None:
    """The new token, when there is one."""
    token, seconds = as_text(answer.get("access_token")), answer.get("expires_in")
    if not token or not isinstance(seconds, int) or seconds <= 0:
        return None
    return Renewed(token, now + timedelta(seconds=seconds))


def _moment(value: object) -> datetime | None:
    """A time in seconds; 0 stands for never."""
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
