"""The database of a test run: one server, one migrated template, a fresh copy of it for every worker.

The template is made again only when a migration or a SQL file changed; a run that changes nothing starts at once.
LUMI_TEST_TEMPLATE names a database to copy instead, for a run on one that came about in another way.
"""

import fcntl
import hashlib
import os
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from lumi.core.clock import now
from lumi.core.database import app_password
from lumi.core.db import alchemy_url, plain_url
from lumi.core.server import attach
from lumi.core.settings import get_settings

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES_KEPT = 3


@dataclass(frozen=True)
class Cluster:
    """A server for tests: who may make databases there, who owns them, who serves from them."""

    admin: str = field(repr=False)
    owner: str = field(repr=False)
    app: str = field(repr=False)
    # None where the roles have their passwords already
    password: str | None = field(repr=False)


@asynccontextmanager
async def cluster() -> AsyncGenerator[Cluster]:
    """The server of TEST_DATABASE_URL (a superuser's, of a server for nothing else), or one of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        from lumi.core.db import app_url

        password = app_password(get_settings())
        yield Cluster(given, given, app_url(given, password), password)
        return
    async with attach.hold(get_settings().lumi_home, durable=False) as server:
        yield Cluster(server.admin_url, server.owner_url, server.app_url, None)


@asynccontextmanager
async def copy_of_template(worker: str) -> AsyncGenerator[str]:
    """The URL, as the application role, of a fresh migrated database that is gone afterwards."""
    name = f"lumi_test_{os.getpid()}_{worker}"
    async with cluster() as place, _connected(_in(place.admin, "postgres")) as admin:
        with _alone():
            template = await _template(place, admin)
            await admin.execute(text(f'create database "{name}" template "{template}"'))
        yield _in(place.app, name)
        await admin.execute(text(f'drop database "{name}" with (force)'))


async def _template(place: Cluster, admin: AsyncConnection) -> str:
    if given := os.environ.get("LUMI_TEST_TEMPLATE"):
        return given
    name = f"lumi_template_{_checksum()}"
    if await admin.scalar(_READY_AT, {"name": name}) is not None:
        return name
    await _clear(admin)
    await admin.execute(text(f'drop database if exists "{name}" with (force)'))
    await admin.execute(text(f'create database "{name}"'))
    await _prepare(place, name)
    from lumi.core.migrate import migrate  # Alembic takes 0.2 s, and most runs need none

    await migrate(_in(place.owner, name), place.password)
    await admin.execute(text(f'alter database "{name}" allow_connections false'))
    ready_at = now().isoformat().replace(":", r"\:")
    await admin.execute(text(f"comment on database \"{name}\" is '{ready_at}'"))
    return name


async def _prepare(place: Cluster, name: str) -> None:
    """What the embedded server does for its own database: the extension, and an owner who is no superuser."""
    async with _connected(_in(place.admin, name)) as inside:
        await inside.execute(text("create extension if not exists vector"))
        if place.password is None:
            await inside.execute(text(f'alter database "{name}" owner to lumi_owner'))


async def _clear(admin: AsyncConnection) -> None:
    """Drop templates of older trees, and copies whose run was killed."""
    templates = (await admin.scalars(_NAMES, {"like": r"lumi\_template\_%"})).all()
    copies: Sequence[str] = (await admin.scalars(_NAMES, {"like": r"lumi\_test\_%"})).all()
    dead = [name for name in copies if not _lives(int(name.split("_")[2]))]
    for name in [*dead, *templates[TEMPLATES_KEPT:]]:
        await admin.execute(text(f'drop database if exists "{name}" with (force)'))


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[AsyncConnection]:
    engine = create_async_engine(alchemy_url(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


_READY_AT = text("select shobj_description(oid, 'pg_database') from pg_database where datname = :name")
_NAMES = text(
    "select datname from pg_database where datname like :like"
    " order by shobj_description(oid, 'pg_database') desc nulls last"
)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _checksum() -> str:
    files = {
        *(ROOT / "migrations").rglob("*.sql"),
        *(ROOT / "migrations").rglob("*.py"),
        *(ROOT / "lumi").glob("**/sql/*.sql"),
        ROOT / "lumi" / "core" / "migrate.py",
    }
    seal = hashlib.sha256()
    for file in sorted(files):
        seal.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return seal.hexdigest()[:16]


@contextmanager
def _alone() -> Generator[None]:
    """One process at a time: workers of one run, and runs beside each other."""
    home = get_settings().lumi_home
    home.mkdir(parents=True, exist_ok=True)
    with (home / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _in(url: str, database: str) -> str:
    parsed = make_url(plain_url(url)).set(database=database)
    return parsed.render_as_string(hide_password=False)
