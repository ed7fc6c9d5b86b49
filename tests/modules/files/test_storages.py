"""What any place for bytes does for files: a folder, and a bucket."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from lumi.core.errors import DependencyUnavailable
from lumi.core.http import Http
from lumi.integrations.s3.client import S3
from lumi.integrations.s3.errors import ObjectRefused
from lumi.integrations.s3.fake.server import RunningTwin, running
from lumi.modules.files.adapters import bucket as bucket_module
from lumi.modules.files.adapters.bucket import Bucket
from lumi.modules.files.adapters.local import Folder
from lumi.modules.files.adapters.ports import Gone, Storage
from lumi.modules.files.public import BytesGone, NoRoom, open_vault
from tests import factories
from tests.modules.files import samples
from tests.modules.files.conftest import kept

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.core.settings import Settings
    from lumi.modules.tenants.public import Tenant


@pytest.fixture
def database(quiet_database: Database) -> Database:
    """What is deferred here waits."""
    return quiet_database


KEY = f"{'a' * 32}/bc/de/{'f' * 32}"
BODY = bytes(range(256)) * 4_000


@pytest.fixture
async def twin() -> AsyncIterator[RunningTwin]:
    async with running() as served:
        yield served


def s3_of(http: Http, twin: RunningTwin) -> S3:
    of = twin.twin.settings
    return S3(http, twin.url, of.bucket, region=of.region, key_id=of.key_id, secret=of.secret)


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, files_root: Path, http: Http, twin: RunningTwin) -> Storage:
    if request.param == "folder":
        return Folder(files_root)
    return Bucket(s3_of(http, twin))


async def keep(storage: Storage, root: Path, body: bytes = BODY) -> None:
    source = root / "incoming" / "x"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(body)
    await storage.put(KEY, source, sha256=hashlib.sha256(body).digest())


async def read(storage: Storage, start: int = 0, length: int = len(BODY)) -> bytes:
    return b"".join([chunk async for chunk in storage.chunks(KEY, start, length)])


async def test_what_is_kept_comes_back_whole_and_in_part(
    storage: Storage, files_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "PART_BYTES", 300_000)
    await keep(storage, files_root)

    assert await read(storage) == BODY
    assert await read(storage, 1000, 500_000) == BODY[1000:501_000]
    assert await read(storage, len(BODY) - 3, 3) == BODY[-3:]


async def test_what_is_not_kept_is_gone_before_the_first_byte(storage: Storage, files_root: Path) -> None:
    with pytest.raises(Gone):
        await read(storage)
    await keep(storage, files_root)
    await storage.delete(KEY)
    await storage.delete(KEY)
    with pytest.raises(Gone):
        await read(storage)


async def test_one_that_could_keep_a_file_says_so_and_nothing_is_kept(
    storage: Storage, files_root: Path, twin: RunningTwin
) -> None:
    await storage.probe()

    assert kept(files_root) == []
    assert twin.twin.objects == {}


@pytest.fixture
def in_the_way(files_root: Path) -> Path:
    """A file where a folder should be."""
    files_root.write_text("in the way")
    return files_root


async def test_one_that_could_not_says_so(in_the_way: Path, http: Http, twin: RunningTwin) -> None:
    with pytest.raises(OSError, match=r"exists|directory"):
        await Folder(in_the_way).probe()
    twin.twin.settings.secret = "another"
    bucket = Bucket(s3_of(http, twin))
    twin.twin.settings.secret = "yet another"
    with pytest.raises(ObjectRefused):
        await bucket.probe()


@pytest.mark.parametrize("key", ["", "../x", "a/b", "/etc/passwd", f"{KEY}/..", KEY.upper(), f"{KEY}\n"])
async def test_a_folder_knows_no_other_keys_than_ours(files_root: Path, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        await Folder(files_root).delete(key)


async def test_a_folder_keeps_nothing_empty(files_root: Path) -> None:
    await keep(Folder(files_root), files_root)
    await Folder(files_root).delete(KEY)

    assert os.listdir(files_root) == ["incoming"]


@pytest.fixture
def in_a_bucket(settings: Settings, twin: RunningTwin) -> Settings:
    of = twin.twin.settings
    told = {
        "s3_endpoint": twin.url, "s3_bucket": of.bucket, "s3_region": of.region,
        "s3_access_key": SecretStr(of.key_id), "s3_secret_key": SecretStr(of.secret),
    }  # fmt: skip
    return settings.model_copy(update=told)


async def test_what_has_to_stay_free_of_a_disk_stays_free(
    settings: Settings, database: Database, http: Http, tenant: Tenant, files_root: Path
) -> None:
    free = shutil.disk_usage(files_root.parent).free
    full = settings.model_copy(update={"uploads_keep_free_bytes": 2 * free})
    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises(NoRoom) as refusal:
            await open_vault(full, database, http).store(ctx, name="x.pdf", chunks=samples.pieces(samples.PDF))

    assert isinstance(refusal.value, DependencyUnavailable), "what is fetched is fetched later"
    assert kept(files_root) == []
    roomy = settings.model_copy(update={"uploads_keep_free_bytes": free // 2})
    async with factories.begin_work(database, tenant) as ctx:
        await open_vault(roomy, database, http).store(ctx, name="x.pdf", chunks=samples.pieces(samples.PDF))
    assert len(kept(files_root)) == 1


async def test_with_a_bucket_new_files_go_there_and_older_ones_stay_readable(
    settings: Settings, in_a_bucket: Settings, twin: RunningTwin, database: Database, http: Http, tenant: Tenant,
    files_root: Path,
) -> None:  # fmt: skip
    async with factories.begin_work(database, tenant) as ctx:
        before = await open_vault(settings, database, http).store(
            ctx, name="photo.png", chunks=samples.pieces(samples.PNG)
        )
    vault = open_vault(in_a_bucket, database, http)
    async with factories.begin_work(database, tenant) as ctx:
        after = await vault.store(ctx, name="menu.pdf", chunks=samples.pieces(samples.PDF))
        assert await vault.read(ctx, before.id) == samples.PNG
        assert await vault.read(ctx, after.id) == samples.PDF

    assert list(twin.twin.objects.values()) == [samples.PDF]
    assert len(kept(files_root)) == 1
    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises(DependencyUnavailable):
            await open_vault(settings, database, http).read(ctx, after.id)


async def test_a_bucket_that_is_away_refuses_the_file_and_nothing_is_stored(
    in_a_bucket: Settings, twin: RunningTwin, database: Database, http: Http, tenant: Tenant, files_root: Path
) -> None:
    wrong = in_a_bucket.model_copy(update={"s3_secret_key": SecretStr("another")})
    async with factories.begin_work(database, tenant) as ctx:
        with pytest.raises(DependencyUnavailable):
            await open_vault(wrong, database, http).store(ctx, name="x.pdf", chunks=samples.pieces(samples.PDF))

    assert twin.twin.objects == {}
    assert kept(files_root) == []


async def test_an_object_that_is_gone_is_told(
    in_a_bucket: Settings, twin: RunningTwin, database: Database, http: Http, tenant: Tenant
) -> None:
    vault = open_vault(in_a_bucket, database, http)
    async with factories.begin_work(database, tenant) as ctx:
        file = await vault.store(ctx, name="menu.pdf", chunks=samples.pieces(samples.PDF))
        twin.twin.objects.clear()
        with pytest.raises(BytesGone):
            await vault.read(ctx, file.id)
