"""The type of a file is told by its bytes; whatever could run is refused under any name."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lumi.modules.files.engine import sniffing, types
from lumi.modules.files.errors import EmptyFile, FileTooLarge, TypeContradicted, TypeRefused
from lumi.modules.files.services.receiving import Received, received
from lumi.modules.files.values import FileKind, Limits
from tests.modules.files import samples

LIMITS = Limits(1 << 20, dict.fromkeys(FileKind, 1 << 20))


async def take(
    root: Path, name: str, body: bytes, declared: str | None = None, *, limits: Limits = LIMITS, piece: int = 65536
) -> Received:
    chunks = samples.pieces(body, piece)
    async with received(root, limits, name=name, chunks=chunks, declared=declared) as got:
        assert got.path.read_bytes() == body
        assert got.path.stat().st_mode & 0o777 == 0o600
        return got


@pytest.mark.parametrize("name", samples.TAKEN)
@pytest.mark.parametrize("piece", [7, 65536])
async def test_each_accepted_type_is_known_by_its_bytes_however_they_arrive(
    tmp_path: Path, name: str, piece: int
) -> None:
    body, mime, kind = samples.TAKEN[name]

    got = await take(tmp_path, name, body, mime, piece=piece)

    assert (got.type.mime, got.type.kind, got.name, got.size_bytes) == (mime, kind, name, len(body))


@pytest.mark.parametrize("name", samples.REFUSED)
async def test_what_is_not_accepted_is_refused_under_any_name(tmp_path: Path, name: str) -> None:
    body = samples.REFUSED[name]

    for declared in (None, "application/octet-stream", "image/png", "text/plain"):
        for called in (name, "photo.png", "file"):
            with pytest.raises((TypeRefused, TypeContradicted)):
                await take(tmp_path, called, body, declared)
    with pytest.raises(TypeRefused):
        await take(tmp_path, "file", body)
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize("name", samples.TAKEN)
async def test_a_declared_type_or_an_ending_that_says_another_one_is_refused(tmp_path: Path, name: str) -> None:
    body, mime, _ = samples.TAKEN[name]
    other = "image/jpeg" if mime != "image/jpeg" else "application/pdf"

    with pytest.raises(TypeContradicted):
        await take(tmp_path, name, body, other)
    with pytest.raises(TypeContradicted):
        await take(tmp_path, "photo.jpeg" if other == "image/jpeg" else "menu.pdf", body)


async def test_opus_in_ogg_is_told_apart_from_what_else_ogg_holds_whatever_its_sender_calls_it(tmp_path: Path) -> None:
    for declared in (None, "audio/ogg", "application/ogg"):
        assert (await take(tmp_path, "a.ogg", samples.ogg(b"OpusHead\x01\x01"), declared)).type is types.OPUS
        for codec in (b"\x01vorbis\x00", b"Speex   1", b"\x7fFLAC\x01\x00"):
            assert (await take(tmp_path, "a.ogg", samples.ogg(codec), declared)).type is types.OGG


async def test_a_program_that_does_not_know_the_type_is_no_contradiction(tmp_path: Path) -> None:
    for declared in (None, "", "application/octet-stream", "Application/Octet-Stream; x=1"):
        assert (await take(tmp_path, "photo", samples.PNG, declared)).type is types.PNG


async def test_where_bytes_do_not_tell_what_was_declared_decides(tmp_path: Path) -> None:
    container, table = samples.TAKEN["film.mp4"][0], samples.TAKEN["prices.csv"][0]

    assert (await take(tmp_path, "voice.mp4", container, "audio/mp4")).type is types.M4A
    assert (await take(tmp_path, "voice.mp4", container, "video/mp4")).type is types.MP4
    assert (await take(tmp_path, "x", samples.EBML, "audio/webm; codecs=opus")).type is types.WEBM_AUDIO
    assert (await take(tmp_path, "prices.csv", table, "application/vnd.ms-excel")).type is types.CSV
    assert (await take(tmp_path, "prices", table, "text/plain")).type is types.TEXT


async def test_a_document_of_another_program_is_not_what_it_says(tmp_path: Path) -> None:
    with pytest.raises(TypeContradicted):
        await take(tmp_path, "letter.docx", samples.office("xl"))
    assert (await take(tmp_path, "x", samples.office("xl"), "application/zip")).type is types.XLSX


async def test_an_archive_of_very_many_parts_is_not_looked_through(tmp_path: Path) -> None:
    body = samples.office("word", *(f"word/{n}.xml" for n in range(20_000)))

    with pytest.raises(TypeRefused):
        await take(tmp_path, "letter.docx", body, limits=Limits(1 << 24, dict.fromkeys(FileKind, 1 << 24)))


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("says", [4, 500_003])
async def test_an_archive_whose_list_is_long_costs_no_memory_whatever_its_end_says(
    tmp_path: Path, says: int, zip64: bool
) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(samples.crowded(500_000, says=says, zip64=zip64))

    async def read() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(65536):
                yield chunk

    limits = Limits(1 << 26, dict.fromkeys(FileKind, 1 << 26))
    tracemalloc.start()
    try:
        with pytest.raises(TypeRefused):
            async with received(tmp_path, limits, name=path.name, chunks=read(), declared=None):
                pass
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("zip64", [False, True])
async def test_a_list_of_a_usual_length_is_read_however_its_end_is_written(tmp_path: Path, zip64: bool) -> None:
    body = samples.crowded(100, says=103, zip64=zip64)

    assert (await take(tmp_path, "letter.docx", body)).type is types.DOCX


async def test_nothing_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        await take(tmp_path, "photo.png", b"")


async def test_the_limit_of_its_kind_counts_and_the_one_of_all(tmp_path: Path) -> None:
    limits = Limits(2_000_000, {**dict.fromkeys(FileKind, 3_000_000), FileKind.IMAGE: 1_000_000})
    image, sound = samples.PNG + bytes(1_000_000), samples.TAKEN["song.mp3"][0] + bytes(1_000_000)

    assert (await take(tmp_path, "song.mp3", sound, limits=limits)).size_bytes > 1_000_000
    with pytest.raises(FileTooLarge) as refused:
        await take(tmp_path, "photo.png", image, limits=limits)
    assert refused.value.extra == {"limit_bytes": 1_000_000}
    with pytest.raises(FileTooLarge):
        await take(tmp_path, "song.mp3", sound + bytes(1_000_000), limits=limits)


async def test_what_is_too_large_is_no_longer_read(tmp_path: Path) -> None:
    read = 0

    async def endless():  # noqa: ANN202 - chunks
        nonlocal read
        yield samples.PNG
        while True:
            read += 65536
            yield bytes(65536)

    limits = Limits(1 << 24, dict.fromkeys(FileKind, 1 << 20))
    with pytest.raises(FileTooLarge):
        async with received(tmp_path, limits, name="x", chunks=endless(), declared=None):
            pass
    assert read <= (1 << 20) + 65536
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_one_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    async def broken():  # noqa: ANN202 - chunks
        yield samples.PNG
        raise ConnectionError

    with pytest.raises(ConnectionError):
        async with received(tmp_path, LIMITS, name="x", chunks=broken(), declared=None):
            pass
    assert list((tmp_path / "incoming").iterdir()) == []


def test_every_ending_and_type_of_the_table_is_spelt_as_it_is_compared() -> None:
    for each in types.ACCEPTED:
        assert each.endings
        for word in (each.mime, *each.aliases, *each.endings):
            assert word == word.lower().strip()
    assert len({each.mime for each in types.ACCEPTED}) == len(types.ACCEPTED)


@pytest.mark.parametrize("start", [b"<!", b"<?", b"</", b"<a", b"<Z", b"  <svg", b"#!", b"%!PS", b"{\\rtf"])
def test_a_text_that_begins_like_something_that_runs_is_none(start: bytes) -> None:
    assert not sniffing.is_text(start + b" x", cut=False)


@pytest.mark.parametrize("start", [b"< 5", b"1 < 2", b"#1", b"{x}", b"% of", b"a <b>c</b>"])
def test_a_text_may_hold_the_same_signs(start: bytes) -> None:
    assert sniffing.is_text(start, cut=False)
