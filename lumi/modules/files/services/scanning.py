"""Looking at files: nothing is handed out before, where somebody looks at all."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from lumi.core.audit import audit
from lumi.core.clock import now
from lumi.core.context import Context
from lumi.core.http import OutsideFailure, Rejected
from lumi.core.logging import get_logger
from lumi.modules.files import repository
from lumi.modules.files.adapters.ports import Gone
from lumi.modules.files.events import FileInfected, FileScanned, RemoveBytes, ScanFile, ScanOthers
from lumi.modules.files.services.vault import Vault
from lumi.modules.files.values import FileState, Finding, StoredFile
from lumi.modules.tenants import public as tenants

log = get_logger("lumi.files")

# Of one transaction.
PIECE = 200
# Who cannot look at this one file so often never will; who is away is waited for without end.
MOST_REFUSALS = 5
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5, 600
_KEY = "files.scan_others"


async def scan(vault: Vault, ctx: Context, task: ScanFile) -> None:
    """Look at a file and write down what was found; come back later while nobody can look.

    An infected one can no longer be had: its bytes are removed, the audit says so and staff are told (FileInfected).
    """
    async with vault.db.transaction(ctx.tenant_id) as session:
        file = await repository.find(session, ctx.tenant_id, task.file_id)
    if file is None or file.state not in _unseen(vault):
        return
    try:
        finding = await _look(vault, file)
    except OutsideFailure as failure:
        if not isinstance(failure, Rejected) or task.attempt < MOST_REFUSALS:
            log.warning("scan_postponed", file_id=str(file.id), attempt=task.attempt, reason=str(failure))
            await ctx.defer(ScanFile(file.id, task.attempt + 1), run_at=now() + _pause(task.attempt), key=str(file.id))
            return
        finding = Finding(FileState.FAILED, str(failure))
    if await repository.settle(ctx.session, ctx.tenant_id, file.id, finding, at=now()):
        await _tell(ctx, file, finding)


async def scan_waiting(vault: Vault) -> None:
    """Let every tenant begin at its first file that nobody has looked at."""
    for tenant in await tenants.list_all(vault.db):
        async with vault.db.transaction(tenant.id) as session:
            if await repository.waiting(session, tenant.id, _unseen(vault), after=None, limit=1):
                await Context(session, tenant.id).defer(ScanOthers(), key=_KEY)


async def scan_others(vault: Vault, ctx: Context, after: UUID | None) -> None:
    """Have the next piece of a tenant's waiting files looked at, and come back for what is left."""
    ids = await repository.waiting(ctx.session, ctx.tenant_id, _unseen(vault), after=after, limit=PIECE)
    for file_id in ids:
        await ctx.defer(ScanFile(file_id), key=str(file_id))
    if len(ids) == PIECE:
        await ctx.defer(ScanOthers(ids[-1]))


async def _look(vault: Vault, file: StoredFile) -> Finding:
    if vault.scanner is None:
        return Finding(FileState.UNSCANNED)
    place = file.place
    try:
        return await vault.scanner.scan(vault.storage(place).chunks(place.key, 0, file.size_bytes))
    except Gone:
        return Finding(FileState.FAILED, "its bytes are gone")


async def _tell(ctx: Context, file: StoredFile, finding: Finding) -> None:
    detail = {"state": finding.state, "note": finding.note}
    await ctx.emit(FileScanned(file.id, finding.state))
    if finding.state is FileState.INFECTED:
        await audit(ctx, "files.infected", target=f"file:{file.id}", detail=detail)
        await ctx.emit(FileInfected(file.id, file.name, finding.note or ""))
        await ctx.defer(RemoveBytes(file.id, file.place.storage, file.place.key))
        log.warning("file_infected", file_id=str(file.id), found=finding.note)
    elif finding.state is not FileState.CLEAN:
        await audit(ctx, "files.not_scanned", target=f"file:{file.id}", detail=detail)


def _unseen(vault: Vault) -> tuple[FileState, ...]:
    """What has to be looked at: with a scanner also what came in while there was none."""
    return (FileState.PENDING,) if vault.scanner is None else (FileState.PENDING, FileState.UNSCANNED)


def _pause(attempt: int) -> timedelta:
    return timedelta(seconds=min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2 ** min(attempt, 10)))
