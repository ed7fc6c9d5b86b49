"""Runs a program on bytes as a child process with limits, and never leaves it behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from lumi.core.http import Unavailable
from lumi.core.logging import get_logger
from lumi.core.metrics import OUTSIDE_CALLS, OUTSIDE_SECONDS
from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected

# The shell takes the limits on and then becomes the program: what it runs comes as arguments and is never parsed.
# No core file, few files open; too much processor time ends it with a signal, memory with an error of its own.
_LIMITER = (
    '{ ulimit -c 0; ulimit -n 256; ulimit -S -t "$1"; ulimit -H -t "$2"; ulimit -v "$3"; ulimit -f "$4"; } '
    '2>/dev/null; shift 4; exec "$@"'
)
_BLOCK_BYTES = 512
_GRACE_SECONDS = 2
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_KEPT_WORDS = 2_000
_PART_BYTES = 1 << 16

_log = get_logger("lumi.speech")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: bytes it says, seconds on the clock and of a processor, bytes of address space and file."""

    output_bytes: int
    seconds: float
    cpu_seconds: int
    memory_bytes: int
    file_bytes: int = 0
    """The largest file it may write; few write any."""


@dataclass(slots=True)
class Ended:
    """How a child ended. `size` counts all of its output, `output` is empty when it was only counted."""

    code: int = 0
    output: bytes = b""
    size: int = 0
    overflowed: bool = False
    """It said more than it may and was stopped."""
    words: str = ""
    """The end of what it wrote to standard error."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program by its name, how to get it when it is not there, and what it needs in its environment."""

    name: str
    advice: str
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    path: str | None = None
    """Where it is, when that is known."""

    def find(self) -> str | None:
        """Its path: on the search path, or beside the Python that runs us."""
        beside_us = str(Path(sys.executable).parent)
        return self.path or shutil.which(self.name) or shutil.which(self.name, path=beside_us)

    def missing(self) -> str | None:
        """What to do when it is not installed; None when it is."""
        return None if self.find() else ProgramMissing(self.name, self.advice).details


async def run(
    program: Program, arguments: Sequence[str], given: bytes | BinaryIO, limits: Limits, *, keep: bool = True
) -> Ended:
    """Run it with this as its standard input; with `keep` false its output is counted and thrown away.

    A file is given as it is, so that the program can seek in it. Raises ProgramMissing; Unavailable when it took too
    long by the clock; SpeechRejected when it used up its processor time. Any other end is told by `code`.
    """
    path = program.find()
    if path is None:
        raise ProgramMissing(program.name, program.advice)
    began = time.perf_counter()
    outcome = "abandoned"
    try:
        ended = await _run([*_limiting(limits), path, *arguments], given, limits, _environment(program), keep)
        outcome = _outcome(ended)
    except TimeoutError as error:
        outcome = "timed_out"
        raise Unavailable(f"{program.name} took more than {limits.seconds:g} s") from error
    finally:
        taken = time.perf_counter() - began
        OUTSIDE_CALLS.labels(program.name, outcome).inc()
        OUTSIDE_SECONDS.labels(program.name).observe(taken)
        _log.info("child_ended", program=program.name, outcome=outcome, ms=round(taken * 1000, 1))
    if outcome == _COSTLY:
        raise SpeechRejected(Reason.TOO_COSTLY, f"{program.name} needed more than {limits.cpu_seconds} s of processor")
    return ended


_COSTLY = "costly"


def _outcome(ended: Ended) -> str:
    if ended.overflowed:
        return "overflowed"
    if sys.platform != "win32" and ended.code == -signal.SIGXCPU:
        return _COSTLY
    return "failed" if ended.code else "ok"


def _limiting(limits: Limits) -> Sequence[str]:
    if sys.platform == "win32":
        return ()
    cpu, kilobytes = limits.cpu_seconds, limits.memory_bytes // 1024
    figures = (cpu, cpu + _GRACE_SECONDS, kilobytes, limits.file_bytes // _BLOCK_BYTES)
    return ("/bin/sh", "-c", _LIMITER, "limiter", *(str(each) for each in figures))


def _environment(program: Program) -> dict[str, str]:
    # Not ours: it holds secrets, and a program led astray by its input must find none.
    ours = {name: value for name in _PASSED_ON if (value := os.environ.get(name)) is not None}
    return {**ours, "LC_ALL": "C.UTF-8", "HOME": "/", **program.env}


async def _run(
    command: Sequence[str], given: bytes | BinaryIO, limits: Limits, env: Mapping[str, str], keep: bool
) -> Ended:
    process = await _start(command, given, env)
    try:
        async with asyncio.timeout(limits.seconds):
            return await _attend(process, given, limits.output_bytes, keep)
    finally:
        await _end(process)


async def _start(command: Sequence[str], given: bytes | BinaryIO, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=pipe if isinstance(given, bytes) else given,
            stdout=pipe,
            stderr=pipe,
            env=env,
            cwd="/",
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled halfway, loops leave behind what the child has started by then, and uvloop the child too.
        with suppress(OSError):
            await _end(await starting)
        raise


async def _attend(process: asyncio.subprocess.Process, given: bytes | BinaryIO, most: int, keep: bool) -> Ended:
    ended = Ended()
    await asyncio.gather(_feed(process, given), _take(process, ended, most, keep), _listen(process, ended))
    ended.code = await process.wait()
    return ended


async def _feed(process: asyncio.subprocess.Process, given: bytes | BinaryIO) -> None:
    if process.stdin is None or not isinstance(given, bytes):
        return
    # One that has heard enough closes its end early: how it ends says whether that was right.
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(given)
        await process.stdin.drain()
    process.stdin.close()


async def _take(process: asyncio.subprocess.Process, ended: Ended, most: int, keep: bool) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    parts: list[bytes] = []
    while part := await process.stdout.read(_PART_BYTES):
        if ended.overflowed:
            continue  # what is left in the pipe: unread, it would keep the end of the process from being told
        ended.size += len(part)
        if ended.size > most:
            ended.overflowed = True
            _kill(process)
        elif keep:
            parts.append(part)
    ended.output = b"".join(parts)


async def _listen(process: asyncio.subprocess.Process, ended: Ended) -> None:
    assert process.stderr is not None  # noqa: S101 - it was asked for
    while part := await process.stderr.read(_PART_BYTES):
        ended.words = (ended.words + part.decode(errors="replace"))[-_KEPT_WORDS:]


async def _end(process: asyncio.subprocess.Process) -> None:
    """Gone, with all it started, and its pipes closed; whatever it still had to say is lost."""
    _kill(process)
    for stream in (process.stdout, process.stderr):
        while stream is not None and await stream.read(_PART_BYTES):
            pass
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
