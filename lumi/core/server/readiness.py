"""Readiness is shown by connecting; a new cluster gets roles and database from whoever connects first."""

import asyncio
import os
from typing import cast

from lumi.core.server import cluster, locks, roles
from lumi.core.server.location import Place
from lumi.core.server.postmaster import PORT
from lumi.core.server.roles import Connection

_POLL_SECONDS = 0.01


async def answers(place: Place) -> bool:
    """Whether the server takes a connection now. A wrong password is not a no, it raises."""
    import asyncpg

    try:
        if place.provisioned.exists():
            connection = await _connect(place, cluster.OWNER, cluster.DATABASE)
        else:
            connection = await _connect(place, cluster.SUPERUSER, cluster.SUPERUSER)
    except asyncpg.TooManyConnectionsError:
        return True
    except (OSError, asyncpg.OperatorInterventionError, asyncpg.ConnectionDoesNotExistError):
        return False
    await connection.close()
    return True


async def make_ready(place: Place) -> None:
    """Completes roles, database and extension unless that was done; one process at a time."""
    while not place.provisioned.exists():
        lock = locks.take(place.state / "provision.lock")
        if lock is None:
            await asyncio.sleep(_POLL_SECONDS)
            continue
        try:
            if not place.provisioned.exists():
                await _provision(place)
        finally:
            os.close(lock)


async def _provision(place: Place) -> None:
    first = await _connect(place, cluster.SUPERUSER, cluster.SUPERUSER)
    try:
        await roles.provision(first, cluster.read_passwords(place))
    finally:
        await first.close()
    second = await _connect(place, cluster.SUPERUSER, cluster.DATABASE)
    try:
        await roles.extend(second)
    finally:
        await second.close()
    cluster.mark_provisioned(place)


async def _connect(place: Place, user: str, database: str) -> Connection:
    import asyncpg

    opened = await asyncpg.connect(  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] (it has no types)
        host=str(place.socket_dir),
        port=PORT,
        user=user,
        password=cluster.read_passwords(place)[user],
        database=database,
        timeout=10,
    )
    return cast("Connection", opened)
