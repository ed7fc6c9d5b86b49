"""How the processes of an installation work together: one that knows only an older way lets its work end and goes.

An upgrade announces the way of the new version in the database. Whatever starts the processes starts them anew, by then
with the new code.
"""

from __future__ import annotations

import asyncio
from typing import cast

from sqlalchemy import Connection, text

from lumi.core.db import DATABASE_GONE, Pool, fetch

PROTOCOL = 1
"""Raised by a change that a process of before would get wrong, as a delivery it would send without its file."""
LOOK_SECONDS = 3.0
ANNOUNCED = "select max(version) from protocol"
"""A row always; null in it where nobody has announced any."""


def announce(connection: Connection) -> None:
    """The newest way anybody of this installation works, written down by whoever migrates."""
    connection.execute(
        text(
            "insert into protocol (version) values (:version)"
            " on conflict (only_row) do update set version = greatest(protocol.version, excluded.version)"
        ),
        {"version": PROTOCOL},
    )


def is_older_than(announced: int | None) -> bool:
    """Whether this process knows only an older way than this one."""
    return (announced or 0) > PROTOCOL


async def until_newer(pool: Pool) -> None:
    """Return when a newer way was announced; a database that cannot be asked is asked again."""
    while True:
        try:
            ((announced,),) = await fetch(pool, ANNOUNCED)
        except DATABASE_GONE:
            announced = None
        if is_older_than(cast("int | None", announced)):
            return
        await asyncio.sleep(LOOK_SECONDS)
