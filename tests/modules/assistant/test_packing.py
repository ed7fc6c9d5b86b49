"""What goes along with a message takes room while it leaves, and there is only so much of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from lumi.core.http import Http
from lumi.core.ids import new_id
from lumi.core.settings import get_settings
from lumi.modules.assistant.services import packing
from lumi.modules.assistant.services.packing import Packed, Packer
from lumi.modules.assistant.values import LaneState, Mark, PendingDelivery
from lumi.modules.channels.public import Carries, DeliveryState, Enclosed, Sender
from lumi.modules.files.public import StoredFile, open_vault
from tests import factories
from tests.modules.files import samples

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from lumi.core.db import Database
    from lumi.core.lanes import Lane
    from lumi.modules.tenants.public import Tenant

    Packing = Callable[[StoredFile], AbstractAsyncContextManager[Packed | Mark]]

pytestmark = pytest.mark.integration


class Carrier:
    """A channel whose messages carry their files whole."""

    def carries(self, _channel: object) -> Carries:
        return Carries.IN_ONE


@pytest.fixture
async def files(database: Database, tenant: Tenant, tmp_path: Path) -> AsyncGenerator[tuple[Packing, list[StoredFile]]]:
    """Two files that wait, each in a delivery of its own, and who packs them."""
    async with Http() as http:
        vault = open_vault(get_settings().model_copy(update={"uploads_root": tmp_path}), database, http)
        async with factories.begin_work(database, tenant) as ctx:
            kept = [await vault.store(ctx, name=f"{n}.pdf", chunks=samples.pieces(samples.PDF)) for n in range(2)]
        packer = Packer(cast("Sender", Carrier()), vault)
        lane = cast("Lane", SimpleNamespace(tenant_id=tenant.id))
        state = cast("LaneState", SimpleNamespace(channel="telegram", account_id=new_id()))

        def packed(file: StoredFile) -> AbstractAsyncContextManager[Packed | Mark]:
            enclosed = Enclosed(file.id, file.kind, file.name, file.mime, file.size_bytes)
            delivery = cast("PendingDelivery", SimpleNamespace(id=new_id(), file=enclosed, attempt=0))
            return packer.packed(lane, state, delivery)

        yield packed, kept


async def test_what_finds_no_room_beside_others_is_put_off_and_loses_no_attempt(
    files: tuple[Packing, list[StoredFile]], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, (first, second) = files
    monkeypatch.setattr(packing, "MOST_CARRIED_BYTES", first.size_bytes + second.size_bytes - 1)

    async with packed(first) as one, packed(second) as other:
        assert isinstance(one, Packed)
        assert isinstance(other, Mark)
        assert (other.state, other.pause, other.tried) == (
            DeliveryState.COMMITTED, packing.CARRIED_LATER_SECONDS, False,
        )  # fmt: skip

    async with packed(second) as again:
        assert isinstance(again, Packed)


async def test_there_is_room_for_several_and_for_one_that_is_larger_than_all_of_it_alone(
    files: tuple[Packing, list[StoredFile]], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, (first, second) = files
    async with packed(first) as one, packed(second) as other:
        assert (type(one), type(other)) == (Packed, Packed)

    monkeypatch.setattr(packing, "MOST_CARRIED_BYTES", 1)
    async with packed(first) as alone:
        assert isinstance(alone, Packed)
