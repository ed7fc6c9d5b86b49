"""A whole installation: saved into one file, restored from it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic.script import ScriptDirectory

from lumi import __version__
from lumi.core import migrate
from lumi.core.backup import archive, belongings, dumping, loading
from lumi.core.backup.archive import Backup, Facts, Manifest, Say
from lumi.core.backup.belongings import Places
from lumi.core.backup.failures import BackupFailed
from lumi.core.clock import now
from lumi.core.database import place
from lumi.core.settings import Settings


async def save(settings: Settings, path: Path, say: Say) -> Manifest:
    """Write everything to this file, which appears when it is complete, readable for its owner only.

    What was committed before is in it; whoever writes meanwhile is not disturbed. Keys that come from the
    environment are not in it. Refuses with BackupFailed.
    """
    async with _addresses(settings, say) as (widest, _):
        with archive.drafting(path, say) as draft:
            async with dumping.moment(widest) as at:
                await dumping.dump(draft, at, say)
            # After the database: a file that a row of the snapshot names was there before it.
            await belongings.save(draft, _places(settings), say)
            draft.close(_facts(settings, at))
    with archive.opened(path) as made:
        return made.manifest


async def restore(settings: Settings, path: Path, say: Say, *, replace: bool) -> Manifest:
    """Make this installation what the backup is of, at today's revision.

    Refuses with BackupFailed, before anything is changed: an installation that is inhabited (unless it may be
    replaced) or running, a backup that is damaged, of a newer Lumi or PostgreSQL, or sealed with a master key that
    is not there.
    """
    with archive.opened(path) as backup:
        _refuse_unknown(backup.manifest)
        backup.verify(say)
        _refuse_foreign_key(settings, backup)
        async with _addresses(settings, say) as (_, owner):
            await _refuse_inhabited(settings, owner, replace=replace)
            await migrate.prepare_roles(owner)
            staged = belongings.stage(backup, _places(settings))
            try:
                await loading.load(backup, owner, say)
            except BaseException:
                staged.drop()
                raise
            staged.settle()
            async with place(settings, say=say) as here:
                await migrate.migrate(here.owner_url, here.app_password, say=say)
        return backup.manifest


@asynccontextmanager
async def _addresses(settings: Settings, say: Say) -> AsyncGenerator[tuple[str, str]]:
    """The database as whoever sees most of it, and as its owner."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        yield url, url
        return
    from lumi.core.server import attach

    async with attach.hold(settings.lumi_home, say=say) as server:
        yield server.admin_url, server.owner_url


def _places(settings: Settings) -> Places:
    return Places(settings.lumi_home, settings.uploads_folder)


def _facts(settings: Settings, at: dumping.Moment) -> Facts:
    return Facts(
        lumi=__version__,
        revision=at.revision,
        postgres=at.server_version_num,
        made_at=now().isoformat(),
        key_mark=_mark(settings.master_key().get_secret_value()),
    )


def _mark(key: str) -> str:
    """Tells two master keys apart."""
    return hmac.new(key.encode(), b"lumi:backup:key-mark", hashlib.sha256).hexdigest()[:16]


def _refuse_unknown(manifest: Manifest) -> None:
    known = {script.revision for script in ScriptDirectory(str(migrate.ROOT / "migrations")).walk_revisions()}
    if not set(manifest.revision.split(",")) <= known:
        raise BackupFailed(
            f"The backup is of Lumi {manifest.lumi} at the revision {manifest.revision}, which this Lumi "
            f"({__version__}) does not know: install that version or a newer one first."
        )


def _refuse_foreign_key(settings: Settings, backup: Backup) -> None:
    if settings.secret_key is not None:
        key = settings.secret_key.get_secret_value()
    else:
        names = backup.names(f"{belongings.PREFIX}{belongings.SECRET_KEY}")
        key = b"".join(backup.chunks(names[0])).decode().strip() if names else ""
    if _mark(key) != backup.manifest.key_mark:
        raise BackupFailed(
            "What is secret in this backup was sealed with another master key: set SECRET_KEY to the one it was "
            "made with."
        )


async def _refuse_inhabited(settings: Settings, owner: str, *, replace: bool) -> None:
    if not replace and (await loading.is_inhabited(owner) or belongings.has_uploads(settings.uploads_folder)):
        raise BackupFailed("This installation is not empty: --replace puts the backup in its place, and it is lost.")
    if await loading.is_in_use(owner):
        raise BackupFailed("Lumi is running on this database: stop its web servers and workers first.")
