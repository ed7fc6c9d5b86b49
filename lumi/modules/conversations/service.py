"""What staff and visitors do with conversations."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from lumi.core.audit import audit
from lumi.core.context import Context
from lumi.core.db import Pool
from lumi.core.pagination import Cursor, Page
from lumi.core.realtime import Realtime
from lumi.modules.attachments import public as attachments
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Author, MessageKind, Purpose
from lumi.modules.contacts import public as contacts
from lumi.modules.conversations import repository
from lumi.modules.conversations.errors import (
    ContactStopped,
    ConversationMerged,
    ConversationNotFound,
    HeldByAnother,
    KeyReused,
    MessageNotFound,
    NoConsent,
    NotHeld,
    NothingToSend,
    Unreachable,
)
from lumi.modules.conversations.values import Conversation, Entry, FirstWords, InboxState, Spoken
from lumi.modules.files import public as files
from lumi.modules.tenants import public as tenants

_REPLY = "conversations.reply"
MOST_ATTEMPTS = 5


_FIRST = "conversations.say_first"
_Place = tuple[datetime, UUID]


async def list_conversations(ctx: Context, *, state: InboxState, cursor: str | None, limit: int) -> Page[Conversation]:
    """A page of the inbox, the most recently active first."""
    keyset = Cursor(f"conversations:{state}", _Place)
    found = await repository.conversations(ctx, state=state, before=keyset.after(cursor), limit=limit + 1)
    return keyset.page(found, limit, lambda each: (each.active_at, each.id))


async def get_conversation(ctx: Context, thread_id: UUID) -> Conversation:
    """One conversation; raises ConversationNotFound."""
    found = await repository.conversation(ctx, thread_id)
    if found is None:
        raise ConversationNotFound
    return found


async def list_entries(
    ctx: Context, thread_id: UUID, *, after: int = 0, before: int | None = None, limit: int = 50
) -> tuple[list[Entry], int]:
    """Messages of a conversation in order, and the number of the newest."""
    await get_conversation(ctx, thread_id)
    found = await repository.entries(ctx, thread_id, after=after, before=before, limit=limit)
    return list(found), await repository.last_number(ctx, thread_id)


async def entries_for_visitor(ctx: Context, thread_id: UUID, *, after: int, limit: int = 200) -> list[Entry]:
    """What the person on the other side may see of their own thread: what was said to them, and what they said."""
    return list(await repository.entries(ctx, thread_id, after=after, before=None, limit=limit, visitor=True))


async def last_number(ctx: Context, thread_id: UUID) -> int:
    """The number of the newest message of a thread."""
    return await repository.last_number(ctx, thread_id)


async def reply(
    vault: files.Vault,
    ctx: Context,
    thread_id: UUID,
    *,
    words: str,
    key: str | None,
    attachment_id: UUID | None = None,
) -> Entry:
    """A person answers: the message is committed to leaving and everything recorded before it is settled.

    The thread is then held by whoever replied. Refuses (HeldByAnother) when somebody else holds it, and of what was
    attached what attachments.enclosed and channels.takes_files refuse. The same Idempotency-Key gives the same
    message; with other words or another file it is refused (KeyReused).
    """
    staff = _staff(ctx)
    conversation = await _locked(ctx, thread_id)
    fingerprint = _fingerprint(thread_id, words if attachment_id is None else f"{attachment_id}\n{words}")
    if key is not None and (known := await _known(ctx, thread_id, staff, key, fingerprint)) is not None:
        return known
    if conversation.held_by is not None and conversation.held_by.id != staff:
        raise HeldByAnother
    file = await _enclosed(vault, ctx, thread_id, attachment_id)
    message_id, n = await repository.add_message(
        ctx, thread_id, author=Author.STAFF.value, author_id=staff, words=words, lang=None,
        kind=MessageKind.TEXT if file is None else MessageKind.MEDIA,
    )  # fmt: skip
    if key is not None and not await repository.remember_key(
        ctx, actor_id=staff, route=_REPLY, key=key, fingerprint=fingerprint, result=message_id
    ):
        raise KeyReused  # by another conversation, at the same moment
    if attachment_id is not None:
        await attachments.send_with(ctx, attachment_id, message_id)
    await channels.commit_delivery(
        ctx, thread_id, message_n=n, message_id=message_id, author=Author.STAFF, body=words, file=file
    )
    if conversation.held_by is None:
        await channels.hold(ctx, thread_id, holder=staff)
    detail = {"message": str(message_id), **({"file": str(file.file_id)} if file is not None else {})}
    await audit(ctx, "conversations.replied", target=str(thread_id), detail=detail)
    return await _entry(ctx, thread_id, message_id)


async def _enclosed(
    vault: files.Vault, ctx: Context, thread_id: UUID, attachment_id: UUID | None
) -> channels.Enclosed | None:
    """The file that goes along; the window may have closed since it was attached."""
    if attachment_id is None:
        return None
    await channels.takes_files(vault, ctx, thread_id)
    return await attachments.enclosed(vault, ctx, thread_id, attachment_id)


async def say_first(ctx: Context, contact_id: UUID, words: FirstWords, *, key: str | None) -> Spoken:
    """Write to a person who did not ask, where they are best reached: the thread heard last that is open.

    What is proactive leaves in their waking hours, and no more often than the organisation allows. Raises
    ContactNotFound; refuses (ContactStopped) who wants to hear no more, (NoConsent) who has not agreed to be written to
    unasked where that is needed, or has taken it back, and (Unreachable) whom nothing reaches. The
    same Idempotency-Key gives the same message; with other words it is refused (KeyReused).
    """
    contact = await contacts.get(ctx, contact_id)
    fingerprint = _fingerprint(contact.id, repr(words))
    if (known := await _spoken_before(ctx, key, fingerprint)) is not None:
        return known
    if contact.is_stopped:
        raise ContactStopped
    if words.purpose is Purpose.PROACTIVE and not await _may_be_written_to(ctx, contact.id):
        raise NoConsent
    by_person = words.purpose is Purpose.STAFF
    author = Author.STAFF if by_person else Author.SYSTEM
    route = await channels.first_route(ctx, channels.first_facts(author, words.purpose), contact.id)
    if route is None:
        raise Unreachable
    await channels.lock(ctx, route.thread_id, stale=by_person)
    if (known := await _spoken_before(ctx, key, fingerprint)) is not None:  # at the same moment
        return known
    message_id, n = await repository.add_message(
        ctx, route.thread_id, author=author.value, author_id=ctx.actor.id if by_person else None, words=words.text,
        lang=None, choices=channels.offered(words.choices),
    )  # fmt: skip
    if key is not None and not await repository.remember_key(
        ctx, actor_id=_staff(ctx), route=_FIRST, key=key, fingerprint=fingerprint, result=message_id
    ):
        raise KeyReused  # for another person, at the same moment
    await channels.commit_delivery(
        ctx, route.thread_id, message_n=n, message_id=message_id, author=author, body=words.text,
        choices=words.choices, purpose=words.purpose, valid_until=words.valid_until,
    )  # fmt: skip
    detail = {"message": str(message_id), "purpose": words.purpose.value, "conversation": str(route.thread_id)}
    await audit(ctx, "conversations.said_first", target=f"contact:{contact.id}", detail=detail)
    return Spoken(route.thread_id, await _entry(ctx, route.thread_id, message_id))


async def _may_be_written_to(ctx: Context, contact_id: UUID) -> bool:
    """Whether somebody agreed to be written to unasked; their newest word counts, and the gate asks again."""
    said = await contacts.consent_to(ctx, contact_id, contacts.ConsentPurpose.PROACTIVE)
    if said is None:
        return not (await tenants.get(ctx)).settings.proactive_needs_consent
    return said is contacts.ConsentState.GRANTED


async def send_again(ctx: Context, thread_id: UUID, message_id: UUID) -> Entry:
    """A person lets a message leave once more that did not surely arrive.

    In a conversation that was merged it goes on in the other one. Refuses (MessageNotFound), and (NothingToSend) what
    left, is leaving, or was withdrawn.
    """
    _staff(ctx)
    await repository.carry_over(ctx, (await get_conversation(ctx, thread_id)).id)  # of a merged one, both are locked
    home = (await get_conversation(ctx, thread_id)).merged_into or thread_id
    if home == thread_id:
        await channels.lock(ctx, thread_id)
    entry = await repository.entry_of(ctx, thread_id, message_id)
    if entry is None:
        raise MessageNotFound
    if not await channels.send_again(ctx, thread_id, entry.n):
        raise NothingToSend
    await repository.carry_over(ctx, thread_id)
    await audit(ctx, "conversations.message_sent_again", target=str(thread_id), detail={"message": str(message_id)})
    return await _entry(ctx, home, message_id)


async def take_over(ctx: Context, thread_id: UUID) -> Conversation:
    """A person takes the conversation; the bot is silent until it is handed back.

    Taking over again is allowed to the same person and refused (HeldByAnother) to others.
    """
    staff = _staff(ctx)
    holder = (await _locked(ctx, thread_id)).held_by
    if holder is not None and holder.id != staff:
        raise HeldByAnother
    await channels.hold(ctx, thread_id, holder=staff)
    await audit(ctx, "conversations.taken_over", target=str(thread_id))
    return await get_conversation(ctx, thread_id)


async def hand_back(ctx: Context, thread_id: UUID) -> Conversation:
    """The conversation goes back to the bot, which answers only what comes afterwards.

    Refuses (NotHeld) when nobody holds it and nobody has answered in the provider's app a moment ago.
    """
    _staff(ctx)
    conversation = await _locked(ctx, thread_id)
    if conversation.held_by is None and conversation.quiet_until is None:
        raise NotHeld
    await channels.let_go(ctx, thread_id)
    await audit(ctx, "conversations.handed_back", target=str(thread_id))
    return await get_conversation(ctx, thread_id)


async def forget_messages(ctx: Context, threads: Sequence[UUID], *, before: datetime, limit: int) -> int:
    """Delete what was said in these threads before a time, so many messages at most; returns how many it was.

    A message whose delivery is still there stays.
    """
    return await repository.delete_messages(ctx, threads, before, limit)


async def forget_keys(ctx: Context, *, before: datetime, limit: int) -> int:
    """Delete Idempotency-Keys given before a time, so many at most; returns how many it was."""
    return await repository.delete_keys(ctx, before, limit)


class Uniter:
    """Brings together what was said at several addresses of one person: channels ask for it while they receive."""

    def __init__(self, pool: Pool, realtime: Realtime) -> None:
        self._pool, self._realtime = pool, realtime

    async def __call__(
        self, tenant_id: UUID, account_id: UUID, addresses: Sequence[str], *, moved: bool = False
    ) -> None:
        """One thread for all of them, the oldest: the others are closed, and who looks at one of them is told."""
        united = await self._unite(tenant_id, account_id, addresses, moved)
        for thread_id in united if len(united) > 1 else ():
            self._realtime.publish(f"tenant:{tenant_id}", {"type": "conversation", "id": str(thread_id)})
            self._realtime.publish(f"thread:{thread_id}", {"type": "changed"})

    async def _unite(self, tenant_id: UUID, account_id: UUID, addresses: Sequence[str], moved: bool) -> Sequence[UUID]:
        left = MOST_ATTEMPTS
        while True:
            left -= 1
            try:
                return await repository.unite_threads(self._pool, tenant_id, account_id, addresses, moved)
            except asyncpg.SerializationError:
                if not left:
                    raise


async def carry_over(ctx: Context, thread_id: UUID) -> None:
    """What is open again in a conversation that was merged goes on in the other one."""
    await repository.carry_over(ctx, thread_id)


async def _locked(ctx: Context, thread_id: UUID) -> Conversation:
    """The conversation, its lane locked before it is read: who holds it may just have changed.

    Refuses (ConversationMerged) when it goes on in another one.
    """
    await channels.lock(ctx, (await get_conversation(ctx, thread_id)).id)
    conversation = await get_conversation(ctx, thread_id)
    if conversation.merged_into is not None:
        raise ConversationMerged(merged_into=str(conversation.merged_into))
    return conversation


async def _known(ctx: Context, thread_id: UUID, staff: UUID, key: str, fingerprint: str) -> Entry | None:
    known = await repository.find_key(ctx, actor_id=staff, route=_REPLY, key=key)
    if known is None:
        return None
    if known[0] != fingerprint:
        raise KeyReused
    return await _entry(ctx, thread_id, known[1])


async def _spoken_before(ctx: Context, key: str | None, fingerprint: str) -> Spoken | None:
    if key is None:
        return None
    known = await repository.find_key(ctx, actor_id=_staff(ctx), route=_FIRST, key=key)
    if known is None:
        return None
    if known[0] != fingerprint:
        raise KeyReused
    thread_id = await repository.thread_of(ctx, known[1])
    if thread_id is None:
        raise ConversationNotFound
    return Spoken(thread_id, await _entry(ctx, thread_id, known[1]))


def _fingerprint(whom: UUID, words: str) -> str:
    return hashlib.sha256(f"{whom}\n{words}".encode()).hexdigest()


async def _entry(ctx: Context, thread_id: UUID, message_id: UUID) -> Entry:
    found = await repository.entry_of(ctx, thread_id, message_id)
    if found is None:
        raise ConversationNotFound
    return found


def _staff(ctx: Context) -> UUID:
    if ctx.actor.id is None:
        raise ValueError("only a person or a key of the organisation acts in conversations")
    return ctx.actor.id
