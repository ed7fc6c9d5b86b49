"""The figures' own port: one process of the machine answers, and another when that one has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lumi.core import metrics
from lumi.core.db import Database
from lumi.core.figures import port, scrape

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Told:
    """Settings of a process that tells its figures."""

    lumi_home: Path
    prometheus_port: int | None
    prometheus_enabled: bool = True
    host: str = "127.0.0.1"


@asynccontextmanager
async def answering(number: int, body: bytes) -> AsyncGenerator[None]:
    """Something that wants to answer at this port."""

    async def answer() -> tuple[bytes, str]:
        return body, "text/plain"

    task = asyncio.ensure_future(port.keep_answering("127.0.0.1", number, answer))
    await asyncio.sleep(0.05)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def asked(number: int, request: str) -> tuple[int, bytes]:
    """Status and body of the answer to one request line; waits until somebody listens."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", number)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
                continue
            writer.write(f"{request}\r\n\r\n".encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            writer.close()
            return int(head.split(b" ")[1]), body


async def test_it_answers_with_the_figures_and_nothing_else(unused_tcp_port: int) -> None:
    async with answering(unused_tcp_port, b"lumi_turns_total 1\n"):
        assert await asked(unused_tcp_port, "GET /metrics HTTP/1.1") == (200, b"lumi_turns_total 1\n")
        assert (await asked(unused_tcp_port, "GET /v1/contacts HTTP/1.1"))[0] == 404
        assert (await asked(unused_tcp_port, "POST /metrics HTTP/1.1"))[0] == 405
        assert (await asked(unused_tcp_port, "nonsense"))[0] == 404


async def test_when_the_process_that_has_it_ends_another_answers(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(port, "TAKE_OVER_SECONDS", 0.02)
    first, second = answering(unused_tcp_port, b"first\n"), answering(unused_tcp_port, b"second\n")
    await first.__aenter__()
    async with second:
        assert (await asked(unused_tcp_port, "GET /metrics HTTP/1.1"))[1] == b"first\n"
        await first.__aexit__(None, None, None)

        assert (await asked(unused_tcp_port, "GET /metrics HTTP/1.1"))[1] == b"second\n"


async def test_a_process_tells_its_pools_and_that_it_lives(
    unused_tcp_port: int, tmp_path: Path, database: Database
) -> None:
    async with scrape.told(Told(tmp_path, unused_tcp_port), database, "worker"), database.pool.acquire():
        scrape.look(database, "worker")
        status, body = await asked(unused_tcp_port, "GET /metrics HTTP/1.1")

    told = body.decode()
    assert status == 200
    assert 'lumi_processes{process="worker"} 1.0' in told
    assert 'lumi_pool_connections_in_use{pool="functions",process="worker"} 1.0' in told
    assert "lumi_lanes_due" in told


async def test_switched_off_nothing_is_written_or_answered(
    unused_tcp_port: int, tmp_path: Path, database: Database
) -> None:
    before = metrics.REGISTRY.get_sample_value("lumi_processes", {"process": "web"})
    async with scrape.told(Told(tmp_path, unused_tcp_port, prometheus_enabled=False), database, "web"):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        assert metrics.REGISTRY.get_sample_value("lumi_processes", {"process": "web"}) == before

    assert not (tmp_path / "metrics").exists()
