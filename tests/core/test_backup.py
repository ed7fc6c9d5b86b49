"""A whole installation on an outside server, saved and restored: by a superuser's URL, and by a plain owner's."""

from __future__ import annotations

import json
import secrets
import tarfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy import text as sql

from lumi import __version__
from lumi.core import dead_letters, migrate
from lumi.core.backup import archive, installation
from lumi.core.backup.archive import Facts, Manifest
from lumi.core.backup.failures import BackupFailed
from lumi.core.database import app_password
from lumi.core.db import Database, app_url
from lumi.core.dead_letters import Source
from lumi.core.settings import Settings
from lumi.modules.accounts import public as accounts
from lumi.modules.tenants.public import Tenant
from tests import factories
from tests.core import catalogue

# on a server of its own
pytestmark = pytest.mark.integration

Connection = catalogue.Connection


def quiet(_line: str) -> None:
    """Progress nobody watches."""


@dataclass(frozen=True)
class House:
    """An installation: a folder, and a database on the server of this module."""

    settings: Settings
    admin: str
    """The superuser's URL of its database."""

    @property
    def url(self) -> str:
        """The owner's URL, as DATABASE_URL has it."""
        assert self.settings.database_url is not None
        return self.settings.database_url.get_secret_value()

    async def migrate(self) -> None:
        """Bring the database to this version."""
        await migrate.migrate(self.url, app_password(self.settings))

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Database]:
        """The database as the application role."""
        database = await Database.open(app_url(self.admin, app_password(self.settings)), pool_size=2)
        try:
            yield database
        finally:
            await database.close()

    @asynccontextmanager
    async def seen(self) -> AsyncGenerator[Connection]:
        """The database as it is."""
        conn = await asyncpg.connect(self.admin)
        try:
            yield conn
        finally:
            await conn.close()

    async def save(self, path: Path) -> Manifest:
        """Save it."""
        return await installation.save(self.settings, path, quiet)

    async def restore(self, path: Path, *, replace: bool = False) -> None:
        """Make it what the backup is of."""
        await installation.restore(self.settings, path, quiet, replace=replace)


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[str]:
    """A superuser's URL of a server of its own, since restoring sets the application role's password."""
    from lumi.core.server import attach

    async with attach.scratch() as opened:
        yield opened.admin_url


@pytest.fixture(params=["superuser", "owner"])
async def role(request: pytest.FixtureRequest, server: str) -> str:
    """Who DATABASE_URL names: somebody who sees everything, or a plain role that may make roles and databases."""
    if request.param == "owner":
        conn = await asyncpg.connect(server)
        await conn.execute(
            "do $$ begin if not exists (select from pg_roles where rolname = 'plain') then"
            " create role plain login createrole password 'plain'; end if; end $$"
        )
        await conn.execute(
            "do $$ begin if exists (select from pg_roles where rolname = 'lumi_owner') then"
            " grant lumi_owner, lumi_system, lumi_app to plain with admin true, inherit true, set true; end if; end $$"
        )
        await conn.close()
    return str(request.param)


Build = Callable[[str], House]


@pytest.fixture
async def build(server: str, role: str, tmp_path: Path) -> AsyncGenerator[Build]:
    """Installations by name, each with an empty database."""
    made: list[str] = []
    names = {each: f"{each}_{secrets.token_hex(4)}" for each in ("source", "target")}
    conn = await asyncpg.connect(server)
    for name in names.values():
        owner = " owner plain" if role == "owner" else ""
        await conn.execute(f'create database "{name}"{owner}')
        made.append(name)

    def house(name: str) -> House:
        admin = make_url(server).set(database=names[name])
        given = admin.set(username="plain", password="plain") if role == "owner" else admin
        settings = Settings.model_validate(
            {
                "app_env": "development",
                "lumi_home": tmp_path / name,
                "database_url": given.render_as_string(hide_password=False),
            }
        )
        return House(settings, admin.render_as_string(hide_password=False))

    yield house
    for name in made:
        await conn.execute(f'drop database "{name}" with (force)')
    await conn.close()


@pytest.fixture
async def source(build: Build) -> House:
    """An installation of two organisations: with people, logins of one, of both and of none, letters and jobs."""
    house = build("source")
    await house.migrate()
    async with house.opened() as database:
        for name in ("Salon", "Hôtel"):
            tenant = await factories.make_tenant(database, name=name)
            await _furnish(database, tenant)
        await _login(database, "nobody@example.org")
        async with database.transaction(None) as session:
            await dead_letters.keep(session, None, source=Source.WEBHOOK, origin="web", body=b"\x00\xff", reason="x")
            await session.execute(sql("insert into job (id, kind, args) values (uuidv7(), 'house', '{}')"))
    (house.settings.lumi_home / "uploads").mkdir()
    (house.settings.lumi_home / "uploads" / "menu.pdf").write_bytes(bytes(range(256)) * 4096)
    return house


async def _login(database: Database, email: str) -> None:
    async with database.transaction(None) as session:
        await session.execute(sql("select app.identity_for(uuidv7(), :email, 'Léa Martin', 'hash')"), {"email": email})


async def _furnish(database: Database, tenant: Tenant) -> None:
    async with factories.begin_work(database, tenant) as ctx:
        await accounts.create_default_roles(ctx)
        for email in ("both@example.org", f"{tenant.slug}@example.org"):
            identity = await accounts.create_identity(ctx, email=email, name="Léa Martin", password=None)
            await accounts.add_member(ctx, identity_id=identity, role="owner")
        await factories.make_contact(ctx, name="Amélie 'Roux'\t\\ \n🌸")


async def test_everything_is_there_again_rows_rights_and_files(source: House, build: Build, tmp_path: Path) -> None:
    target = build("target")
    manifest = await source.save(tmp_path / "b.lumi")
    await target.restore(tmp_path / "b.lumi")

    async with source.seen() as before, target.seen() as after:
        assert await catalogue.schema(after) == await catalogue.schema(before)
        assert await catalogue.rows(after) == await catalogue.rows(before)
        assert await after.fetchval("select count(*) from identity") == 4
        assert await after.fetchval("select count(*) from job where tenant_id is null") == 1
    for name in ("secret.key", "uploads/menu.pdf"):
        assert (target.settings.lumi_home / name).read_bytes() == (source.settings.lumi_home / name).read_bytes()
    assert manifest.revision == migrate.heads()[0]
    async with target.opened() as database, database.transaction(None) as session:
        assert await session.scalar(sql("select count(*) from contact")) == 0


async def test_uploads_outside_of_the_home_are_there_again_too(source: House, build: Build, tmp_path: Path) -> None:
    target = build("target")
    (source.settings.lumi_home / "uploads" / "menu.pdf").unlink()
    moved = [
        House(house.settings.model_copy(update={"uploads_root": tmp_path / f"{name}-disk"}), house.admin)
        for name, house in (("source", source), ("target", target))
    ]
    (tmp_path / "source-disk").mkdir()
    (tmp_path / "source-disk" / "menu.pdf").write_bytes(b"menu")
    await moved[0].save(tmp_path / "b.lumi")

    await moved[1].restore(tmp_path / "b.lumi")
    assert (tmp_path / "target-disk" / "menu.pdf").read_bytes() == b"menu"
    with pytest.raises(BackupFailed, match="--replace"):
        await moved[1].restore(tmp_path / "b.lumi")


async def test_one_piece_where_the_role_sees_everything_else_one_a_tenant(
    source: House, role: str, tmp_path: Path
) -> None:
    manifest = await source.save(tmp_path / "b.lumi")

    pieces = [part.name for part in manifest.parts if part.name.startswith("database")]
    assert len(pieces) == (1 if role == "superuser" else 3)


async def test_all_of_it_is_of_one_moment_although_it_is_written_to_meanwhile(
    source: House, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = build("target")
    async with source.seen() as conn:
        before = await catalogue.rows(conn)
    real = installation.dumping.dump

    async def slow(draft: archive.Draft, at: installation.dumping.Moment, say: archive.Say) -> None:
        async with source.seen() as conn:
            await conn.execute("update contact set name = 'later'; delete from identity where email like 'nobody%'")
            await conn.execute("update tenant set name = 'later'")
        await real(draft, at, say)

    monkeypatch.setattr(installation.dumping, "dump", slow)
    await source.save(tmp_path / "b.lumi")
    await target.restore(tmp_path / "b.lumi")

    async with target.seen() as conn:
        assert await catalogue.rows(conn) == before


async def test_an_installation_that_is_not_empty_is_replaced_only_when_that_is_said(
    source: House, build: Build, tmp_path: Path
) -> None:
    target = build("target")
    await target.migrate()
    async with target.opened() as database:
        await factories.make_tenant(database, name="Casa Brava")
    await source.save(tmp_path / "b.lumi")
    async with target.seen() as conn:
        before = await catalogue.rows(conn)
        with pytest.raises(BackupFailed, match="--replace"):
            await target.restore(tmp_path / "b.lumi")
        assert await catalogue.rows(conn) == before

    await target.restore(tmp_path / "b.lumi", replace=True)

    async with source.seen() as there, target.seen() as here:
        assert await catalogue.rows(here) == await catalogue.rows(there)
        assert await catalogue.schema(here) == await catalogue.schema(there)


async def test_one_that_is_running_is_not_replaced(source: House, tmp_path: Path) -> None:
    await source.save(tmp_path / "b.lumi")

    async with source.opened():
        with pytest.raises(BackupFailed, match="is running"):
            await source.restore(tmp_path / "b.lumi", replace=True)


async def rewritten(path: Path, *, facts: dict[str, object], parts: dict[str, bytes]) -> Path:
    """The same backup with other facts and parts, complete and sealed."""
    with archive.opened(path) as backup:
        bodies = {part.name: b"".join(backup.chunks(part.name)) for part in backup.manifest.parts}
        known = backup.manifest.model_dump(exclude={"parts"})
    with archive.drafting(path, quiet) as draft:
        for name, body in {**bodies, **parts}.items():
            await draft.take(name, _whole(body), name)
        draft.close(Facts.model_validate({**known, **facts}))
    return path


async def _whole(body: bytes) -> AsyncGenerator[bytes]:
    yield body


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"revision": "999_future", "lumi": "9.9"}, "of Lumi 9.9 at the revision 999_future"),
        ({"postgres": 990_001}, "of PostgreSQL 99 and this server"),
        ({"key_mark": "another"}, "another master key: set SECRET_KEY"),
    ],
)
async def test_what_cannot_be_used_here_is_refused_before_anything_is_changed(
    source: House, build: Build, tmp_path: Path, facts: dict[str, object], said: str
) -> None:
    target = build("target")
    await source.save(tmp_path / "b.lumi")
    await rewritten(tmp_path / "b.lumi", facts=facts, parts={})

    with pytest.raises(BackupFailed, match=said):
        await target.restore(tmp_path / "b.lumi")

    async with target.seen() as conn:
        assert await conn.fetchval("select to_regclass('tenant')") is None
    assert not list(target.settings.lumi_home.glob("*"))


async def test_a_dump_that_breaks_off_half_way_leaves_the_installation_as_it_was(source: House, tmp_path: Path) -> None:
    await source.save(tmp_path / "b.lumi")
    with archive.opened(tmp_path / "b.lumi") as backup:
        last = [part.name for part in backup.manifest.parts if part.name.startswith("database")][-1]
        broken = b"".join(backup.chunks(last))[:-2000]
    await rewritten(tmp_path / "b.lumi", facts={}, parts={last: broken})
    key = (source.settings.lumi_home / "secret.key").read_bytes()
    async with source.seen() as conn:
        before = await catalogue.schema(conn), await catalogue.rows(conn)

        with pytest.raises(BackupFailed, match="is as it was"):
            await source.restore(tmp_path / "b.lumi", replace=True)

        assert (await catalogue.schema(conn), await catalogue.rows(conn)) == before
    assert (source.settings.lumi_home / "secret.key").read_bytes() == key
    assert not list(source.settings.lumi_home.glob("restoring-*"))


async def test_one_of_the_revision_before_is_brought_to_this_one(source: House, build: Build, tmp_path: Path) -> None:
    from tests.core.test_migrated_rows import command, go

    target = build("target")
    async with source.seen() as conn:
        today = await catalogue.schema(conn)
    await go(source.admin, command.downgrade, "-1")
    manifest = await source.save(tmp_path / "b.lumi")
    assert manifest.revision != migrate.heads()[0]

    await target.restore(tmp_path / "b.lumi")

    async with target.seen() as conn:
        assert await catalogue.schema(conn) == today


async def test_a_key_of_the_environment_is_not_written_down_and_asked_for_again(
    source: House, build: Build, tmp_path: Path
) -> None:
    word = secrets.token_urlsafe(40)
    given = House(source.settings.model_copy(update={"secret_key": SecretStr(word)}), source.admin)
    (source.settings.lumi_home / "secret.key").unlink()
    manifest = await given.save(tmp_path / "b.lumi")
    target = build("target")

    assert "files/secret.key" not in {part.name for part in manifest.parts}
    assert word.encode() not in (tmp_path / "b.lumi").read_bytes()
    with pytest.raises(BackupFailed, match="set SECRET_KEY"):
        await target.restore(tmp_path / "b.lumi")
    await House(target.settings.model_copy(update={"secret_key": SecretStr(word)}), target.admin).restore(
        tmp_path / "b.lumi"
    )


async def test_where_lumi_never_was_there_is_nothing_to_save(build: Build, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="nothing to back up"):
        await build("target").save(tmp_path / "b.lumi")

    assert not (tmp_path / "b.lumi").exists()


async def test_the_manifest_says_what_it_is_of(source: House, tmp_path: Path) -> None:
    await source.save(tmp_path / "b.lumi")

    with tarfile.open(tmp_path / "b.lumi") as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        said = json.load(member)
    assert said["lumi"] == __version__
    assert said["postgres"] >= 180_000
    assert {part["name"] for part in said["parts"]} >= {"files/secret.key", "files/uploads/menu.pdf"}
