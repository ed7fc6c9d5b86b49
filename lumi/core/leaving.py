"""Whether this web server is about to stop: it says so before it closes anything.

Until the server closes, everything is answered as ever; `/readyz` says 503 and each answer ends its connection, so
that a proxy takes its next request elsewhere.
"""

from threading import Event

_told = Event()


def begin() -> None:
    """From now on this process is leaving; there is no way back."""
    _told.set()


def has_begun() -> bool:
    """Whether this process is leaving."""
    return _told.is_set()
