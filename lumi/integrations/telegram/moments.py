"""Times as they come from outside."""

from datetime import UTC, datetime

_FIRST_MILLISECOND_STAMP = 100_000_000_000


def instant(value: object) -> datetime | None:
    """Unix seconds or milliseconds, as number or text, or ISO 8601; None for what is no time, and for 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return _from_stamp(float(value))
    except ValueError:
        return _from_iso(str(value))
    except (OverflowError, OSError):
        return None


def _from_stamp(stamp: float) -> datetime | None:
    if not stamp > 0:
        return None
    return datetime.fromtimestamp(stamp / 1000 if stamp > _FIRST_MILLISECOND_STAMP else stamp, UTC)


def _from_iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
