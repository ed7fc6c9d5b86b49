"""A Redis and a database of our own, for what uses one alone; log lines as JSON, for who reads them."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Protocol

import pytest

from lumi.core.db import Database
from lumi.demo.keys import free_port
from tests import template
from tests.core import certificates, log_lines
from tests.waiting import PATIENCE_SECONDS


class RedisServer:
    """A real redis-server that can be stopped and started again at the same address, over TLS if asked to."""

    def __init__(self, folder: Path, *options: str, tls: bool = False) -> None:
        self._folder = folder
        self._options = options
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.place = f"127.0.0.1:{self._port}"
        self.url = f"{'rediss' if tls else 'redis'}://{self.place}/0"

    def start(self) -> None:
        """Start, and return when it answers."""
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *self._options, *self._listening()]
        self._process = subprocess.Popen(
            ["redis-server", *options, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        give_up_at = time.monotonic() + 10
        while time.monotonic() < give_up_at:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("redis-server did not answer within 10 s")

    def _listening(self) -> list[str]:
        if not self._tls:
            return ["--port", str(self._port)]
        certificate, key = certificates.self_made(self._folder)
        files = ["--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-auth-clients", "no"]
        return ["--port", "0", "--tls-port", str(self._port), *files]

    def stop(self) -> None:
        """Stop as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class MakeRedis(Protocol):
    """`make_redis("--requirepass", "secret")`: a server with these options, started."""

    def __call__(self, *options: str, tls: bool = False) -> RedisServer: ...


def _needs_redis() -> None:
    if shutil.which("redis-server") is None:
        if os.environ.get("CI"):
            pytest.fail("redis-server is missing; in CI it must be there")
        pytest.skip("redis-server is not installed")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a Redis that all tests of this worker share."""
    _needs_redis()
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def redis_server(tmp_path: Path) -> Generator[RedisServer]:
    """A Redis of one test, to be stopped and started."""
    _needs_redis()
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make_redis(tmp_path: Path) -> Generator[MakeRedis]:
    """Redis servers with options of their own."""
    _needs_redis()
    made: list[RedisServer] = []

    def make(*options: str, tls: bool = False) -> RedisServer:
        server = RedisServer(tmp_path, *options, tls=tls)
        made.append(server)
        server.start()
        return server

    yield make
    for each in made:
        each.stop()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not wait for a slow Redis goes on without; on a busy machine every Redis is slow now and then."""
    monkeypatch.setattr("lumi.core.cache_redis.ANSWER_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("lumi.core.limits.REDIS_TIMEOUT_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def json_lines() -> Generator[None]:
    """Every log line is JSON."""
    with log_lines.as_json():
        yield


@pytest.fixture
async def alone() -> AsyncGenerator[Database]:
    """A database nobody else works on."""
    async with template.copy_of_template(f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_alone") as url:
        opened = await Database.open(url)
        yield opened
        await opened.close()
