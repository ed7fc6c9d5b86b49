"""The only place that reads the wall clock, so that everything else can be given a time.

Zones come from the package tzdata, which is updated with us: the machine's own files can be wrong by months.
"""

import zoneinfo
from datetime import UTC, datetime

zoneinfo.reset_tzpath(to=())


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
