"""Files and clamd together: what it says decides who may have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lumi.core.http import Http
from lumi.core.settings import Settings
from lumi.integrations.clamd.fake.server import running
from lumi.integrations.clamd.fake.twin import EICAR, TwinSettings
from lumi.modules.files.adapters.clamav import ClamAv
from lumi.modules.files.events import ScanFile
from lumi.modules.files.public import FileState, Sight, open_vault
from lumi.modules.files.services import scanning
from tests import factories
from tests.modules.files import samples

if TYPE_CHECKING:
    from lumi.core.db import Database
    from lumi.modules.files.public import StoredFile
    from lumi.modules.tenants.public import Tenant


@pytest.fixture
def database(quiet_database: Database) -> Database:
    """What is deferred here waits."""
    return quiet_database


async def seen(
    settings: Settings, twin: TwinSettings, body: bytes, database: Database, tenant: Tenant, *, attempt: int = 0
) -> StoredFile:
    """A text of this content, after it was looked at once."""
    async with running(twin) as served, Http() as http:
        told = {"scanner": "clamd", "clamd_address": served.address}
        vault = open_vault(settings.model_copy(update=told), database, http)
        async with factories.begin_work(database, tenant) as ctx:
            file = await vault.store(ctx, name="notes.txt", chunks=samples.pieces(body))
        async with factories.begin_work(database, tenant) as ctx:
            await scanning.scan(vault, ctx, ScanFile(file.id, attempt))
        async with factories.begin_work(database, tenant) as ctx:
            return await vault.get(ctx, file.id)


async def test_what_it_finds_decides(settings: Settings, database: Database, tenant: Tenant) -> None:
    clean = await seen(settings, TwinSettings(), b"hello", database, tenant)
    infected = await seen(settings, TwinSettings(), EICAR, database, tenant)

    assert (clean.state, clean.note) == (FileState.CLEAN, None)
    assert (infected.state, infected.note) == (FileState.INFECTED, "Eicar-Test-Signature")


async def test_what_it_cannot_read_for_its_size_has_failed(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    file = await seen(settings, TwinSettings(stream_max_bytes=10), b"more than ten", database, tenant)

    assert file.state is FileState.FAILED
    assert "StreamMaxLength" in str(file.note)


async def test_what_its_limits_keep_it_from_looking_into_has_failed_and_is_not_called_malware(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    file = await seen(settings, TwinSettings(file_max_bytes=10), b"more than ten", database, tenant)

    assert (file.state, file.note) == (FileState.FAILED, "it is beyond what clamd looks into (MaxFileSize)")


@pytest.mark.parametrize(
    ("twin", "sight"),
    [
        (TwinSettings(), (Sight.WHOLE, "")),
        (TwinSettings(file_max_bytes=99_999), (Sight.SHORT, "MaxFileSize")),
        (TwinSettings(stream_max_bytes=99_999), (Sight.SHORT, "StreamMaxLength")),
        (TwinSettings(file_max_bytes=99_999, alerts_beyond=False), (Sight.BLIND, "AlertExceedsMax")),
        (TwinSettings(alerts_beyond=False), (Sight.BLIND, "AlertExceedsMax")),
    ],
)
async def test_how_far_it_can_be_relied_on_is_asked_of_itself(twin: TwinSettings, sight: tuple[Sight, str]) -> None:
    async with running(twin) as served, Http() as http:
        assert await ClamAv(http, served.address).sight(100_000) == sight


@pytest.mark.parametrize(
    "faults", [TwinSettings(hang_up=1), TwinSettings(answers=["stream: Can't allocate memory ERROR"])]
)
async def test_what_it_did_not_look_at_waits(
    settings: Settings, database: Database, tenant: Tenant, faults: TwinSettings
) -> None:
    assert (await seen(settings, faults, b"hello", database, tenant)).state is FileState.PENDING


async def test_one_it_never_can_look_at_fails_in_the_end(
    settings: Settings, database: Database, tenant: Tenant
) -> None:
    faults = TwinSettings(answers=["stream: Can't parse it ERROR"])

    file = await seen(settings, faults, b"hello", database, tenant, attempt=scanning.MOST_REFUSALS)

    assert file.state is FileState.FAILED
    assert "Can't parse it" in str(file.note)
