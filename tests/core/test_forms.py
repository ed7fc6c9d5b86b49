"""Forms with one file, as we upload them."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from lumi.core.http import Http, OutcomeUnknown, Unavailable, travelling_seconds
from lumi.core.http.answers import Framed
from lumi.core.http.forms import Upload, form

if TYPE_CHECKING:
    from pathlib import Path


def test_a_form_says_where_each_part_ends_and_lets_no_header_in() -> None:
    body, content_type = form({"a": "é\r\n"}, Upload('x"\r\nEvil: 1\0', "text/plain\r\nEvil: 1", b"\x00--"))
    boundary = content_type.partition("boundary=")[2].encode()
    assert isinstance(body, bytes)
    assert body.count(b"--" + boundary) == 3
    assert body.endswith(b"--" + boundary + b"--\r\n")
    assert b"\r\nEvil" not in body
    assert b"x%22%0D%0AEvil: 1%00" in body
    assert b"Content-Type: application/octet-stream" in body


def test_a_form_around_a_file_where_it_lies_is_the_same_without_reading_it(tmp_path: Path) -> None:
    place = tmp_path / "menu.txt"
    place.write_bytes(b"Menu")
    body, content_type = form({"a": "1"}, Upload("menu.txt", "text/plain", place))
    boundary = content_type.partition("boundary=")[2].encode()

    assert isinstance(body, Framed)
    assert body.path == place
    whole = body.before + b"Menu" + body.after
    in_memory, _ = form({"a": "1"}, Upload("menu.txt", "text/plain", b"Menu"))
    assert isinstance(in_memory, bytes)
    assert re.sub(rb"[0-9a-f]{32}", b"", whole) == re.sub(rb"[0-9a-f]{32}", b"", in_memory)
    assert whole.endswith(b"\r\n--" + boundary + b"--\r\n")


async def test_a_form_that_was_cut_before_its_end_was_not_sent(tmp_path: Path) -> None:
    """Nobody can make anything of it, so it may be sent again."""
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(32 << 20))

    async def reads_a_little(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.transport.abort()

    server = await asyncio.start_server(reads_a_little, "127.0.0.1", 0)
    async with server, Http() as http:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(Unavailable, match="cut before its end"):
            await http.request("shop", "POST", url, data=Framed(b"--x", film, b"--x--"))


async def test_a_form_that_went_whole_and_was_not_answered_has_an_unknown_outcome(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"film")

    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"--x--")
        writer.close()

    server = await asyncio.start_server(hangs_up, "127.0.0.1", 0)
    async with server, Http() as http:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        with pytest.raises(OutcomeUnknown):
            await http.request("shop", "POST", url, data=Framed(b"--x", film, b"--x--"))


def test_a_large_body_has_more_time_on_its_way() -> None:
    assert [travelling_seconds(size) for size in (0, 100_000, 50 << 20)] == [0, 0, 200]
