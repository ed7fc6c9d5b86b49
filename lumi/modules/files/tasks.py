"""Background entry points of files."""

from __future__ import annotations

from lumi.core.context import Context
from lumi.core.db import Database
from lumi.core.jobs import Registry
from lumi.modules.files.events import RemoveBytes, ScanFile, ScanOthers, ScanWaiting, SweepIncoming
from lumi.modules.files.services import forgetting, scanning
from lumi.modules.files.services.vault import Vault


def work_for(vault: Vault, jobs: Registry) -> None:
    """Let the jobs of this process be done with this vault."""

    async def scan_file(ctx: Context, task: ScanFile) -> None:
        await scanning.scan(vault, ctx, task)

    async def scan_others(ctx: Context, task: ScanOthers) -> None:
        await scanning.scan_others(vault, ctx, task.after)

    async def scan_waiting(_db: Database, _task: ScanWaiting) -> None:
        await scanning.scan_waiting(vault)

    async def sweep_incoming(_db: Database, _task: SweepIncoming) -> None:
        await forgetting.sweep(vault)

    async def remove_bytes(ctx: Context, task: RemoveBytes) -> None:
        await forgetting.remove_bytes(vault, ctx, task)

    jobs.add(ScanFile, scan_file)
    jobs.add(ScanOthers, scan_others)
    jobs.add_house(ScanWaiting, scan_waiting)
    jobs.add(RemoveBytes, remove_bytes)
    jobs.add_house(SweepIncoming, sweep_incoming)
    jobs.schedule("7 * * * *", ScanWaiting())
    jobs.schedule("27 3 * * *", SweepIncoming())
