"""Clamd twice: its twin, and the real one where it is installed, with one signature of our own and no download."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lumi.core.http import Http
from lumi.demo.keys import free_port
from lumi.integrations.clamd.client import Clamd
from lumi.integrations.clamd.fake.server import RunningTwin, running
from lumi.integrations.clamd.fake.twin import EICAR, TwinSettings

FILE_MAX_BYTES = 1 << 20
STREAM_MAX_BYTES = 2 << 20
_PATIENCE_SECONDS = 30


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@pytest.fixture
async def served() -> AsyncIterator[RunningTwin]:
    settings = TwinSettings(stream_max_bytes=STREAM_MAX_BYTES, file_max_bytes=FILE_MAX_BYTES)
    async with running(settings) as twin:
        yield twin


@pytest.fixture
def twin(http: Http, served: RunningTwin) -> Clamd:
    return Clamd(http, served.address)


def _program() -> str:
    found = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("clamd is not installed (Debian: clamav-daemon)")
    return found


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real clamd that knows EICAR's test file by a signature written here, and tells its limits."""
    with _started(tmp_path_factory.mktemp("clamd"), tells=True) as address:
        yield address


@pytest.fixture(scope="session")
def installed_silent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same one as it comes: of what it did not look into it says OK."""
    with _started(tmp_path_factory.mktemp("clamd"), tells=False) as address:
        yield address


@contextmanager
def _started(folder: Path, *, tells: bool) -> Generator[str]:
    program = _program()
    (folder / "db").mkdir()
    (folder / "db" / "ours.ndb").write_text(f"Eicar-Test-Signature:0:0:{EICAR.hex()}\n")
    port = free_port()
    lines = [
        f"TCPSocket {port}", "TCPAddr 127.0.0.1", f"DatabaseDirectory {folder / 'db'}", "Foreground yes",
        f"StreamMaxLength {STREAM_MAX_BYTES}", f"MaxFileSize {FILE_MAX_BYTES}", f"LogFile {folder / 'log'}",
        f"TemporaryDirectory {folder}", *(["AlertExceedsMax yes"] if tells else []),
    ]  # fmt: skip
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(
        [program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ},
    )  # fmt: skip
    try:
        _wait_for(port, process, folder)
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    log = folder / "log"
    pytest.fail(f"clamd did not start: {log.read_text()[-500:] if log.exists() else process.poll()}")


@pytest.fixture(params=["twin", "installed"])
def clamd(request: pytest.FixtureRequest, http: Http) -> Clamd:
    """One after the other."""
    if request.param == "twin":
        return request.getfixturevalue("twin")
    return Clamd(http, request.getfixturevalue("installed"))


@pytest.fixture(params=["twin", "installed_silent"])
async def silent(request: pytest.FixtureRequest, http: Http) -> AsyncIterator[Clamd]:
    """One after the other, without `AlertExceedsMax yes`."""
    if request.param == "installed_silent":
        yield Clamd(http, request.getfixturevalue("installed_silent"))
        return
    settings = TwinSettings(stream_max_bytes=STREAM_MAX_BYTES, file_max_bytes=FILE_MAX_BYTES, alerts_beyond=False)
    async with running(settings) as twin:
        yield Clamd(http, twin.address)


async def pieces(body: bytes, size: int = 1 << 18) -> AsyncIterator[bytes]:
    """A body as storages give it, an empty piece among them."""
    yield b""
    for start in range(0, len(body), size):
        yield body[start : start + size]
        await asyncio.sleep(0)
