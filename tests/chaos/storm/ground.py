"""Where the storm breaks loose: a durable server of its own, two organisations, the twins, and the crew."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from benchmarks.line_parts import processes
from lumi.core.server import attach
from lumi.core.server.attach import Server
from lumi.core.settings import Settings, get_settings
from lumi.demo.keys import free_port
from tests.chaos.storm.crew import Member
from tests.chaos.storm.falls import keep_journal
from tests.chaos.storm.providers import Provider, instagram, telegram, whatsapp
from tests.chaos.storm.staff import Staff

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.channels.public import Sender
    from lumi.modules.tenants.public import Tenant

WORKERS = 2
ORGANISATIONS = ("salon", "hotel")
KNOWLEDGE = (
    "# Parking\nYou can park in the yard behind the house, free for guests.\n\n# Opening hours\nWe open at nine.\n"
)


@dataclass
class Ground:
    """Everything that stands while processes fall."""

    home: Path
    folder: Path
    server: Server
    data: Path
    providers: Sequence[Provider]
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)

    def environment(self, **more: str) -> dict[str, str]:
        """What Lumi's processes are given: their defaults but for where they live."""
        return processes.environment(
            LUMI_HOME=str(self.home), APP_ENV="development", LOG_LEVEL="WARNING", RATE_LIMIT_ENABLED="false",
            PROMETHEUS_ENABLED="false", **more,
        )  # fmt: skip

    def crew(self, wrong: str | None) -> list[Member]:
        """Two web processes and two workers; of one worker a turn never comes back when that is ordered."""
        webs = [
            Member(f"web{n}", _words("web", wrong), self.environment(PORT=str(port)), self.folder)
            for n, port in enumerate(self.ports)
        ]
        naps = ("--nap",) if wrong == "nothing" else ()  # as the build without epochs does by itself
        hangs = () if wrong == "epoch" else ("--hang",)  # it has no deadline
        workers = [
            Member("worker0", _words("worker", wrong, *naps), self.environment(), self.folder),
            Member("worker1", _words("worker", wrong or "nothing", *naps, *hangs), self.environment(), self.folder),
        ]
        return [*webs, *workers]

    def webhooks(self, provider: Provider) -> list[str]:
        """Where a provider may post: each of our web processes."""
        return [f"http://127.0.0.1:{port}/webhooks/{provider.channel}" for port in self.ports]

    async def until_open(self) -> None:
        """Wait until both web processes take connections, and both workers live."""
        for port in self.ports:
            for _ in range(600):
                try:
                    _, line = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                line.close()
                break
        while await self.number("select count(*) from worker") < WORKERS:  # noqa: ASYNC110 - a count has no event
            await asyncio.sleep(0.1)

    def staff(self) -> list[Staff]:
        """Somebody of each organisation."""
        return [Staff(f"http://127.0.0.1:{self.ports[0]}", _email(slug), self.password) for slug in ORGANISATIONS]

    def errors(self) -> str:
        """What the web processes wrote down of requests that failed, the end of it."""
        texts = (path.read_text(errors="replace") for path in self.folder.glob("web*.log"))
        failed = [line for each in texts for line in each.splitlines() if "request_failed" in line]
        return "\n".join(line[-2_000:] for line in failed[-2:])

    def postmaster(self) -> int | None:
        """The process id of the database server as it runs now; None while it starts again."""
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError):
            return None

    async def number(self, statement: str, *arguments: object) -> int:
        """One number out of the database, once it answers."""
        for _ in range(600):
            try:
                connection = await asyncpg.connect(self.server.admin_url, timeout=5)
            except (OSError, asyncpg.PostgresError, TimeoutError):
                await asyncio.sleep(0.05)
                continue
            try:
                return int(await connection.fetchval(statement, *arguments) or 0)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                continue
            finally:
                connection.terminate()
        raise RuntimeError("the database did not come back")


def _words(role: str, wrong: str | None, *more: str) -> tuple[str, ...]:
    if wrong is not None:
        return ("tests.chaos.storm.wrong", role, wrong, *more)
    return ("lumi", "serve") if role == "web" else ("lumi.worker",)


@asynccontextmanager
async def laid() -> AsyncGenerator[Ground]:
    """The ground, fresh, with fsync on; gone without a trace afterwards."""
    home = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lumi-storm-"))
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        os.environ.pop(name, None)
    os.environ.update(LUMI_HOME=str(home), APP_ENV="development")
    Settings.model_config["env_file"] = None
    get_settings.cache_clear()
    folder = home / "storm"
    folder.mkdir()
    try:
        async with attach.hold(home) as server, AsyncExitStack() as stack:
            providers = [made(folder) for made in (whatsapp, telegram, instagram)]
            ground = Ground(home, folder, server, await _data(server), providers)
            for provider in providers:
                await _start_twin(stack, ground, provider)
            await _furnish(ground)
            yield ground
        await attach.destroy(home)
    finally:
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)


async def _data(server: Server) -> Path:
    connection = await asyncpg.connect(server.admin_url)
    try:
        durable = await connection.fetchval(
            "select string_agg(setting, ',') from pg_settings where name in ('fsync', 'synchronous_commit')"
        )
        if durable != "on,on":
            raise RuntimeError("the server is not durable: nothing here would mean anything")
        return Path(str(await connection.fetchval("show data_directory")))
    finally:
        await connection.close()


async def _start_twin(stack: AsyncExitStack, ground: Ground, provider: Provider) -> None:
    name = f"twin-{provider.channel}"
    running = processes.running(
        name, *provider.twin, env=processes.environment(**provider.environment), folder=ground.folder, stdout=True
    )
    twin = await stack.enter_async_context(running)
    provider.url = json.loads(await processes.read_line(name, twin, ground.folder))["url"]


async def _furnish(ground: Ground) -> None:
    """Two organisations: one has two of the accounts, so that work of both is claimed by the same workers."""
    from lumi.core.db import Database
    from lumi.core.http import Http
    from lumi.core.migrate import migrate
    from lumi.modules.channels import public as channels
    from lumi.modules.tenants import public as tenants
    from lumi.modules.tenants.public import TenantKind
    from lumi.wiring import providers

    await migrate(ground.server.owner_url)
    await keep_journal(ground.server.admin_url)
    db = await Database.open(ground.server.app_url, pool_size=2)
    try:
        owners = [
            await tenants.add(db, slug=slug, name=slug.title(), kind=TenantKind.BUSINESS, locale="en", packs=[])
            for slug in ORGANISATIONS
        ]
        async with Http() as http:
            sender = channels.Sender(db, providers(get_settings(), http))
            for place, provider in enumerate(ground.providers):
                await _connect(db, sender, ground, provider, owners[min(place, 1)])
        for tenant in owners:
            await _know(db, tenant)
            await _hire(db, tenant, ground.password)
    finally:
        await db.close()


async def _connect(db: Database, sender: Sender, ground: Ground, provider: Provider, tenant: Tenant) -> None:
    from lumi.core import crypto
    from lumi.core.context import SYSTEM, Context
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel, NewAccount

    if provider.channel is Channel.TELEGRAM:
        provider.secret = crypto.derive(f"telegram webhook {provider.given['bot_token']}").hex()
    async with db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id, SYSTEM)
        # where its provider is, is an operator's business: it is there before the owner comes
        await channels.connect(
            ctx, channel=provider.channel, external_id=provider.external_id, name=provider.channel,
            settings={"api_base": provider.url},
        )  # fmt: skip
    async with db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id, SYSTEM)
        address = f"http://127.0.0.1:{ground.ports[0]}"
        await channels.connect_account(ctx, sender, NewAccount(provider.channel, provider.given), address=address)


async def _hire(db: Database, tenant: Tenant, password: str) -> None:
    from lumi.core.context import SYSTEM, Context
    from lumi.modules.accounts import public as accounts

    async with db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id, SYSTEM)
        await accounts.create_default_roles(ctx)
        await accounts.ensure_staff(ctx, email=_email(tenant.slug), name="Owner", password=password, role="owner")


def _email(slug: str) -> str:
    return f"owner@{slug}.example"


async def _know(db: Database, tenant: Tenant) -> None:
    from lumi.core.context import SYSTEM, Context
    from lumi.modules.knowledge import public as knowledge
    from lumi.modules.knowledge.public import DocumentKind, Draft

    async with db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id, SYSTEM)
        await knowledge.store_document(ctx, Draft(DocumentKind.DOCUMENT, "en", "House", KNOWLEDGE))
