"""The ground all builds stand on: one durable server, one twin of WhatsApp, and in each build one business number."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote
from uuid import UUID

import asyncpg
import psutil
from sqlalchemy.engine import make_url

from benchmarks.line_parts import processes
from lumi.core.server import attach
from lumi.core.server.attach import Server
from lumi.core.settings import Settings, get_settings
from lumi.demo.keys import free_port

R = TypeVar("R")
NUMBER = "310000000000001"
SMALL_NUMBER = "310000000000002"
FIRST_PHONE = 33_600_000_000


@dataclass
class Ground:
    """Where everything is. Secrets are made up for the run."""

    home: Path
    logs: Path
    server: Server
    postmaster: int
    twin_url: str = ""
    twin_log: Path = Path()
    twin_pid: int = 0
    tenant_id: UUID | None = None
    account_id: UUID | None = None
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    next_phone: int = FIRST_PHONE

    def url(self, database: str) -> str:
        """A database of the server, as its superuser."""
        return make_url(self.server.admin_url).set(database=database).render_as_string(hide_password=False)

    def people(self, count: int) -> int:
        """The first phone number of so many people who never wrote before."""
        first = self.next_phone
        self.next_phone += count
        return first

    def lumi(self, **more: str) -> dict[str, str]:
        """The environment of Lumi's processes: their defaults but for where they live."""
        return processes.environment(LUMI_HOME=str(self.home), APP_ENV="development", **more)

    def conventional(self, *, sped_up: bool = False) -> dict[str, str]:
        """The environment of the conventional build."""
        return processes.environment(
            CONVENTIONAL_SPED_UP=str(sped_up),
            CONVENTIONAL_DATABASE_URL=self.url("conventional"),
            CONVENTIONAL_GRAPH_URL=f"{self.twin_url}/v25.0/{NUMBER}/messages",
            CONVENTIONAL_APP_SECRET=self.app_secret,
            CONVENTIONAL_ACCESS_TOKEN=self.token,
        )

    async def bench_thread(self) -> UUID:
        """A thread that belongs to nobody, for rows that no turn may take; made once."""
        connection = await asyncpg.connect(self.url("lumi"))
        try:
            await connection.execute("create sequence if not exists bench_n cache 1000")
            return await connection.fetchval(
                "with known as (select id from thread where address = 'pgbench'), made as ("
                " insert into thread (tenant_id, id, account_id, channel, address)"
                " select $1, uuidv7(), $2, 'whatsapp', 'pgbench' where not exists (select from known) returning id)"
                " select id from known union all select id from made",
                self.tenant_id, self.account_id,
            )  # fmt: skip
        finally:
            await connection.close()

    async def settle(self) -> None:
        """Both databases as they are once they have run for a while: vacuumed, with statistics."""
        for database in ("lumi", "conventional"):
            try:
                connection = await asyncpg.connect(self.url(database))
            except asyncpg.InvalidCatalogNameError:
                continue
            await connection.execute("vacuum analyze")
            await connection.close()

    async def count(self, database: str, statement: str) -> int:
        """One number out of a database."""
        connection = await asyncpg.connect(self.url(database))
        try:
            return cast("int", await connection.fetchval(statement))
        finally:
            await connection.close()


@asynccontextmanager
async def laid(*, conventional: bool = True) -> AsyncGenerator[Ground]:
    """The ground, fresh, with fsync on; gone without a trace afterwards."""
    home = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="lumi-bench-"))
    # This process makes the tenant, with the keys of that home and nothing of the user's.
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        os.environ.pop(name, None)
    os.environ.update(LUMI_HOME=str(home), APP_ENV="development")
    Settings.model_config["env_file"] = None
    get_settings.cache_clear()
    logs = home / "bench"
    logs.mkdir()
    try:
        async with attach.hold(home) as server:
            ground = Ground(home, logs, server, await _postmaster(server))
            async with _twin(ground):
                await _lumi(ground)
                if conventional:
                    await _conventional(ground)
                yield ground
        await attach.destroy(home)
    finally:
        await asyncio.to_thread(shutil.rmtree, home, ignore_errors=True)


async def on_fresh_ground(measure: Callable[[Ground], Awaitable[R]]) -> R:
    """What is measured on a ground of its own."""
    async with laid(conventional=False) as ground:
        return await measure(ground)


async def _postmaster(server: Server) -> int:
    connection = await asyncpg.connect(server.admin_url)
    try:
        backend = cast("int", await connection.fetchval("select pg_backend_pid()"))
        found = psutil.Process(backend).parent()
        if found is None:
            raise RuntimeError("a backend without its server")
        durable = await connection.fetchval(
            "select string_agg(setting, ',' order by name) from pg_settings"
            " where name in ('fsync', 'full_page_writes', 'synchronous_commit')"
        )
        if durable != "on,on,on":
            raise RuntimeError("the server is not durable: nothing here would mean anything")
        return found.pid
    finally:
        await connection.close()


@asynccontextmanager
async def _twin(ground: Ground) -> AsyncGenerator[None]:
    ground.twin_log = ground.logs / "twin.jsonl"
    env = processes.environment(WHATSAPP_ACCESS_TOKEN=ground.token, WHATSAPP_APP_SECRET=ground.app_secret)
    numbers = ["--number", f"{NUMBER}=33100000001", "--number", f"{SMALL_NUMBER}=33100000002"]
    arguments = ["lumi.integrations.whatsapp.fake", *numbers, "--statuses", "", "--log", str(ground.twin_log)]
    async with processes.running("twin", *arguments, env=env, folder=ground.logs, stdout=True) as twin:
        ground.twin_url = json.loads(await processes.read_line("twin", twin, ground.logs))["url"]
        ground.twin_pid = twin.pid
        yield


async def _lumi(ground: Ground) -> None:
    from lumi.core.migrate import migrate

    await migrate(ground.server.owner_url)
    ground.tenant_id, ground.account_id = await connected(ground, "salon", NUMBER, ground.app_secret)


async def connected(ground: Ground, slug: str, number: str, app_secret: str) -> tuple[UUID, UUID]:
    """A tenant with one number at the twin, and the account's id; its app signs with this secret."""
    from lumi.core.context import SYSTEM, Context
    from lumi.core.db import Database
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel, Credentials
    from lumi.modules.tenants import public as tenants
    from lumi.modules.tenants.public import TenantKind

    db = await Database.open(ground.server.app_url, pool_size=2)
    try:
        tenant = await tenants.add(db, slug=slug, name="Salon", kind=TenantKind.BUSINESS, locale="en", packs=[])
        keys = Credentials(app_secret, secrets.token_hex(8), ground.token)
        async with db.transaction(tenant.id) as session:
            return tenant.id, await channels.connect(
                Context(session, tenant.id, SYSTEM), channel=Channel.WHATSAPP, external_id=number, name="WhatsApp",
                credentials=keys, settings={"api_base": ground.twin_url},
            )  # fmt: skip
    finally:
        await db.close()


async def _conventional(ground: Ground) -> None:
    connection = await asyncpg.connect(ground.server.admin_url)
    await connection.execute("create database conventional")
    await connection.close()
    env = ground.conventional()
    await processes.run("prepare", "benchmarks.conventional.prepare", NUMBER, env=env, folder=ground.logs)


@dataclass
class Build:
    """One build, running: where its web process listens, which processes are its own."""

    name: str
    port: int
    processes: dict[str, int]


@asynccontextmanager
async def lumi_build(
    ground: Ground, brain: str, *, watched: Path | None = None, worker: bool = True
) -> AsyncGenerator[Build]:
    """Lumi: one `lumi serve` and one worker."""
    port = free_port()
    env = ground.lumi(PORT=str(port))
    arguments = ["benchmarks.line_parts.worker", brain, *([str(watched)] if watched else [])]
    async with processes.running("lumi-web", "lumi", "serve", env=env, folder=ground.logs) as web:
        await processes.listens("lumi-web", web, port, ground.logs)
        if not worker:
            yield Build("Lumi", port, {"web": web.pid})
            return
        async with processes.running("lumi-worker", *arguments, env=env, folder=ground.logs) as busy:
            await _written("lumi-worker", busy, "worker_ready", ground.logs)
            yield Build("Lumi", port, {"web": web.pid, "worker": busy.pid})


@asynccontextmanager
async def conventional_build(ground: Ground, *, sped_up: bool = False) -> AsyncGenerator[Build]:
    """The conventional one: uvicorn and a procrastinate worker."""
    port = free_port()
    env = ground.conventional(sped_up=sped_up)
    serve = ["uvicorn", "benchmarks.conventional.web:app", "--port", str(port), "--no-access-log",
             "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]  # fmt: skip
    async with processes.running("conventional-web", *serve, env=env, folder=ground.logs) as web:
        await processes.listens("conventional-web", web, port, ground.logs)
        worker = "benchmarks.conventional.worker"
        async with processes.running("conventional-worker", worker, env=env, folder=ground.logs) as busy:
            await asyncio.sleep(1.5)
            if busy.returncode is not None:
                raise processes.Failed(processes.tail(ground.logs, "conventional-worker"))
            yield Build("conventional", port, {"web": web.pid, "worker": busy.pid})


async def _written(name: str, process: asyncio.subprocess.Process, word: str, folder: Path) -> None:
    for _ in range(1_200):  # a minute: the machine may be busy with other things
        if word in processes.tail(folder, name):
            return
        if process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    raise processes.Failed(f"{name}: {processes.tail(folder, name)}")


def server_words(server: Server) -> Sequence[str]:
    """Host and port of the server as PostgreSQL's own programs take them."""
    return ["-h", str(server.socket_dir), "-p", "5432", "-U", "postgres"]


def password(server: Server) -> str:
    """The superuser's password."""
    return make_url(server.admin_url).password or quote("")
