"""What any clamd has to do: its twin does it, and the real one where it is installed."""

from __future__ import annotations

import io
import zipfile

import pytest

from lumi.integrations.clamd.client import Clamd
from lumi.integrations.clamd.errors import BeyondLimits, TooLargeToScan
from lumi.integrations.clamd.fake.twin import EICAR
from tests.integrations.clamd.conftest import FILE_MAX_BYTES, STREAM_MAX_BYTES, pieces


async def test_it_is_there_and_says_what_it_is(clamd: Clamd) -> None:
    await clamd.ping()
    assert (await clamd.version()).startswith("ClamAV ")


@pytest.mark.parametrize("body", [b"hello", b"\0" * 300_000, b"x"])
async def test_in_what_is_harmless_it_finds_nothing(clamd: Clamd, body: bytes) -> None:
    assert (await clamd.scan(pieces(body))).found is None


@pytest.mark.parametrize("size", [1, 10, 1 << 18])
async def test_what_it_knows_it_finds_by_name_however_it_is_sent(clamd: Clamd, size: int) -> None:
    found = (await clamd.scan(pieces(EICAR, size))).found
    assert found is not None
    assert found.startswith("Eicar-Test-Signature")


async def test_nothing_at_all_is_harmless(clamd: Clamd) -> None:
    assert (await clamd.scan(pieces(b""))).found is None


async def test_as_much_as_it_reads_it_reads(clamd: Clamd) -> None:
    assert (await clamd.scan(pieces(bytes(FILE_MAX_BYTES)))).found is None


@pytest.mark.parametrize("size", [FILE_MAX_BYTES + 1, STREAM_MAX_BYTES])
async def test_what_it_took_and_did_not_look_into_is_not_called_harmless(clamd: Clamd, size: int) -> None:
    with pytest.raises(BeyondLimits) as refused:
        await clamd.scan(pieces(EICAR + bytes(size - len(EICAR))))
    assert refused.value.limit == "MaxFileSize"


async def test_one_that_speaks_of_its_limits_is_known_by_it(clamd: Clamd) -> None:
    assert await clamd.tells_its_limits()


async def test_one_that_is_silent_about_its_limits_calls_harmless_what_it_did_not_see_and_is_known_by_it(
    silent: Clamd,
) -> None:
    assert (await silent.scan(pieces(EICAR + bytes(FILE_MAX_BYTES)))).found is None
    assert not await silent.tells_its_limits()


@pytest.mark.parametrize("more", [1, 1 << 16, 8 << 20])
async def test_more_than_it_reads_is_refused_as_that(clamd: Clamd, more: int) -> None:
    with pytest.raises(TooLargeToScan):
        await clamd.scan(pieces(bytes(STREAM_MAX_BYTES + more)))


async def test_after_a_refusal_it_goes_on(clamd: Clamd) -> None:
    for _ in range(3):
        with pytest.raises(TooLargeToScan):
            await clamd.scan(pieces(bytes(STREAM_MAX_BYTES + 1)))
        assert (await clamd.scan(pieces(b"hello"))).found is None


async def test_several_are_looked_at_at_once(clamd: Clamd) -> None:
    import asyncio

    found = await asyncio.gather(*(clamd.scan(pieces(body)) for body in (b"hello", EICAR, b"x") * 3))

    assert [each.found is None for each in found] == [True, False, True] * 3


async def test_it_looks_into_archives_too(clamd: Clamd) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eicar.txt", EICAR)
    if EICAR in made.getvalue():
        pytest.fail("the archive is not packed")

    found = (await clamd.scan(pieces(made.getvalue()))).found

    assert str(found).startswith("Eicar-Test-Signature")
