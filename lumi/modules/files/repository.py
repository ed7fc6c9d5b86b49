"""Every query about files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from lumi.core.db import rows_affected
from lumi.modules.files.models import UNSEEN, FileRow
from lumi.modules.files.values import FileKind, FileState, Finding, Place, StorageKind, StoredFile

_UNSEEN = text(UNSEEN)


async def add(session: AsyncSession, tenant_id: UUID, file: StoredFile, *, request_key: str | None) -> bool:
    """Insert a file; False when its request key stands for another one already."""
    row: dict[str, object] = {
        "tenant_id": tenant_id, "id": file.id, "name": file.name, "kind": file.kind, "mime": file.mime,
        "size_bytes": file.size_bytes, "sha256": file.sha256, "state": file.state, "storage": file.place.storage,
        "storage_key": file.place.key, "request_key": request_key, "created_at": file.created_at,
        "created_by": file.created_by,
    }  # fmt: skip
    return rows_affected(await session.execute(insert(FileRow).values(row).on_conflict_do_nothing())) == 1


async def find(session: AsyncSession, tenant_id: UUID, file_id: UUID, *, still: bool = False) -> StoredFile | None:
    """The file, unless it was deleted; `still`: unchanged until the transaction ends."""
    statement = _live(tenant_id).where(FileRow.id == file_id)
    row = await session.scalar(statement.with_for_update(read=True) if still else statement)
    return _stored(row) if row is not None else None


async def find_by_request(
    session: AsyncSession, tenant_id: UUID, actor_id: UUID | None, key: str
) -> tuple[StoredFile, bool] | None:
    """What a request key stands for, and whether that was deleted since."""
    mine = (FileRow.tenant_id == tenant_id, FileRow.created_by.is_not_distinct_from(actor_id))
    row = await session.scalar(select(FileRow).where(*mine, FileRow.request_key == key))
    return (_stored(row), row.deleted_at is not None) if row is not None else None


async def mark_deleted(session: AsyncSession, tenant_id: UUID, file_id: UUID, *, at: datetime, by: UUID | None) -> bool:
    """Delete a file that is still there; False when it is not."""
    statement = update(FileRow).where(
        FileRow.tenant_id == tenant_id, FileRow.id == file_id, FileRow.deleted_at.is_(None)
    )
    return rows_affected(await session.execute(statement.values(deleted_at=at, deleted_by=by))) == 1


async def settle(session: AsyncSession, tenant_id: UUID, file_id: UUID, finding: Finding, *, at: datetime) -> bool:
    """Write down what was found in a file that nobody had seen; False when that was settled before."""
    statement = update(FileRow).where(FileRow.tenant_id == tenant_id, FileRow.id == file_id, _UNSEEN)
    values = {"state": finding.state, "note": finding.note, "scanned_at": at}
    return rows_affected(await session.execute(statement.values(values))) == 1


async def waiting(
    session: AsyncSession, tenant_id: UUID, states: Collection[FileState], *, after: UUID | None, limit: int
) -> Sequence[UUID]:
    """Files that nobody has looked at and that are in one of these states, in the order of their ids."""
    statement = select(FileRow.id).where(FileRow.tenant_id == tenant_id, _UNSEEN, FileRow.state.in_(states))
    if after is not None:
        statement = statement.where(FileRow.id > after)
    return (await session.scalars(statement.order_by(FileRow.id).limit(limit))).all()


async def oldest(session: AsyncSession, tenant_id: UUID, *, before: datetime, limit: int) -> Sequence[StoredFile]:
    """Files from before a time, deleted ones too, the oldest first."""
    statement = select(FileRow).where(FileRow.tenant_id == tenant_id, FileRow.created_at < before)
    rows = await session.scalars(statement.order_by(FileRow.created_at, FileRow.id).limit(limit))
    return [_stored(row) for row in rows]


async def bytes_since(session: AsyncSession, tenant_id: UUID, at: datetime, *, request: str) -> int:
    """How many bytes came since then by requests whose key begins so and that nobody signed in made."""
    statement = select(func.coalesce(func.sum(FileRow.size_bytes), 0)).where(
        FileRow.tenant_id == tenant_id,
        FileRow.created_at > at,
        FileRow.created_by.is_(None),
        FileRow.request_key.startswith(request, autoescape=True),
    )
    return int(await session.scalar(statement) or 0)


async def these(session: AsyncSession, tenant_id: UUID, ids: Sequence[UUID]) -> Sequence[StoredFile]:
    """Files by their ids, deleted ones too."""
    rows = await session.scalars(select(FileRow).where(FileRow.tenant_id == tenant_id, FileRow.id.in_(ids)))
    return [_stored(row) for row in rows]


async def remove(session: AsyncSession, tenant_id: UUID, ids: Sequence[UUID]) -> None:
    """Forget that these files ever were."""
    await session.execute(delete(FileRow).where(FileRow.tenant_id == tenant_id, FileRow.id.in_(ids)))


def _live(tenant_id: UUID) -> Select[FileRow]:
    live = select(FileRow).where(FileRow.tenant_id == tenant_id, FileRow.deleted_at.is_(None))
    return live.execution_options(populate_existing=True)


def _stored(row: FileRow) -> StoredFile:
    return StoredFile(
        id=row.id, name=row.name, kind=FileKind(row.kind), mime=row.mime, size_bytes=row.size_bytes, sha256=row.sha256,
        state=FileState(row.state), note=row.note, created_at=row.created_at, created_by=row.created_by,
        scanned_at=row.scanned_at, place=Place(StorageKind(row.storage), row.storage_key),
    )  # fmt: skip
