"""Looking at files: as a job, again while nobody can look, and what follows from what is found."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.core import clock
from lumi.core.http import Unavailable
from lumi.core.jobs import registry
from lumi.modules.files.events import FileInfected, FileScanned, RemoveBytes, ScanFile
from lumi.modules.files.public import FileState, Infected, NotScanned, ScanFailed
from lumi.modules.files.services import forgetting, scanning
from lumi.modules.files.values import Finding
from tests import factories
from tests.modules.files import samples
from tests.modules.files.conftest import Looker, kept

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from lumi.core.context import Context
    from lumi.core.db import Database
    from lumi.modules.files.public import StoredFile, Vault
    from lumi.modules.tenants.public import Tenant

CLEAN, EICAR = Finding(FileState.CLEAN), Finding(FileState.INFECTED, "Eicar-Test-Signature")


@pytest.fixture
def database(quiet_database: Database) -> Database:
    """What is deferred here waits."""
    return quiet_database


async def stored(vault: Vault, database: Database, tenant: Tenant) -> StoredFile:
    async with factories.begin_work(database, tenant) as ctx:
        return await vault.store(ctx, name="photo.png", chunks=samples.pieces(samples.PNG))


async def jobs(database: Database, tenant: Tenant, kind: str) -> list[dict[str, object]]:
    async with database.transaction(tenant.id) as session:
        rows = await session.execute(sql("select args from job where kind = :kind order by id"), {"kind": kind})
        return [dict(each) for each in rows.scalars()]


async def look(vault: Vault, database: Database, tenant: Tenant, task: ScanFile) -> StoredFile:
    async with factories.begin_work(database, tenant) as ctx:
        await scanning.scan(vault, ctx, task)
    async with factories.begin_work(database, tenant) as ctx:
        return await vault.get(ctx, task.file_id)


@pytest.fixture
def news() -> Generator[list[FileScanned | FileInfected]]:
    """Subscribers to what files tell: each event becomes a job."""

    async def hear_of_scan(_ctx: Context, event: FileScanned) -> None:
        heard.append(event)

    async def hear_of_infection(_ctx: Context, event: FileInfected) -> None:
        heard.append(event)

    heard: list[FileScanned | FileInfected] = []
    subscribers = registry._subscribers  # pyright: ignore[reportPrivateUsage]  # taken off again below
    before = {name: list(each) for name, each in subscribers.items()}
    registry.subscribe(FileScanned, hear_of_scan)
    registry.subscribe(FileInfected, hear_of_infection)
    yield heard
    subscribers.clear()
    subscribers.update(before)


async def test_a_clean_file_can_be_had_from_then_on(vault: Vault, database: Database, tenant: Tenant) -> None:
    vault.scanner = looker = Looker([CLEAN])
    file = await stored(vault, database, tenant)
    assert file.state is FileState.PENDING
    assert await jobs(database, tenant, "files.ScanFile") == [{"file_id": str(file.id), "attempt": 0}]
    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises(NotScanned):
            await vault.read(ctx, file.id)

    seen = await look(vault, database, tenant, ScanFile(file.id))

    assert looker.saw == [samples.PNG]
    assert (seen.state, seen.note, seen.scanned_at is not None) == (FileState.CLEAN, None, True)
    async with factories.begin_work(database, tenant) as ctx:
        assert await vault.read(ctx, file.id) == samples.PNG


async def test_an_infected_one_is_removed_written_down_and_told(
    vault: Vault, database: Database, tenant: Tenant, files_root: Path, news: list[object]
) -> None:
    vault.scanner = Looker([EICAR])
    file = await stored(vault, database, tenant)

    seen = await look(vault, database, tenant, ScanFile(file.id))

    assert (seen.state, seen.note) == (FileState.INFECTED, "Eicar-Test-Signature")
    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises(Infected):
            await vault.link(ctx, file.id)
        rows = await ctx.session.execute(sql("select action, detail from audit_entry where action = 'files.infected'"))
        assert [dict(row.detail) for row in rows] == [{"state": "infected", "note": "Eicar-Test-Signature"}]
        kinds = (await ctx.session.execute(sql("select kind from job where kind like 'files.%>%'"))).scalars()
        assert {kind.partition(">")[0] for kind in kinds} == {"files.FileInfected", "files.FileScanned"}
        removal = RemoveBytes(file.id, file.place.storage, file.place.key)
        await forgetting.remove_bytes(vault, ctx, removal)
        await forgetting.remove_bytes(vault, ctx, removal)
    assert kept(files_root) == []


async def test_while_nobody_can_look_it_is_tried_again_and_again(
    vault: Vault, database: Database, tenant: Tenant
) -> None:
    vault.scanner = Looker([Unavailable("ConnectionRefusedError"), Unavailable("x"), CLEAN])
    file = await stored(vault, database, tenant)
    async with database.transaction(tenant.id) as session:
        await session.execute(sql("delete from job"))

    for attempt in range(2):
        assert (await look(vault, database, tenant, ScanFile(file.id, attempt))).state is FileState.PENDING
        async with database.transaction(tenant.id) as session:
            row = (await session.execute(sql("delete from job returning args, ready_at - now()"))).one()
        assert row[0] == {"file_id": str(file.id), "attempt": attempt + 1}
        assert 4 * 2**attempt < row[1].total_seconds() <= 5 * 2**attempt

    assert (await look(vault, database, tenant, ScanFile(file.id, 2))).state is FileState.CLEAN


async def test_one_that_cannot_be_looked_at_is_not_handed_out(vault: Vault, database: Database, tenant: Tenant) -> None:
    vault.scanner = Looker([Finding(FileState.FAILED, "it is larger than the scanner reads")])
    file = await stored(vault, database, tenant)

    seen = await look(vault, database, tenant, ScanFile(file.id))

    assert (seen.state, seen.note) == (FileState.FAILED, "it is larger than the scanner reads")
    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises(ScanFailed):
            await vault.read(ctx, file.id)


async def test_bytes_that_are_gone_are_not_called_clean(
    vault: Vault, database: Database, tenant: Tenant, files_root: Path
) -> None:
    vault.scanner = Looker([CLEAN])
    file = await stored(vault, database, tenant)
    for each in kept(files_root):
        each.unlink()

    assert (await look(vault, database, tenant, ScanFile(file.id))).state is FileState.FAILED


async def test_what_is_settled_is_not_looked_at_twice(vault: Vault, database: Database, tenant: Tenant) -> None:
    vault.scanner = looker = Looker([EICAR, CLEAN])
    file = await stored(vault, database, tenant)

    await look(vault, database, tenant, ScanFile(file.id))
    seen = await look(vault, database, tenant, ScanFile(file.id))

    assert (seen.state, len(looker.saw)) == (FileState.INFECTED, 1)


async def test_a_file_that_was_deleted_meanwhile_stays_deleted(
    vault: Vault, database: Database, tenant: Tenant
) -> None:
    vault.scanner = looker = Looker([CLEAN])
    file = await stored(vault, database, tenant)
    async with factories.begin_work(database, tenant) as ctx:
        await vault.delete(ctx, file.id)
    async with factories.begin_work(database, tenant) as ctx:
        await scanning.scan(vault, ctx, ScanFile(file.id))

    assert looker.saw == []


async def test_once_there_is_a_scanner_it_looks_at_what_came_before(
    vault: Vault, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted([(await stored(vault, database, tenant)).id for _ in range(3)])
    monkeypatch.setattr(scanning, "PIECE", 2)
    await scanning.scan_waiting(vault)
    assert await jobs(database, tenant, "files.ScanOthers") == []

    vault.scanner = Looker([CLEAN])
    await scanning.scan_waiting(vault)
    await scanning.scan_waiting(vault)
    assert len(await jobs(database, tenant, "files.ScanOthers")) == 1
    async with factories.begin_work(database, tenant) as ctx:
        await scanning.scan_others(vault, ctx, None)
        await scanning.scan_others(vault, ctx, ids[1])

    waiting = await jobs(database, tenant, "files.ScanFile")
    assert sorted(str(each["file_id"]) for each in waiting) == [str(each) for each in ids]


async def test_once_there_is_none_any_more_the_record_says_that_nobody_looked(
    vault: Vault, database: Database, tenant: Tenant
) -> None:
    vault.scanner = Looker([CLEAN])
    file = await stored(vault, database, tenant)
    vault.scanner = None

    seen = await look(vault, database, tenant, ScanFile(file.id))

    assert seen.state is FileState.UNSCANNED
    async with database.transaction(tenant.id) as session:
        ours = "select action, actor_kind from audit_entry where action like 'files.%' order by at"
        actions = (await session.execute(sql(ours))).all()
    assert [tuple(each) for each in actions] == [("files.stored", "system"), ("files.not_scanned", "system")]


async def test_a_worker_does_all_of_it(database: Database, tenant: Tenant, vault: Vault) -> None:
    from lumi.core.jobs import JobSource, Registry
    from lumi.modules.files import tasks

    vault.scanner = Looker([CLEAN])
    file = await stored(vault, database, tenant)
    own = Registry()
    tasks.work_for(vault, own)
    async with database.transaction(tenant.id) as session:
        row = (await session.execute(sql("select id, args::text from job where kind = 'files.ScanFile'"))).one()
        await session.execute(sql("update job set owner = 0, epoch = 1, crashes = 1 where id = :id"), {"id": row[0]})
    from lumi.core.jobs import Claim

    await JobSource(database, 0, own).run(Claim(tenant.id, row[0], 1, 1))

    async with factories.begin_work(database, tenant) as ctx:
        assert (await vault.get(ctx, file.id)).state is FileState.CLEAN
    assert await jobs(database, tenant, "files.ScanFile") == []


async def test_what_never_arrived_whole_is_swept_away_when_nobody_can_still_be_sending_it(
    vault: Vault, files_root: Path
) -> None:
    assert await forgetting.sweep(vault) == 0
    (files_root / "incoming").mkdir(parents=True)
    for name, hours in (("old", 13), ("young", 1)):
        place = files_root / "incoming" / name
        place.write_text("half")
        at = (clock.now() - timedelta(hours=hours)).timestamp()
        os.utime(place, (at, at))

    assert await forgetting.sweep(vault) == 1
    assert [each.name for each in kept(files_root)] == ["young"]


async def test_old_files_are_forgotten_with_their_bytes_and_a_tenants_last_ones_at_once(
    vault: Vault, database: Database, tenant: Tenant, other_tenant: Tenant, files_root: Path
) -> None:
    old, young = await stored(vault, database, tenant), await stored(vault, database, tenant)
    await stored(vault, database, other_tenant)
    async with factories.begin_work(database, tenant) as ctx:
        assert await forgetting.forget(ctx, before=young.created_at, limit=10) == 1
        assert await forgetting.forget(ctx, before=young.created_at, limit=10) == 0
    async with factories.begin_work(database, tenant) as ctx:
        await forgetting.remove_bytes(vault, ctx, RemoveBytes(old.id, old.place.storage, old.place.key))
        await forgetting.remove_bytes(vault, ctx, RemoveBytes(young.id, young.place.storage, young.place.key))
    assert len(kept(files_root)) == 2

    async with factories.begin_work(database, tenant) as ctx:
        assert await forgetting.forget_all(vault, ctx, limit=10) == 1
        assert await forgetting.forget_all(vault, ctx, limit=10) == 0
    (left,) = kept(files_root)
    assert left.relative_to(files_root).parts[0] == other_tenant.id.hex
    assert not (files_root / tenant.id.hex).exists()


async def test_what_somebody_holds_still_is_not_settled_until_they_have_ended(
    vault: Vault, database: Database, tenant: Tenant
) -> None:
    vault.scanner = Looker([CLEAN])
    file = await stored(vault, database, tenant)
    async with factories.begin_work(database, tenant) as ctx:
        assert (await vault.get(ctx, file.id, still=True)).state is FileState.PENDING
        looking = asyncio.ensure_future(look(vault, database, tenant, ScanFile(file.id)))
        done, _ = await asyncio.wait({looking}, timeout=0.3)
        assert not done

    assert (await looking).state is FileState.CLEAN
