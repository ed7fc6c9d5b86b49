"""Every query about attachments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core.context import Context
from lumi.core.db import rows_affected
from lumi.modules.attachments.values import Attachment, AttachmentState, OurFile, Why

_ATTACHMENT = """
    select a.*, t.account_id, t.channel from attachment a
    join thread t on t.tenant_id = a.tenant_id and t.id = a.thread_id
    where a.tenant_id = :tenant and
"""


async def find(session: AsyncSession, tenant_id: UUID, attachment_id: UUID) -> Attachment | None:
    """One by its id."""
    found = await session.execute(text(f"{_ATTACHMENT} a.id = :id"), {"tenant": tenant_id, "id": attachment_id})
    row = found.mappings().one_or_none()
    return _attachment(row) if row else None


async def of_file(ctx: Context, file_id: UUID) -> Attachment | None:
    """The one that a file was sent as."""
    asked = {"tenant": ctx.tenant_id, "file": file_id}
    found = await ctx.session.execute(text(f"{_ATTACHMENT} a.file_id = :file limit 1"), asked)
    row = found.mappings().one_or_none()
    return _attachment(row) if row else None


async def keep_file(ctx: Context, attachment_id: UUID, file_id: UUID) -> bool:
    """Write down which file it is; False when it is settled by now."""
    done = await ctx.session.execute(
        text(
            "update attachment set file_id = :file where tenant_id = :tenant and id = :id and state = 'waiting'"
            " and file_id is null"
        ),
        {"tenant": ctx.tenant_id, "id": attachment_id, "file": file_id},
    )
    return rows_affected(done) == 1


async def settle(
    ctx: Context,
    attachment_id: UUID,
    state: AttachmentState,
    *,
    why: Why | None = None,
    words: str | None = None,
    lang: str | None = None,
) -> bool:
    """Write what became of it, once, and move its lane on; False when it was settled before."""
    done = await ctx.session.scalar(
        text("select app.settle_attachment(:tenant, :id, :state, :why, :words, :lang)"),
        {
            "tenant": ctx.tenant_id, "id": attachment_id, "state": state.value, "why": why.value if why else None,
            "words": words, "lang": lang,
        },
    )  # fmt: skip
    return bool(done)


async def add_ours(ctx: Context, file: OurFile) -> None:
    """Write down a file that staff attached."""
    await ctx.session.execute(
        text(
            "insert into attachment (tenant_id, id, thread_id, place, kind, shown_as, is_voice, reference, name, mime,"
            " size_bytes, state, file_id, error, wait_until, settled_at)"
            " values (:tenant, :id, :thread, 1, :kind, :shown_as, false, '{}', :name, :mime, :size, :state, :file,"
            " :why, clock_timestamp(), case when :state <> 'waiting' then clock_timestamp() end)"
        ),
        {
            "tenant": ctx.tenant_id, "id": file.id, "thread": file.thread_id, "kind": file.kind,
            "shown_as": file.shown_as, "name": file.name, "mime": file.mime, "size": file.size_bytes,
            "state": file.state.value, "file": file.file_id, "why": file.why,
        },
    )  # fmt: skip


async def our_file(ctx: Context, thread_id: UUID, attachment_id: UUID) -> OurFile | None:
    """A file that staff attached to this thread."""
    return await _ours(ctx, "a.thread_id = :thread and a.id = :id", thread=thread_id, id=attachment_id)


async def our_file_of(ctx: Context, file_id: UUID) -> OurFile | None:
    """The same by the file it is made of."""
    return await _ours(ctx, "a.file_id = :file", file=file_id)


async def settle_ours(ctx: Context, attachment_id: UUID, state: AttachmentState, why: Why | None) -> None:
    """Write what was found in it, once; no turn waits for it."""
    await ctx.session.execute(
        text(
            "update attachment set state = :state, error = :why, settled_at = clock_timestamp()"
            " where tenant_id = :tenant and id = :id and state = 'waiting'"
        ),
        {"tenant": ctx.tenant_id, "id": attachment_id, "state": state.value, "why": why.value if why else None},
    )


async def set_message(ctx: Context, attachment_id: UUID, message_id: UUID) -> bool:
    """Write which message it left with, once: from then on it is as old as that. False when it is not there any more,
    or another message's.
    """
    done = await ctx.session.execute(
        text(
            "update attachment set message_id = :message, created_at = clock_timestamp()"
            " where tenant_id = :tenant and id = :id and message_id is null"
        ),
        {"tenant": ctx.tenant_id, "id": attachment_id, "message": message_id},
    )
    return rows_affected(done) == 1


async def delete_unsent(ctx: Context, attachment_id: UUID) -> tuple[int, Sequence[UUID]]:
    """Delete one of ours that no message has; how many it was, and the file that is left over."""
    rows = await ctx.session.execute(
        text(
            "delete from attachment where tenant_id = :tenant and id = :id and event_n is null and message_id is null"
            " returning file_id"
        ),
        {"tenant": ctx.tenant_id, "id": attachment_id},
    )
    return _deleted(rows)


async def _ours(ctx: Context, which: str, **values: UUID) -> OurFile | None:
    found = await ctx.session.execute(
        text(f"select * from attachment a where a.tenant_id = :tenant and a.event_n is null and {which}"),  # noqa: S608 (one of two)
        {"tenant": ctx.tenant_id, **values},
    )
    row = found.mappings().one_or_none()
    if row is None:
        return None
    return OurFile(
        row["id"], row["thread_id"], row["kind"], row["shown_as"], row["name"], row["mime"], row["size_bytes"],
        AttachmentState(row["state"]), row["error"], row["file_id"], row["message_id"],
    )  # fmt: skip


async def remove(ctx: Context, thread_id: UUID, event_n: int) -> Sequence[UUID]:
    """Forget what was in a message that was taken back; the files that are left over."""
    rows = await ctx.session.execute(
        text(
            "update attachment set state = 'removed', transcript = null, name = '', reference = '{}',"
            " settled_at = coalesce(settled_at, clock_timestamp())"
            " where tenant_id = :tenant and thread_id = :thread and event_n = :n returning file_id"
        ),
        {"tenant": ctx.tenant_id, "thread": thread_id, "n": event_n},
    )
    return [cast("UUID", row[0]) for row in rows if row[0] is not None]


async def delete(ctx: Context, threads: Sequence[UUID], before: datetime, limit: int) -> tuple[int, Sequence[UUID]]:
    """Delete those from before a time, so many at most; how many it was, and the files that are left over."""
    rows = await ctx.session.execute(_DELETE, {
        "tenant": ctx.tenant_id, "threads": list(threads), "before": before, "limit": limit,
    })  # fmt: skip
    return _deleted(rows)


_DELETE = text("""
    delete from attachment where tenant_id = :tenant and id in (
        select id from attachment
        where tenant_id = :tenant and thread_id = any (:threads) and created_at < :before
        order by thread_id, event_n, place limit :limit)
    returning file_id
""")


def _deleted(rows: Iterable[Row[tuple[object]]]) -> tuple[int, Sequence[UUID]]:
    files = [cast("UUID | None", row[0]) for row in rows]
    return len(files), [each for each in files if each is not None]


def _attachment(row: RowMapping) -> Attachment:
    return Attachment(
        row["id"], row["thread_id"], row["account_id"], row["channel"], row["kind"], row["is_voice"],
        cast("Mapping[str, object]", row["reference"]), row["name"], row["mime"], row["size_bytes"],
        AttachmentState(row["state"]), row["file_id"], row["wait_until"], row["event_n"] is None,
    )  # fmt: skip
