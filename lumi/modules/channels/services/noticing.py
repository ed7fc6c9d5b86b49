"""What a body says beside messages and statuses: who moved, what was read, what there is to be asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from lumi.core import jobs
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.db import Database, fetch
from lumi.core.metrics import IGNORED
from lumi.modules.channels.adapters.ports import Unite
from lumi.modules.channels.events import ReadAnnounced, RefreshTemplates
from lumi.modules.channels.repositories import cursor_rows
from lumi.modules.channels.services import attitudes, recycled
from lumi.modules.channels.values.incoming import Announced, Moved, Parsed, Watermark
from lumi.modules.channels.values.kinds import Channel

Owners = Mapping[str, tuple[UUID, UUID]]
# A message that was announced comes by itself within seconds, or never.
COMES_BY_ITSELF = timedelta(seconds=10)


class Noticing:
    """Acts on what a body tells, for every tenant; each thing by itself, and telling it twice changes nothing more."""

    def __init__(self, db: Database, unite: Unite) -> None:
        self._db, self._unite = db, unite

    async def take_moves(self, channel: Channel, owners: Owners, moves: Sequence[Moved]) -> None:
        """What comes in the same body comes from where people are now."""
        for moved in moves:
            IGNORED.labels(channel.value, "moved").inc()  # nothing of it is kept but what it changes
            if owner := owner_of(channel, owners, moved.account):
                await recycled.move(self._db, self._unite, *owner, channel, moved)

    async def take(self, channel: Channel, owners: Owners, parsed: Parsed) -> None:
        """All that may wait until the messages of the body are committed."""
        if parsed.templates_changed:
            await self._ask_for_templates(set(owners.values()))
        for watermark in parsed.watermarks:
            if owner := owner_of(channel, owners, watermark.account):
                await self._reach(channel, *owner, watermark)
        for external_id in parsed.news:
            if owner := owner_of(channel, owners, external_id):
                await cursor_rows.pull_soon(self._db, *owner)
        for shown in parsed.shown:
            IGNORED.labels(channel.value, f"attitude.{shown.attitude}").inc()  # nothing of it is kept but what it says
            if owner := owner_of(channel, owners, shown.account):
                await attitudes.take(self._db, *owner, shown)
        for announced in parsed.announced:
            if owner := owner_of(channel, owners, announced.account):
                await self._ask_for(channel, *owner, announced)

    async def _reach(self, channel: Channel, tenant_id: UUID, account_id: UUID, watermark: Watermark) -> None:
        """Mark what it speaks of; one that says nothing new is counted."""
        rows = await fetch(
            self._db.pool, "select app.apply_watermark($1, $2, $3, $4, $5)",
            tenant_id, account_id, watermark.address, watermark.state.value, watermark.up_to,
        )  # fmt: skip
        if not rows[0][0]:
            IGNORED.labels(channel.value, "watermark").inc()

    async def _ask_for_templates(self, accounts: Iterable[tuple[UUID, UUID]]) -> None:
        """A notice is only a nudge: what is true of templates is what the provider answers when it is asked."""
        for tenant_id, account_id in accounts:
            async with self._db.transaction(tenant_id) as session:
                task = RefreshTemplates(account_id)
                await Context(session, tenant_id).defer(task, key=f"templates:{account_id}")

    async def _ask_for(self, channel: Channel, tenant_id: UUID, account_id: UUID, announced: Announced) -> None:
        IGNORED.labels(channel.value, "announced").inc()  # until it comes, or is read
        task = ReadAnnounced(tenant_id, account_id, announced.provider_id)
        async with self._db.transaction(None) as session:
            await jobs.insert(
                session, None, task, run_at=now() + COMES_BY_ITSELF, key=f"{account_id}:{announced.provider_id}"
            )


def owner_of(channel: Channel, owners: Owners, external_id: str | None) -> tuple[UUID, UUID] | None:
    """Tenant and account of an item, if the account is of an app that signed; anything else is not believed."""
    if external_id is None:
        owner = next(iter(owners.values())) if len(owners) == 1 else None
    else:
        owner = owners.get(external_id)
    if owner is None:
        IGNORED.labels(channel.value, "foreign_account").inc()
    return owner
