"""What clients call: `async with hold(home) as server`. The server lives as long as anybody holds it."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from lumi.core.server import cluster, locks, programs
from lumi.core.server.failures import ServerFailed, ServerInUse
from lumi.core.server.launcher import Launcher
from lumi.core.server.location import Place, prepare
from lumi.core.server.readiness import answers, make_ready

tool = programs.tool

_START_LIMIT_SECONDS = 300.0  # a large database may replay its log for minutes after the machine went down
_POLL_SECONDS = 0.01
_WATCH_SECONDS = 1.0
_ROOM_BYTES = 2 * 1024**3
_REMOVAL_WAIT_SECONDS = 10.0


def _silently(_: str) -> None:
    return None


@dataclass(frozen=True)
class Server:
    """How to reach the database. The URLs hold passwords and stay out of every log."""

    socket_dir: Path
    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    admin_url: str = field(repr=False)
    """The superuser's, for template databases and whole dumps: row-level security stops the owner's."""
    note: str | None = None


@asynccontextmanager
async def hold(home: Path, *, durable: bool = True, say: Callable[[str], None] = _silently) -> AsyncGenerator[Server]:
    """The running server of this home: started if none lives, started again should its supervisor be killed.

    `durable=False` makes a new cluster one that the machine's end may destroy. Raises ServerFailed when it
    cannot start, PermissionError when home or data belong to another user.
    """
    if sys.platform == "win32":
        raise ServerFailed("there is no embedded server on Windows: set DATABASE_URL")
    place = await asyncio.to_thread(prepare, home, say)
    client = await _enter(place)
    try:
        if not durable:
            cluster.forgo_durability(place)
        launcher = Launcher(place)
        await _start(place, launcher, say)
        watch = asyncio.create_task(_watch(launcher))
        try:
            yield _described(place)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
    finally:
        os.close(client)


@asynccontextmanager
async def scratch(*, say: Callable[[str], None] = _silently) -> AsyncGenerator[Server]:
    """A server of its own, not durable, gone without a trace afterwards; in memory where there is room."""
    home = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lumi-", dir=_roomy_memory()))
    try:
        async with hold(home, durable=False, say=say) as server:
            yield server
    finally:
        await destroy(home)
        await asyncio.to_thread(shutil.rmtree, home)


async def destroy(home: Path) -> None:
    """Ends the server and removes its data, wherever they are. Raises ServerInUse while a client holds it."""
    place = await asyncio.to_thread(prepare, home, _silently)
    until = time.monotonic() + _REMOVAL_WAIT_SECONDS
    launcher = Launcher(place)
    while (client := locks.take(place.clients_lock)) is None:
        if time.monotonic() > until:
            raise ServerInUse(f"{place.state} is held by a running process")
        await asyncio.sleep(_POLL_SECONDS)
    try:
        while (supervisor := locks.take(place.supervisor_lock)) is None:
            launcher.order_stop()
            await asyncio.sleep(_POLL_SECONDS)
        try:
            await asyncio.to_thread(_remove, place)
        finally:
            os.close(supervisor)
    finally:
        os.close(client)
        launcher.reap()


def _roomy_memory() -> str | None:
    # Making and removing thousands of small files is what a disk is worst at: 0.5 s here, up to 3 s there.
    shared = Path("/dev/shm")  # noqa: S108 (mkdtemp makes the folder)
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > _ROOM_BYTES:
        return str(shared)
    return None


def _remove(place: Place) -> None:
    for folder in (place.state, place.socket_dir):
        shutil.rmtree(folder, ignore_errors=not folder.exists())
    (place.home / "server.at").unlink(missing_ok=True)


async def _enter(place: Place) -> int:
    while True:
        client = locks.take(place.clients_lock, shared=True)
        if client is not None:
            return client
        await asyncio.sleep(_POLL_SECONDS)


async def _start(place: Place, launcher: Launcher, say: Callable[[str], None]) -> None:
    until = time.monotonic() + _START_LIMIT_SECONDS
    if launcher.launch_if_none():
        say("Starting the database" if place.data.exists() else "Making the database")
    while not (launcher.is_serving() and await answers(place)):
        if time.monotonic() > until:
            raise ServerFailed(f"the database did not answer for {_START_LIMIT_SECONDS:.0f} s; see {place.log}")
        await asyncio.sleep(_POLL_SECONDS)
        launcher.launch_if_none()
    await make_ready(place)


async def _watch(launcher: Launcher) -> None:
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        with suppress(ServerFailed):
            launcher.launch_if_none()


def _described(place: Place) -> Server:
    passwords = cluster.read_passwords(place)

    def url(role: str) -> str:
        # The port is named because a PGPORT of the caller's would change it.
        word = quote(passwords[role], safe="")
        return f"postgresql://{role}:{word}@/{cluster.DATABASE}?host={quote(str(place.socket_dir))}&port=5432"

    return Server(place.socket_dir, url(cluster.OWNER), url(cluster.APP), url(cluster.SUPERUSER), place.note)
