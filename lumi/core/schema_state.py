"""Whether a database is at this version already: asked at every start, so it costs two connections, not Alembic."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import asyncpg

ROOT = Path(__file__).resolve().parents[2]
_REVISION = re.compile(r"^(down_)?revision(?:\s*:.*?)?\s*=\s*[\"'](\w+)[\"']", re.MULTILINE)


async def is_current(owner_url: str, app_url: str) -> bool:
    """Whether both roles get in, the revision is the newest and every SQL function is the one in the tree."""
    try:
        revisions = {row[0] for row in await _rows(owner_url, "select version_num from alembic_version")}
        installed = {(row[0], row[1]) for row in await _rows(app_url, "select name, checksum from sql_file")}
    except (asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return revisions == newest_revisions() and functions() <= installed


def newest_revisions() -> set[str]:
    """The revisions nothing comes after, by the files."""
    found = [
        (bool(down), name)
        for file in (ROOT / "migrations" / "versions").glob("*.py")
        for down, name in _REVISION.findall(file.read_text())
    ]
    return {name for is_down, name in found if not is_down} - {name for is_down, name in found if is_down}


def functions() -> set[tuple[str, str]]:
    """Name and checksum of every file of SQL functions."""
    files = (ROOT / "lumi").glob("**/sql/*.sql")
    return {(str(file.relative_to(ROOT)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files}


async def has_tenants(app_url: str) -> bool:
    """Whether anybody lives here."""
    return bool(await _rows(app_url, "select 1 from app.tenant_slugs() limit 1"))


def _for_driver(url: str) -> str:
    return "postgresql://" + url.partition("://")[2]


async def _rows(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(_for_driver(url), timeout=10)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()
