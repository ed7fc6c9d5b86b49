"""Two web servers and two workers behind Caddy, started again one after another while people write.

The provider sends everything once: what is refused is lost.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson
import pytest

from lumi.demo.keys import free_port
from lumi.integrations.graph import signature
from tests.chaos.test_upgrade_under_load import ROOT, Person, Site, site
from tests.deploy.proxies import Proxy, caddy

__all__ = ["site"]

pytestmark = pytest.mark.chaos

PEOPLE = 4
LIMIT_SECONDS = 300
# The processes that start need the processors too.
PAUSE_SECONDS = 0.03
STOP_SECONDS = 20
START_SECONDS = 90


@dataclass
class Member:
    """One process of the installation, a web server where it has a port; it may be started again."""

    command: str
    environment: Mapping[str, str]
    said: Path
    port: int | None = None
    lives: int = 0
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it takes work."""
        self.lives += 1
        with self.said.open("ab") as said:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "lumi", self.command,
                cwd=ROOT, env=dict(self.environment), stdout=said, stderr=said,
            )  # fmt: skip
        async with asyncio.timeout(START_SECONDS):
            while not await self._takes_work():
                assert self.process.returncode is None, self._words
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Tell it to stop; it does so by itself."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.process.wait(), STOP_SECONDS)
        # A web server has answered what it took, and then ends by the signal it was sent.
        assert code in (0, -signal.SIGTERM), self._words

    async def kill(self) -> None:
        """See that it is gone."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    @property
    def _words(self) -> str:
        return self.said.read_text()[-2000:]

    async def _takes_work(self) -> bool:
        if self.port is None:
            return self.said.read_text().count('"worker_ready"') == self.lives
        try:
            async with aiohttp.request("GET", f"http://127.0.0.1:{self.port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@dataclass
class Once(Person):
    """Somebody whose provider sends each message once, over a connection that it keeps."""

    proxy: Proxy = field(kw_only=True)
    trusting: ssl.SSLContext = field(kw_only=True)
    sent: list[str] = field(default_factory=list[str])

    async def report(self, stop: asyncio.Event) -> None:
        """Post webhooks that bring nothing new, a hundred a second, until told to stop."""
        async with aiohttp.ClientSession() as provider:
            while not stop.is_set():
                await self._post(provider, b'{"object":"whatsapp_business_account","entry":[]}')
                await asyncio.sleep(PAUSE_SECONDS / 3)

    async def _deliver(self, provider: aiohttp.ClientSession, body: bytes) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        self.sent.append(orjson.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]["id"])
        await self._post(provider, body)

    async def _post(self, provider: aiohttp.ClientSession, body: bytes) -> None:
        secret = self.site.twin.twin.settings.app_secret
        headers = {signature.HEADER: signature.sign(secret, body), "content-type": "application/json"}
        address = f"{self.proxy.address}/webhook"
        async with provider.post(address, data=body, headers=headers, ssl=self.trusting) as answer:
            assert answer.status == 200, f"refused: {answer.status} {await answer.text()}"


@dataclass
class Installation:
    """What runs, in the order in which it is started again."""

    site: Site
    members: list[Member]
    proxy: Proxy

    def people(self) -> list[Once]:
        """Some who have not written yet."""
        trusting = self.proxy.trusting
        return [Once(self.site, proxy=self.proxy, trusting=trusting) for _ in range(PEOPLE)]


@asynccontextmanager
async def behind_caddy(folder: Path, ports: list[int]) -> AsyncGenerator[Proxy]:
    """Caddy with the file that is given to people, in front of these ports."""
    opened = caddy(folder, *ports)
    proxy = await asyncio.to_thread(opened.__enter__)
    try:
        yield proxy
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


@pytest.fixture
async def installation(site: Site, tmp_path: Path) -> AsyncGenerator[Installation]:
    """Two web servers that trust the proxy in front of them, and two workers."""
    ours = {"LOG_LEVEL": "INFO", "LOG_FORMAT": "json", "FORWARDED_ALLOW_IPS": "127.0.0.1"}
    shared, ports = {**site.environment, **ours}, [free_port(), free_port()]
    members = [
        *(Member("serve", {**shared, "PORT": str(port)}, tmp_path / f"web-{port}", port) for port in ports),
        *(Member("worker", shared, tmp_path / f"worker-{n}") for n in (1, 2)),
    ]
    try:
        await asyncio.gather(*(member.start() for member in members))
        async with behind_caddy(tmp_path, ports) as proxy:
            yield Installation(site, members, proxy)
    finally:
        await asyncio.gather(*(member.kill() for member in members))


async def test_a_rolling_restart_refuses_nothing_loses_nothing_and_keeps_the_order(installation: Installation) -> None:
    people, stop, webs_are_back = installation.people(), asyncio.Event(), asyncio.Event()

    async with asyncio.timeout(LIMIT_SECONDS), asyncio.TaskGroup() as talking:
        for person in people:
            talking.create_task(person.talk(stop))
            talking.create_task(person.report(webs_are_back))
        for member in installation.members:
            if member.port is None:
                webs_are_back.set()
            before = [person.taken for person in people]
            await member.stop()
            await member.start()
            after = [person.taken for person in people]
            assert sum(before) < sum(after), "nobody wrote meanwhile: the test says nothing"
        stop.set()

    assert [person.answers() for person in people] == [len(person.sent) for person in people]
    rows = installation.site.rows
    kept = await rows("select array_agg(provider_id order by n) from event group by thread_id")
    assert sorted(kept) == sorted((person.sent,) for person in people)
    gaps = "select thread_id from message group by thread_id having max(n) <> count(*) or max(n) % 2 <> 0"
    assert await rows(gaps) == []
    turns = "select array_agg(author order by n) from message group by thread_id"
    assert sorted(await rows(turns)) == sorted((["contact", "assistant"] * len(person.sent),) for person in people)
    assert await rows("select distinct settled_by from event") == [("turn",)]
    assert await rows("select distinct state from delivery") == [("sent",)]
    assert await rows("select count(*) from dead_letter") == [(0,)]
