"""What the client makes of a clamd that is away, silent, ill or something else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lumi.core.http import Http, Rejected, Unavailable
from lumi.core.metrics import REGISTRY
from lumi.integrations.clamd.client import Clamd
from lumi.integrations.clamd.errors import NotLooked
from lumi.integrations.clamd.fake.server import RunningTwin, running
from lumi.integrations.clamd.fake.twin import EICAR
from tests.integrations.clamd.conftest import pieces


def outcomes(outcome: str) -> float:
    return REGISTRY.get_sample_value("lumi_outside_calls_total", {"target": "clamd", "outcome": outcome}) or 0.0


async def test_at_a_socket_it_is_the_same(http: Http, tmp_path: Path) -> None:
    async with running(path=tmp_path / "clamd.sock") as served:
        clamd = Clamd(http, served.address)
        await clamd.ping()
        assert (await clamd.scan(pieces(EICAR))).found == "Eicar-Test-Signature"


async def test_one_that_is_away_is_unavailable(http: Http, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
    for address in (nobody, str(tmp_path / "missing.sock"), "clamd.invalid:3310"):
        with pytest.raises(Unavailable):
            await Clamd(http, address).scan(pieces(b"hello"))
        with pytest.raises(Unavailable):
            await Clamd(http, address).ping()


async def test_one_that_hangs_up_is_unavailable_and_asked_again_it_answers(twin: Clamd, served: RunningTwin) -> None:
    served.twin.settings.hang_up = 1

    with pytest.raises(Unavailable):
        await twin.scan(pieces(b"hello"))
    assert (await twin.scan(pieces(b"hello"))).found is None


async def test_one_that_says_nothing_is_not_waited_for_without_end(twin: Clamd, served: RunningTwin) -> None:
    served.twin.settings.hang = 1

    with pytest.raises(Unavailable, match="TimeoutError"):
        await twin.scan(pieces(b"hello"), timeout=0.2)


@pytest.mark.parametrize(
    "answer", ["stream: Can't allocate memory ERROR", "INSTREAM: Can't write to temporary file. ERROR"]
)
async def test_one_that_could_not_look_says_why(twin: Clamd, served: RunningTwin, answer: str) -> None:
    served.twin.settings.answers = [answer]

    with pytest.raises(NotLooked, match="clamd could not look: "):
        await twin.scan(pieces(b"hello"))


@pytest.mark.parametrize("answer", ["", "HTTP/1.1 400 Bad Request", "OK-ish", "x" * 100_000])
async def test_what_is_no_clamd_is_never_believed(twin: Clamd, served: RunningTwin, answer: str) -> None:
    served.twin.settings.answers = [answer]

    with pytest.raises(Unavailable):
        await twin.scan(pieces(b"hello"))


async def test_bytes_that_cannot_be_read_are_no_failure_of_clamd(twin: Clamd, served: RunningTwin) -> None:
    async def broken(error: Exception) -> AsyncIterator[bytes]:
        yield b"hello"
        raise error

    before = outcomes("unavailable"), outcomes("rejected")
    for error in (OSError("the disk"), Unavailable("of another"), LookupError("gone"), Rejected(403)):
        with pytest.raises(type(error)) as raised:
            await twin.scan(broken(error))
        assert raised.value is error
    assert (outcomes("unavailable"), outcomes("rejected")) == before
    await twin.ping()


async def test_nothing_of_the_bytes_is_told_in_a_failure(twin: Clamd, served: RunningTwin) -> None:
    served.twin.settings.answers = ["what is this"]

    with pytest.raises(Unavailable) as failure:
        await twin.scan(pieces(b"private words"))

    assert "private" not in f"{failure.value!r} {failure.value.body!r}"


async def test_the_twin_answers_a_command_it_does_not_know_like_its_original(served: RunningTwin) -> None:
    host, _, port = served.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"zNONSENSE\0")
    assert await reader.read() == b"UNKNOWN COMMAND\0"
    writer.close()
    await writer.wait_closed()
    assert served.twin.counts == {"NONSENSE": 1}
