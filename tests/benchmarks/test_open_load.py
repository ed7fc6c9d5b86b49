"""A load that does not wait for answers counts from the instant each message was planned for."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import orjson
import pytest

from benchmarks.line_parts.generator import Figures, Load, Plan

FIRST = 33_600_000_000
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What the world took, as its twin writes it."""
    made = tmp_path / "log"
    made.touch()
    return made


async def loaded(log: Path, *, takes: float, replies: bool = True, mode: str = "open", rate: float = 20.0) -> Figures:
    """One connection to a server that takes so long for each answer and replies at once, for a second."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                body = orjson.loads(await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r")[0])))
                person = body["entry"][0]["changes"][0]["value"]["messages"][0]["from"]
                await asyncio.sleep(takes)
                writer.write(OK)
                if replies:
                    with log.open("ab") as lines:
                        lines.write(orjson.dumps({"to": person, "at": time.time()}) + b"\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = int(server.sockets[0].getsockname()[1])
        plan = Plan(
            mode=mode, port=port, secret="an-invented-secret", number="1", first=FIRST, people=100, log=str(log),
            seconds=1.0, rate=rate, connections=1, patience=0.5,
        )  # fmt: skip
        return await Load(plan).run()


async def test_who_waits_for_a_free_line_is_counted_from_the_planned_instant(log: Path) -> None:
    slow = await loaded(log, takes=0.1)

    # Ten a second are taken and twenty come: the last of them waits for all before it.
    assert max(slow.answer_ms) > 400
    assert max(slow.reply_ms) > 400


async def test_what_never_came_counts_with_the_time_it_waited(log: Path) -> None:
    stuck = await loaded(log, takes=0.4, replies=False)

    assert stuck.unsent + stuck.unanswered >= 19
    assert len(stuck.reply_ms) >= 19
    assert max(stuck.reply_ms) > 1_000


async def test_a_load_that_waits_for_answers_would_not_have_seen_it(log: Path) -> None:
    polite = await loaded(log, takes=0.1, mode="webhooks")

    assert max(polite.answer_ms) < 300


async def test_a_server_that_keeps_up_is_seen_to(log: Path) -> None:
    well = await loaded(log, takes=0.0)

    assert (well.refused, well.twice, well.unsent, well.unanswered) == (0, 0, 0, 0)
    assert 19 <= len(well.answer_ms) == len(well.reply_ms) <= 22
    assert sorted(well.answer_ms)[len(well.answer_ms) // 2] < 100
