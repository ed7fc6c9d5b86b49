"""The simulated phone, at twins that run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from lumi.core.errors import DependencyUnavailable, NotFound
from lumi.core.http import Http
from lumi.demo import characters, keys
from lumi.demo.phone import Phone
from lumi.demo.twins import playing
from tests.waiting import PATIENCE_SECONDS

PERSON = "33639980117"


@pytest.fixture
async def http() -> AsyncGenerator[Http]:
    """Calls to the outside."""
    async with Http() as opened:
        yield opened


@pytest.fixture
def kept(tmp_path: Path) -> keys.DemoKeys:
    """Keys of an installation of its own."""
    return keys.keep(tmp_path, [each.facts for each in characters.everyone()])


@pytest.fixture
async def phone(http: Http, kept: keys.DemoKeys, tmp_path: Path) -> AsyncGenerator[Phone]:
    """A phone whose twins post to nobody who answers."""
    async with playing(kept, f"http://127.0.0.1:{keys.free_port()}/webhook"):
        yield Phone(http, tmp_path)


async def test_what_is_written_is_on_the_phone_and_nowhere_else(phone: Phone) -> None:
    await phone.write("nadia", sender=PERSON, name="Camille", text="مرحبا")

    chat = await phone.read("nadia", peer=PERSON, after=0, wait=0)
    elsewhere = await phone.read("casa-brava", peer=PERSON, after=0, wait=0)

    assert [(each.seq, each.direction, each.text) for each in chat.items] == [(1, "in", "مرحبا")]
    assert chat.last == 1
    assert elsewhere.items == []


async def test_waiting_ends_with_the_first_news(phone: Phone) -> None:
    waiting = asyncio.ensure_future(phone.read("nadia", peer=PERSON, after=0, wait=20))
    await asyncio.sleep(0.1)
    assert not waiting.done()

    await phone.write("nadia", sender=PERSON, name="Camille", text="Bonjour")

    async with asyncio.timeout(PATIENCE_SECONDS):
        assert [each.text for each in (await waiting).items] == ["Bonjour"]


async def test_waiting_in_vain_ends_with_nothing(phone: Phone) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await phone.read("nadia", peer=PERSON, after=0, wait=1)).items == []


async def test_the_phone_of_an_unknown_organisation_is_not_found(phone: Phone) -> None:
    with pytest.raises(NotFound):
        await phone.read("nobody", peer=PERSON, after=0, wait=0)


async def test_without_twins_the_phone_says_what_to_start(http: Http, kept: keys.DemoKeys, tmp_path: Path) -> None:
    assert kept.player("nadia")
    with pytest.raises(DependencyUnavailable, match="lumi up"):
        await Phone(http, tmp_path).write("nadia", sender=PERSON, name="", text="Bonjour")
