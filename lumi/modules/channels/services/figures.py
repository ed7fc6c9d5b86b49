"""What operators read of accounts: how many have an open alert, and how long the longest silence is."""

from __future__ import annotations

from typing import cast

from lumi.core.db import DATABASE_GONE, Database, fetch
from lumi.core.metrics import CHANNEL_ALERTS, CHANNEL_SILENCE_SECONDS
from lumi.modules.channels.values.kinds import AlertKind, Channel

_NOBODY_CAN_TELL = float("nan")


async def ask(db: Database) -> None:
    """Set the figures of all channels and kinds; none is a number while nobody can tell."""
    none = 0.0
    found: dict[tuple[str, str], tuple[float, float]] = {}
    try:
        for row in await fetch(db.pool, "select * from app.open_alerts()"):
            found[row["channel"], row["kind"]] = (float(row["open"]), cast("float", row["oldest_seconds"]))
    except DATABASE_GONE:
        none = _NOBODY_CAN_TELL
    for channel in Channel:
        for kind in AlertKind:
            CHANNEL_ALERTS.labels(channel.value, kind.value).set(found.get((channel, kind), (none, none))[0])
        silent = found.get((channel, AlertKind.SILENT), (none, none))[1]
        CHANNEL_SILENCE_SECONDS.labels(channel.value).set(silent)
