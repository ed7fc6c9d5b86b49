"""Child processes: started in the benchmark's own surroundings, found when ready, gone for certain at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60.0
_GOODBYE_SECONDS = 10.0
# What a user's shell or .env says is not ours.
_FOREIGN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "RSA_PRIVATE_KEY", "RSA_PUBLIC_KEY", "PUBLIC_URL", "PORT")


class Failed(RuntimeError):
    """A process ended or did not get ready; the message carries the end of what it wrote."""


def environment(**ours: str) -> dict[str, str]:
    """The environment of a child: the caller's without what steers Lumi, and these."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN and "WHATSAPP" not in name}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": path, **ours}


@asynccontextmanager
async def running(
    name: str, *arguments: str, env: Mapping[str, str], folder: Path, stdin: bool = False, stdout: bool = False
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`python -m ARGUMENTS` in `folder`, its lines in NAME.log there; ended by SIGTERM, then by force."""
    with (folder / f"{name}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, cwd=folder, env=dict(env), stderr=log, start_new_session=True,
            stdin=asyncio.subprocess.PIPE if stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if stdout else log, limit=1 << 26,
        )  # fmt: skip
    try:
        yield process
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def run(name: str, *arguments: str, env: Mapping[str, str], folder: Path) -> None:
    """The same to its end; raises Failed unless it ends well."""
    async with running(name, *arguments, env=env, folder=folder) as process:
        if await process.wait():
            raise Failed(f"{name}: {tail(folder, name)}")


async def read_line(name: str, process: asyncio.subprocess.Process, folder: Path) -> str:
    """The next line a process writes to its standard output; raises Failed when it ended instead."""
    if process.stdout is None:
        raise ValueError("this process has no pipe")
    line = await process.stdout.readline()
    if not line:
        raise Failed(f"{name}: {tail(folder, name)}")
    return line.decode().strip()


async def listens(name: str, process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
    """Return as soon as somebody takes connections on this port."""
    for _ in range(int(_PATIENCE_SECONDS / 0.05)):
        if process.returncode is not None:
            break
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise Failed(f"{name}: {tail(folder, name)}")


def tail(folder: Path, name: str, characters: int = 2000) -> str:
    """The end of what a process wrote."""
    path = folder / f"{name}.log"
    return path.read_text(errors="replace")[-characters:] if path.exists() else "(it wrote nothing)"
