"""An upgrade while people write: this version, `lumi migrate` of one with a revision more, one restart after another.

A provider sends again what was not taken; everybody is answered once.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import asyncpg
import orjson
import pytest

from lumi.core import migrate
from lumi.core.clock import now
from lumi.core.db import Database, app_url
from lumi.core.ids import new_id
from lumi.core.settings import get_settings
from lumi.demo.keys import free_port
from lumi.integrations.graph import signature
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from tests import factories
from tests.journeys.conftest import until

if TYPE_CHECKING:
    from lumi.integrations.whatsapp.fake.server import RunningTwin

pytestmark = pytest.mark.chaos

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 5
NEXT = "999_next"
WIDENED = ("event", "delivery", "thread", "lane", "message", "job", "contact")
LIMIT_SECONDS = 120


@dataclass
class Site:
    """An installation of the real commands on a server of its own."""

    url: str
    home: Path
    port: int
    twin: RunningTwin
    environment: Mapping[str, str]

    async def run(self, *words: str, root: Path = ROOT) -> None:
        """Run a command of the version at `root` to its end; it must succeed."""
        process = await self.start(*words, root=root)
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()[-2000:]

    async def start(self, *words: str, root: Path = ROOT) -> asyncio.subprocess.Process:
        """Start a command of the version at `root`."""
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", *words, cwd=root, env={**self.environment, "PYTHONPATH": str(root)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    @asynccontextmanager
    async def running(self, *words: str, root: Path = ROOT) -> AsyncGenerator[None]:
        """A process that is told to stop at the end of the block, and stops by itself."""
        process = await self.start(*words, root=root)
        output = asyncio.ensure_future(process.stdout.read()) if process.stdout else None
        try:
            yield
            process.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(process.wait(), 30)
            # A web server has answered what it took, and then ends by the signal it was sent.
            assert code in (0, -signal.SIGTERM), (words, (await output)[-2000:] if output else b"")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def rows(self, statement: str) -> list[tuple[object, ...]]:
        """What is really in the database."""
        conn = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await conn.fetch(statement)]
        finally:
            await conn.close()


@pytest.fixture
async def site(twin: RunningTwin, tmp_path: Path) -> AsyncGenerator[Site]:
    """Migrated, with one organisation whose number is the twin's."""
    from lumi.core.database import app_password
    from lumi.core.server import attach

    key, port = get_settings().master_key().get_secret_value(), free_port()
    async with attach.scratch() as server:
        ours = {
            "APP_ENV": "test", "LUMI_HOME": str(tmp_path / "home"), "DATABASE_URL": server.admin_url,
            "SECRET_KEY": key, "PORT": str(port), "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        made = Site(server.admin_url, tmp_path / "home", port, twin, {**os.environ, **ours})
        await made.run("lumi", "migrate")
        database = await Database.open(app_url(server.admin_url, app_password(get_settings())), pool_size=1)
        tenant = await factories.make_tenant(database)
        async with factories.begin_work(database, tenant) as ctx:
            (number,) = twin.twin.settings.numbers
            keys = Credentials(twin.twin.settings.app_secret, secrets.token_hex(8), twin.twin.settings.token)
            await channels.connect(
                ctx, channel=Channel.WHATSAPP, external_id=number, name="WhatsApp", credentials=keys,
                settings={"api_base": twin.url},
            )  # fmt: skip
        await database.close()
        yield made


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The next version: a revision more, which widens every table that a turn touches."""
    root = tmp_path / "newer"
    for part in ("lumi", "migrations"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "alembic.ini", root)
    (head,) = migrate.heads()
    widened = "".join(
        f"alter table {each} add column if not exists hint text not null default '';\n" for each in WIDENED
    )
    (root / "migrations" / "versions" / f"{NEXT}.py").write_text(
        "from alembic import op\n\nfrom lumi.core.migrate import run_script\n\n"
        f"revision, down_revision, branch_labels, depends_on = {NEXT!r}, {head!r}, None, None\n\n\n"
        f"def upgrade() -> None:\n    run_script(op.get_bind(), {widened!r})\n"
    )
    return root


@dataclass
class Person:
    """Somebody who writes, waits for the answer, and writes again; their provider repeats what was not taken."""

    site: Site
    phone: str = field(default_factory=lambda: factories.a_phone_number().lstrip("+"))
    taken: int = 0
    repeated: int = 0

    def answers(self) -> int:
        """How many messages they got."""
        return sum(each.to.lstrip("+") == self.phone for each in self.site.twin.twin.ledger.after(0, 10_000))

    async def talk(self, stop: asyncio.Event) -> None:
        """Go on until told to stop."""
        async with aiohttp.ClientSession() as provider:
            while not stop.is_set():
                await self._deliver(provider, self._body())
                self.taken += 1
                await until(lambda: self.answers() >= self.taken, LIMIT_SECONDS)

    async def _deliver(self, provider: aiohttp.ClientSession, body: bytes) -> None:
        secret = self.site.twin.twin.settings.app_secret
        headers = {signature.HEADER: signature.sign(secret, body), "content-type": "application/json"}
        while True:
            try:
                async with provider.post(f"http://127.0.0.1:{self.site.port}/webhook", data=body, headers=headers) as a:
                    if a.status == 200:
                        return
                    assert a.status == 503, await a.text()
            except aiohttp.ClientError:
                pass
            self.repeated += 1
            await asyncio.sleep(0.05)

    def _body(self) -> bytes:
        (number,) = self.site.twin.twin.settings.numbers
        message = {
            "from": self.phone, "id": f"wamid.{new_id().hex}", "timestamp": str(int(now().timestamp())), "type": "text",
            "text": {"body": "Merci !"},
        }  # fmt: skip
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "33100000001", "phone_number_id": number},
            "contacts": [{"profile": {"name": "Amélie"}, "wa_id": self.phone}],
            "messages": [message],
        }
        change = {"field": "messages", "value": value}
        return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


async def more(people: list[Person], each: int) -> None:
    """Wait until everybody was answered so many times more."""
    wanted = [person.taken + each for person in people]
    await until(
        lambda: all(person.answers() >= count for person, count in zip(people, wanted, strict=True)), LIMIT_SECONDS
    )


async def test_an_upgrade_loses_nothing_doubles_nothing_and_keeps_the_order(site: Site, newer: Path) -> None:
    people, stop = [Person(site) for _ in range(PEOPLE)], asyncio.Event()

    async with AsyncExitStack() as after, asyncio.timeout(LIMIT_SECONDS):
        async with site.running("lumi", "worker"):
            async with site.running("lumi", "serve"):
                talking = [asyncio.ensure_future(person.talk(stop)) for person in people]
                await more(people, 3)
                # Every function is put in place again, as if all had changed.
                await site.rows("update sql_file set checksum = 'older'")
                await asyncio.gather(site.run("lumi", "migrate", root=newer), more(people, 1))
                await more(people, 2)
            await after.enter_async_context(site.running("lumi", "serve", root=newer))
            await more(people, 2)
        await after.enter_async_context(site.running("lumi", "worker", root=newer))
        await more(people, 3)
        stop.set()
        await asyncio.gather(*talking)

    assert await site.rows("select version_num from alembic_version") == [(NEXT,)]
    assert await site.rows("select count(*) from sql_file where checksum = 'older'") == [(0,)]
    taken = sum(person.taken for person in people)
    assert sum(person.repeated for person in people) > 0, "nobody noticed the restart: the test says nothing"
    assert [person.answers() for person in people] == [person.taken for person in people]
    assert await site.rows("select count(*), count(distinct provider_id) from event") == [(taken, taken)]
    assert await site.rows("select distinct settled_by from event") == [("turn",)]
    assert await site.rows("select distinct state from delivery") == [("sent",)]
    assert await site.rows("select count(*) from dead_letter") == [(0,)]
    gaps = "select thread_id from message group by thread_id having max(n) <> count(*) or max(n) % 2 <> 0"
    assert await site.rows(gaps) == []
