"""What the tests of the embedded server need: clients in processes of their own, and eyes for other processes."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from lumi.core.server import attach
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]

CLIENT = """
import asyncio, sys
from pathlib import Path
from lumi.core.server import attach
async def main():
    async with attach.hold(Path(sys.argv[1]), durable=False) as server:
        print(server.note or "-", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"""


class Client:
    """Another process that holds the server until it is told to leave, or is killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.note = ""

    async def attached(self) -> None:
        assert self._process.stdout
        self.note = (await self._process.stdout.readline()).decode().strip()
        assert self.note

    async def leave(self) -> None:
        await self._process.communicate(b"")

    async def kill(self) -> None:
        self._process.kill()
        await self._process.communicate()

    async def be_gone(self) -> None:
        if self._process.returncode is None:
            await self.kill()


@asynccontextmanager
async def starting(home: Path, *paths: Path) -> AsyncGenerator[Client]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*paths, ROOT]))}
    command = [sys.executable, "-c", CLIENT, str(home)]
    pipe = asyncio.subprocess.PIPE
    client = Client(await asyncio.create_subprocess_exec(*command, env=environment, stdin=pipe, stdout=pipe))
    try:
        yield client
    finally:
        await client.be_gone()


@asynccontextmanager
async def visiting(home: Path, *paths: Path) -> AsyncGenerator[Client]:
    async with starting(home, *paths) as client:
        await client.attached()
        yield client


def state_of(home: Path) -> Path:
    record = home / "server.at"
    return Path(record.read_text().strip()) if record.exists() else home / "server"


def server_pid(home: Path) -> int:
    """0 when none is there."""
    record = state_of(home) / "data" / "postmaster.pid"
    try:
        return int(record.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):  # it goes between a look and a reading
        return 0


def sockets_of(pid: int) -> set[str]:
    opened = (os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink())
    return {name[len("socket:[") : -1] for name in opened if name.startswith("socket:")}


def network_sockets() -> set[str]:
    tables = [Path(f"/proc/net/{table}") for table in ("tcp", "tcp6", "udp", "udp6")]
    lines = (line for table in tables if table.exists() for line in table.read_text().splitlines()[1:])
    return {line.split()[9] for line in lines}


def ids_of(pid: int) -> list[str]:
    """User, group and further groups that a process has, as numbers."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return [word for line in lines if line.startswith(("Uid", "Gid", "Groups")) for word in line.split()[1:]]


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def supervisor_pid(home: Path) -> int:
    return int((state_of(home) / "supervisor.lock").read_text())


def cluster_state(home: Path) -> str:
    command = [attach.tool("pg_controldata"), state_of(home) / "data"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith("Database cluster state"))


async def end(home: Path) -> None:
    """As a shutdown of the machine does it: without waiting for the grace."""
    os.kill(supervisor_pid(home), signal.SIGTERM)
    await until(lambda: not server_pid(home))


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return True
