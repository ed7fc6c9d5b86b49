"""What goes along with words, made ready before a post begins: what fails here has told nobody anything.

A voice that takes its time, a file that lies elsewhere, an upload that is cut: the delivery is still `committed`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.errors import AppError, DependencyUnavailable
from lumi.core.http import OutcomeUnknown, OutsideFailure, RateLimited, Rejected, Unavailable
from lumi.core.lanes import Lane
from lumi.core.logging import get_logger
from lumi.modules.assistant.values import LaneState, Mark, PendingDelivery
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, DeliveryState, Enclosed, OutgoingFile
from lumi.modules.files import public as files

log = get_logger("lumi.deliver")

# What a message carries whole is in memory some three times over while it leaves, however slowly somebody takes it.
MOST_CARRIED_BYTES = 64 << 20
CARRIED_LATER_SECONDS = 2.0
MOST_BROUGHT = 1_000
# A provider keeps what was brought there for weeks; what waits for longer than this is brought anew.
BROUGHT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Packed:
    """What goes along with a message, if anything does."""

    voice: bytes | None = field(default=None, repr=False)
    file: OutgoingFile | None = None


NOTHING = Packed()


class _CarriedLater(Exception):
    """So much is being carried that this one waits."""


class Packer:
    """Makes ready what goes along, as one worker."""

    def __init__(self, sender: channels.Sender, vault: files.Vault) -> None:
        self._sender, self._vault = sender, vault
        # What an upload made and until when it is good, so that neither a thread in which much happens nor a provider
        # that puts a message off has it brought again each time.
        self._brought: dict[UUID, tuple[str, datetime]] = {}
        self._carried_bytes = 0

    @asynccontextmanager
    async def packed(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> AsyncGenerator[Packed | Mark]:
        """What goes along, while the block lasts; what becomes of the delivery where that cannot be had."""
        async with AsyncExitStack() as stack:
            if delivery.file is None:
                yield Packed(voice=await self._aloud(lane, state, delivery))
                return
            try:
                file = await self._file(stack, lane, state, delivery, delivery.file)
            except _CarriedLater:
                yield Mark(delivery.id, DeliveryState.COMMITTED, pause=CARRIED_LATER_SECONDS)
            except (OutsideFailure, DependencyUnavailable, OSError) as failure:
                yield _failed(delivery, failure)
            except AppError as refusal:  # deleted, or found to be malware, since it was attached
                log.warning("file_not_had", delivery=str(delivery.id), reason=refusal.code)
                yield Mark(delivery.id, DeliveryState.FAILED, error=channels.FILE_GONE)
            else:
                yield Packed(file=file)

    async def _aloud(self, lane: Lane, state: LaneState, delivery: PendingDelivery) -> bytes | None:
        if delivery.spoken is None:
            return None
        return await self._sender.spoken(
            Channel(state.channel), delivery.spoken.text, delivery.spoken.lang,
            tenant_id=lane.tenant_id, account_id=state.account_id,
        )  # fmt: skip

    async def _file(
        self, stack: AsyncExitStack, lane: Lane, state: LaneState, delivery: PendingDelivery, enclosed: Enclosed
    ) -> OutgoingFile:
        async with self._vault.db.transaction(lane.tenant_id) as session:
            kept = await self._vault.get_open(Context(session, lane.tenant_id), enclosed.file_id)
        link = self._vault.passing(lane.tenant_id, kept.id, kept.state)
        url = link.url if link is not None else None
        carried = self._sender.carries(Channel(state.channel))
        if carried is channels.Carries.NOTHING:
            return OutgoingFile(enclosed, url=url)
        reference, good_until = self._brought.get(delivery.id, (None, now()))
        if reference is not None and now() < good_until:
            return OutgoingFile(enclosed, url=url, reference=reference)
        if carried is channels.Carries.IN_ONE:
            stack.enter_context(self._carrying(kept.size_bytes))
        path: Path = await stack.enter_async_context(self._vault.lend(kept))
        file = OutgoingFile(enclosed, path=path, url=url)
        if carried is channels.Carries.IN_ONE:
            return file
        brought = await self._sender.bring(
            Channel(state.channel), tenant_id=lane.tenant_id, account_id=state.account_id, file=file
        )
        if len(self._brought) >= MOST_BROUGHT:
            self._brought.clear()
        if brought.reference is not None:
            self._brought[delivery.id] = (brought.reference, now() + BROUGHT_FOR)
        return brought

    @contextmanager
    def _carrying(self, size: int) -> Generator[None]:
        """Alone a file of any size is carried, beside others as long as there is room."""
        if self._carried_bytes and self._carried_bytes + size > MOST_CARRIED_BYTES:
            raise _CarriedLater
        self._carried_bytes += size
        try:
            yield
        finally:
            self._carried_bytes -= size

    def forget(self, delivery_id: UUID) -> None:
        """Whatever was brought for this delivery is used up, or of no use."""
        self._brought.pop(delivery_id, None)


def _failed(delivery: PendingDelivery, failure: Exception) -> Mark:
    """Nothing was posted: it is tried again as long as a post would be, unless it never can be."""
    if isinstance(failure, Rejected):
        return Mark(delivery.id, DeliveryState.FAILED, error=channels.of_send(failure), tried=True)
    known = failure if isinstance(failure, OutsideFailure) else Unavailable("the file is out of reach")
    if isinstance(known, OutcomeUnknown):
        known = Unavailable("the upload was cut")
    paced = isinstance(known, RateLimited)
    pause = channels.retry_pause(delivery.attempt + 1, getattr(known, "retry_after", None), paced=paced)
    state = DeliveryState.FAILED if pause is None else DeliveryState.COMMITTED
    return Mark(delivery.id, state, error=channels.of_send(known), pause=pause, tried=True)
