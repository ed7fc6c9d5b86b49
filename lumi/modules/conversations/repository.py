"""Every query of the conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, text

from lumi.core.context import Context
from lumi.core.db import Pool, fetch, rows_affected
from lumi.core.ids import new_id
from lumi.modules.channels.public import DeliveryState, MessageKind
from lumi.modules.conversations.values import (
    AttachedFile,
    Conversation,
    DeliveryView,
    Entry,
    InboxState,
    Last,
    Person,
    Source,
)

_CONVERSATION = """
    select t.id, t.channel, a.name as account_name, t.language, t.wants_human_at, t.active_at, t.address, t.merged_into,
           array(select id from thread where tenant_id = t.tenant_id and merged_into = t.id order by id) as merged,
           c.id as contact_id, c.name as contact_name, t.held_by, i.name as holder_name,
           case when t.quiet_until > clock_timestamp() then t.quiet_until end as quiet_until,
           m.n as last_n, m.author as last_author, left(m.text, 160) as last_text, m.created_at as last_at,
           coalesce(
               (select case when a.is_voice then 'voice' else a.kind end from attachment a
                where a.tenant_id = t.tenant_id and a.thread_id = t.id and a.event_n = m.event_n
                  and a.state <> 'removed' order by a.place limit 1),
               (select s.kind from attachment s where s.tenant_id = t.tenant_id and s.message_id = m.id)) as last_file
    from thread t
    join channel_account a on a.tenant_id = t.tenant_id and a.id = t.account_id
    left join contact c on c.tenant_id = t.tenant_id and c.id = t.contact_id
    left join identity i on i.id = t.held_by
    left join lateral (
        select id, n, event_n, author, text, created_at from message
        where tenant_id = t.tenant_id and thread_id = t.id order by n desc limit 1) m on true
    where t.tenant_id = :tenant
"""
_FILTERS = {
    InboxState.ALL: " and t.merged_into is null",
    InboxState.WAITING: " and t.wants_human_at is not null and t.held_by is null",
    InboxState.HELD: " and t.held_by is not null",
    InboxState.UNSENT: " and t.id in (select d.thread_id from delivery d where d.tenant_id = :tenant"
    " and d.held_at is not null)",
}
_ENTRY = """
    select m.id, m.n, m.author, m.text, m.lang, m.kind, m.sources, m.handover, m.created_at,
           m.edited_at, m.deleted_at,
           i.name as author_name, d.state, d.error, t.channel, e.provider_id as client_id, m.choices,
           d.purpose, d.next_try_at, d.body ->> 'moved_to' as moved_to, d.body ->> 'moved_from' as moved_from,
           d.body -> 'template' ->> 'reads' as reads, e.payload -> 'content' as content,
           case when e.payload -> 'content' ? 'reaction' then (
               select l.text from message l
               where l.tenant_id = m.tenant_id and l.thread_id = m.thread_id and l.n = coalesce(
                   (select t.message_n from delivery t where t.tenant_id = m.tenant_id and t.thread_id = m.thread_id
                    and t.provider_id = e.payload -> 'content' -> 'reaction' ->> 'target' order by t.n limit 1),
                   (select w.n from event v join message w
                        on w.tenant_id = v.tenant_id and w.thread_id = v.thread_id and w.event_n = v.n
                    where v.tenant_id = m.tenant_id and v.thread_id = m.thread_id
                      and v.provider_id = e.payload -> 'content' -> 'reaction' ->> 'target' order by v.n limit 1))
           ) end as reacted_to, (
               select json_agg(json_build_object(
                   'id', a.id, 'kind', coalesce(f.kind, a.kind), 'is_voice', a.is_voice, 'state', a.state,
                   'name', coalesce(f.name, a.name), 'mime', coalesce(f.mime, a.mime),
                   'size_bytes', coalesce(f.size_bytes, a.size_bytes), 'why', a.error, 'transcript', a.transcript,
                   'language', a.language, 'file_id', f.id, 'file_state', f.state) order by a.place)
               from (
                   select * from attachment r
                   where r.tenant_id = m.tenant_id and r.thread_id = m.thread_id and r.event_n = m.event_n
                   union all
                   select * from attachment s where s.tenant_id = m.tenant_id and s.message_id = m.id) a
               left join stored_file f
                   on f.tenant_id = a.tenant_id and f.id = a.file_id and f.deleted_at is null) as attachments
    from message m
    join thread t on t.tenant_id = m.tenant_id and t.id = m.thread_id
    left join identity i on i.id = m.author_id
    left join event e on e.tenant_id = m.tenant_id and e.thread_id = m.thread_id and e.n = m.event_n
    left join lateral (
        select state, error, purpose, next_try_at, body from delivery
        where tenant_id = m.tenant_id and thread_id = m.thread_id and message_n = m.n
        order by state in ('failed', 'unknown', 'held', 'withdrawn') desc, n desc limit 1) d on true
    where m.tenant_id = :tenant and m.thread_id = :thread
"""
# Addresses that mean something to people; a visitor's is a number nobody can read.
_SPOKEN = frozenset({"phone", "email"})
# A visitor sees what left, never what was withdrawn; what is still to leave holds back what comes after it.
_VISIBLE = """
    and (m.author = 'contact' or d.state in ('sending', 'sent', 'delivered', 'read'))
    and not exists (
        select from delivery w where w.tenant_id = m.tenant_id and w.thread_id = m.thread_id
        and w.settled_at is null and w.state = 'committed' and w.message_n <= m.n)
"""


async def conversations(
    ctx: Context, *, state: InboxState, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Conversation]:
    """Conversations, the most recently active first."""
    after = " and (t.active_at, t.id) < (:at, :id)" if before else ""
    statement = f"{_CONVERSATION}{_FILTERS[state]}{after} order by t.active_at desc, t.id desc limit :limit"
    values: dict[str, object] = {"tenant": ctx.tenant_id, "limit": limit}
    if before:
        values |= {"at": before[0], "id": before[1]}
    rows = await ctx.session.execute(text(statement), values)
    return [_conversation(row) for row in rows.mappings()]


async def conversation(ctx: Context, thread_id: UUID) -> Conversation | None:
    """One conversation as the inbox shows it."""
    rows = await ctx.session.execute(
        text(f"{_CONVERSATION} and t.id = :id"), {"tenant": ctx.tenant_id, "id": thread_id}
    )
    row = rows.mappings().one_or_none()
    return _conversation(row) if row else None


async def entries(
    ctx: Context, thread_id: UUID, *, after: int, before: int | None, limit: int, visitor: bool = False
) -> Sequence[Entry]:
    """Messages in order: those after a number, or the last ones before another."""
    seen = _VISIBLE if visitor else ""
    if before is None:
        tail = f" and m.n > :after{seen} order by m.n limit :limit"
    else:
        tail = f" and m.n < :before{seen} order by m.n desc limit :limit"
    rows = await ctx.session.execute(
        text(_ENTRY + tail),
        {"tenant": ctx.tenant_id, "thread": thread_id, "after": after, "before": before, "limit": limit},
    )
    return sorted((_entry(row) for row in rows.mappings()), key=lambda entry: entry.n)


async def last_number(ctx: Context, thread_id: UUID) -> int:
    """The number of the newest message, 0 when there is none."""
    found = await ctx.session.scalar(
        text("select message_n from lane where tenant_id = :tenant and key = :thread"),
        {"tenant": ctx.tenant_id, "thread": thread_id},
    )
    return cast("int | None", found) or 0


async def add_message(
    ctx: Context,
    thread_id: UUID,
    *,
    author: str,
    author_id: UUID | None,
    words: str,
    lang: str | None,
    choices: Sequence[str] = (),
    kind: MessageKind = MessageKind.TEXT,
) -> tuple[UUID, int]:
    """Write the next message of a thread whose lane is locked; returns its id and number."""
    message_id = new_id()
    n = await ctx.session.scalar(
        text(
            "with numbered as (update lane set message_n = message_n + 1"
            " where tenant_id = :tenant and key = :thread returning message_n)"
            " insert into message (tenant_id, thread_id, n, id, author, author_id, kind, text, lang, choices)"
            " select :tenant, :thread, message_n, :id, :author, :author_id, :kind, :words, :lang,"
            " cast(:choices as jsonb)"
            " from numbered returning n"
        ),
        {
            "tenant": ctx.tenant_id, "thread": thread_id, "id": message_id, "author": author,
            "author_id": author_id, "kind": kind.value, "words": words, "lang": lang,
            "choices": orjson.dumps(list(choices)).decode(),
        },
    )  # fmt: skip
    return message_id, cast("int", n)


async def entry_of(ctx: Context, thread_id: UUID, message_id: UUID) -> Entry | None:
    """One message by its id."""
    rows = await ctx.session.execute(
        text(f"{_ENTRY} and m.id = :id"), {"tenant": ctx.tenant_id, "thread": thread_id, "id": message_id}
    )
    row = rows.mappings().one_or_none()
    return _entry(row) if row else None


async def thread_of(ctx: Context, message_id: UUID) -> UUID | None:
    """The thread a message is in."""
    found = await ctx.session.scalar(
        text("select thread_id from message where tenant_id = :tenant and id = :id"),
        {"tenant": ctx.tenant_id, "id": message_id},
    )
    return cast("UUID | None", found)


async def remember_key(ctx: Context, *, actor_id: UUID, route: str, key: str, fingerprint: str, result: UUID) -> bool:
    """Claim an idempotency key for a result; False when it was claimed before."""
    done = await ctx.session.execute(
        text(
            "insert into idempotency_key (tenant_id, actor_id, route, key, fingerprint, result)"
            " values (:tenant, :actor, :route, :key, :fingerprint, :result) on conflict do nothing"
        ),
        {
            "tenant": ctx.tenant_id, "actor": actor_id, "route": route, "key": key,
            "fingerprint": fingerprint, "result": result,
        },
    )  # fmt: skip
    return rows_affected(done) == 1


async def find_key(ctx: Context, *, actor_id: UUID, route: str, key: str) -> tuple[str, UUID] | None:
    """What an idempotency key stands for: the request's fingerprint and its result."""
    rows = await ctx.session.execute(
        text(
            "select fingerprint, result from idempotency_key"
            " where tenant_id = :tenant and actor_id = :actor and route = :route and key = :key"
        ),
        {"tenant": ctx.tenant_id, "actor": actor_id, "route": route, "key": key},
    )
    row = rows.one_or_none()
    return (str(row[0]), cast("UUID", row[1])) if row else None


async def unite_threads(
    pool: Pool, tenant_id: UUID, account_id: UUID, addresses: Sequence[str], moved: bool
) -> Sequence[UUID]:
    """The thread all these addresses lead to from now on, then those that were closed for it; in one transaction."""
    rows = await fetch(pool, "select app.unite_threads($1, $2, $3, $4)", tenant_id, account_id, list(addresses), moved)
    return cast("list[UUID]", rows[0][0])


async def carry_over(ctx: Context, thread_id: UUID) -> None:
    """Let what is not finished in a closed thread go on where it leads to; nothing of a thread that is not closed."""
    values = {"tenant": ctx.tenant_id, "thread": thread_id}
    await ctx.session.execute(text("select app.carry_over(:tenant, :thread)"), values)


async def delete_messages(ctx: Context, threads: Sequence[UUID], before: datetime, limit: int) -> int:
    """Delete messages from before a time that nothing carries any more, so many at most; returns how many."""
    done = await ctx.session.execute(
        _DELETE_MESSAGES, {"tenant": ctx.tenant_id, "threads": list(threads), "before": before, "limit": limit}
    )
    return rows_affected(done)


async def delete_keys(ctx: Context, before: datetime, limit: int) -> int:
    """Delete idempotency keys from before a time, so many at most; returns how many."""
    done = await ctx.session.execute(_DELETE_KEYS, {"tenant": ctx.tenant_id, "before": before, "limit": limit})
    return rows_affected(done)


_DELETE_MESSAGES = text("""
    delete from message where tenant_id = :tenant and (thread_id, n) in (
        select m.thread_id, m.n from message m
        where m.tenant_id = :tenant and m.thread_id = any (:threads) and m.created_at < :before and not exists (
            select from delivery d
            where d.tenant_id = m.tenant_id and d.thread_id = m.thread_id and d.message_n = m.n)
        order by m.thread_id, m.n limit :limit)
""")
_DELETE_KEYS = text("""
    delete from idempotency_key where tenant_id = :tenant and (actor_id, route, key) in (
        select actor_id, route, key from idempotency_key where tenant_id = :tenant and created_at < :before
        limit :limit)
""")


def _conversation(row: RowMapping) -> Conversation:
    contact = holder = last = None
    if row["contact_id"] is not None:
        kind, _, address = str(row["address"]).partition(":")
        said = address if kind in _SPOKEN else None
        contact = Person(row["contact_id"], row["contact_name"] or said or "", said)
    if row["held_by"] is not None:
        holder = Person(row["held_by"], row["holder_name"] or "")
    if row["last_n"] is not None:
        last = Last(row["last_n"], row["last_author"], row["last_text"], row["last_at"], row["last_file"])
    return Conversation(
        row["id"], row["channel"], row["account_name"], contact, row["language"], holder,
        row["wants_human_at"], row["active_at"], last, row["merged_into"], tuple(row["merged"]),
        row["quiet_until"],
    )  # fmt: skip


def _entry(row: RowMapping) -> Entry:
    sources = tuple(
        Source(str(each["id"]), str(each["title"]), cast("str | None", each.get("url")), str(each["lang"]))
        for each in cast("list[Mapping[str, object]]", row["sources"])
    )
    delivery = _delivery(row) if row["state"] else None
    return Entry(
        row["id"], row["n"], row["author"], row["author_name"], row["text"], row["lang"], row["kind"], sources,
        row["handover"], row["created_at"], delivery, row["edited_at"], row["deleted_at"], row["client_id"],
        tuple(_attached(each) for each in cast("Sequence[Mapping[str, object]]", row["attachments"] or ())),
        tuple(cast("list[str]", row["choices"])), _content(row),
    )  # fmt: skip


def _content(row: RowMapping) -> Mapping[str, object] | None:
    """What it holds besides words, as long as the event that brought it is kept."""
    content = cast("dict[str, object] | None", row["content"])
    if content is None or "reaction" not in content:
        return content
    return content | {"reaction": {**cast("dict[str, object]", content["reaction"]), "to": row["reacted_to"]}}


def _delivery(row: RowMapping) -> DeliveryView:
    to, source = row["moved_to"], row["moved_from"]
    waits = row["next_try_at"] if row["state"] == DeliveryState.COMMITTED else None
    return DeliveryView(
        row["state"], row["error"], row["channel"], row["purpose"], waits, UUID(to) if to else None,
        UUID(source) if source else None, row["reads"],
    )  # fmt: skip


def _attached(row: Mapping[str, object]) -> AttachedFile:
    file_id = _word(row["file_id"])
    return AttachedFile(
        UUID(str(row["id"])), str(row["kind"]), bool(row["is_voice"]), str(row["name"]), _word(row["mime"]),
        cast("int | None", row["size_bytes"]), str(row["state"]), _word(row["why"]), _word(row["transcript"]),
        _word(row["language"]), UUID(file_id) if file_id else None, _word(row["file_state"]),
    )  # fmt: skip


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None
