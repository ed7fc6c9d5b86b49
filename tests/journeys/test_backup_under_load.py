"""A backup made while people write: whatever was acknowledged before it began is in it, and is answered elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from lumi.core.backup import installation
from lumi.core.settings import Settings, get_settings
from tests.journeys.conftest import Line
from tests.waiting import until

if TYPE_CHECKING:
    from lumi.core.runner import Runner

# on a server of its own
pytestmark = pytest.mark.integration

WRITERS = 6
LIMIT_SECONDS = 60


@pytest.fixture
async def elsewhere() -> AsyncGenerator[str]:
    """A superuser's URL of another server."""
    from lumi.core.server import attach

    async with attach.scratch() as opened:
        yield opened.admin_url


@pytest.fixture
async def here(database_url: str) -> str:
    """A superuser's URL of this worker's database."""
    from tests import template

    async with template.cluster() as place:
        url = make_url(place.admin).set(database=make_url(database_url).database)
        return url.render_as_string(hide_password=False)


def settings_of(url: str, home: Path) -> Settings:
    """An installation with this run's key."""
    home.mkdir()
    (home / "secret.key").write_text(get_settings().master_key().get_secret_value())
    return get_settings().model_copy(update={"database_url": SecretStr(url), "lumi_home": home})


async def write_until(line: Line, stop: asyncio.Event, acknowledged: list[str]) -> None:
    """Send one message after the other; note each id when it was taken."""
    while not stop.is_set():
        message = line.message("Merci !")
        answer = await line.post(line.body(message))
        assert answer.status_code == 200, answer.text
        acknowledged.append(str(message["id"]))


async def test_what_was_acknowledged_before_a_backup_began_is_in_it_although_people_go_on_writing(
    line: Line, worker: Runner, here: str, elsewhere: str, tmp_path: Path
) -> None:
    source, target = settings_of(here, tmp_path / "here"), settings_of(elsewhere, tmp_path / "elsewhere")
    stop, acknowledged = asyncio.Event(), list[str]()
    writers = [asyncio.ensure_future(write_until(line, stop, acknowledged)) for _ in range(WRITERS)]
    async with asyncio.timeout(LIMIT_SECONDS):
        await until(lambda: len(acknowledged) >= 5 * WRITERS)
        before = set(acknowledged)
        await installation.save(source, tmp_path / "b.lumi", lambda _line: None)
        during = len(acknowledged) - len(before)
        stop.set()
        await asyncio.gather(*writers)
    assert during > 0, "nobody wrote meanwhile: the test says nothing"

    await installation.restore(target, tmp_path / "b.lumi", lambda _line: None, replace=False)

    conn = await asyncpg.connect(elsewhere)
    try:
        events = [
            str(row[0])
            for row in await conn.fetch("select provider_id from event where tenant_id = $1", line.tenant.id)
        ]
        keys = {str(row[0]) for row in await conn.fetch("select provider_id from event_key")}
        loose = await conn.fetchval(
            # of this organisation: in others retention may have forgotten what came in
            "select count(*) from message m where tenant_id = $1 and author = 'contact' and not exists ("
            "select from event e where e.tenant_id = m.tenant_id and e.thread_id = m.thread_id and e.n = m.event_n)",
            line.tenant.id,
        )
    finally:
        await conn.close()
    assert before <= set(events)
    assert len(events) == len(set(events))
    assert set(events) <= keys
    assert loose == 0
    await line.settled()
