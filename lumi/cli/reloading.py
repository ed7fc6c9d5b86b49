"""Noticing that the source changed, for `lumi up --reload`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

PAUSE_SECONDS = 0.5
_WATCHED = frozenset({".py", ".sql", ".ftl", ".yaml"})
_ROOT = Path(__file__).resolve().parents[2]


async def changes() -> AsyncGenerator[str]:
    """The name of a changed file, each time there are any; changed SQL functions are installed before."""
    before = await asyncio.to_thread(_seen)
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        now = await asyncio.to_thread(_seen)
        changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
        before = now
        if not changed:
            continue
        if any(path.suffix == ".sql" for path in changed):
            await _install()
        yield str(changed[0].relative_to(_ROOT))


def _seen() -> dict[Path, int]:
    found: dict[Path, int] = {}
    for path in (_ROOT / "lumi").rglob("*"):
        if path.suffix in _WATCHED:
            try:
                found[path] = path.stat().st_mtime_ns
            except FileNotFoundError:
                continue  # it went away between the two looks
    return found


async def _install() -> None:
    from lumi.core.database import owner_database
    from lumi.core.migrate import migrate

    async with owner_database() as (url, password):
        await migrate(url, password)
