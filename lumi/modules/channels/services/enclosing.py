"""Whether a file may leave in a thread, asked before anybody sends it."""

from __future__ import annotations

from uuid import UUID

from lumi.core.context import Context
from lumi.modules.channels.engine.media import most_bytes, shown_as
from lumi.modules.channels.errors import NoFilesThere, NotFetchable, TooLargeThere, TypeNotTakenThere, WindowClosed
from lumi.modules.channels.models import Thread
from lumi.modules.channels.repositories import thread_rows
from lumi.modules.channels.rules import CAPABILITIES, Facts, Verdict, gate
from lumi.modules.channels.services.threads import known_thread
from lumi.modules.channels.values.kinds import Author, Channel, DeliveryState, Purpose
from lumi.modules.channels.values.outgoing import Capabilities
from lumi.modules.files.public import FileKind, Vault


async def takes_files(vault: Vault, ctx: Context, thread_id: UUID) -> Capabilities:
    """What the channel of a thread can do, where a person may send a file of this vault in it now.

    Raises NotFound; refuses (NoFilesThere) a channel that takes none, (NotFetchable) one that would fetch it where it
    cannot, and (WindowClosed) who has not written for too long: a file is no text that could be approved.
    """
    thread = await known_thread(ctx, thread_id)
    can = CAPABILITIES[Channel(thread.channel)]
    if not can.media:
        raise NoFilesThere
    if can.fetches and not vault.has_tls:
        raise NotFetchable
    if not await _is_open(ctx, thread, can):
        raise WindowClosed
    return can


def taken_as(kind: FileKind, mime: str, size_bytes: int, can: Capabilities) -> FileKind:
    """What a channel shows a file as; refuses TypeNotTakenThere and TooLargeThere, which names the limit."""
    found = shown_as(kind, mime, size_bytes, can)
    if found is not None:
        return found
    most = most_bytes(kind, mime, can.media)
    if most is None:
        raise TypeNotTakenThere(mime=mime)
    raise TooLargeThere(limit_bytes=most)


async def _is_open(ctx: Context, thread: Thread, can: Capabilities) -> bool:
    """Whether the gate would let a person's words go, as far as their window is concerned."""
    if can.window_hours is None:
        return True
    facts = Facts(
        author=Author.STAFF, state=DeliveryState.COMMITTED, held=False, stopped=False, confirms_stop=False,
        last_inbound_at=await thread_rows.heard_at(ctx, thread.id), valid_until=None, newer_open=False,
        next_try_at=None, sending_at=None, purpose=Purpose.STAFF,
    )  # fmt: skip
    return gate(facts, can, ctx.now) is not Verdict.WINDOW_CLOSED
