"""Commands that save an installation into one file and restore it from there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumi.cli.refusals import told_in_words

if TYPE_CHECKING:
    from lumi.core.backup.archive import Manifest
    from lumi.core.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; it appears when it is complete.", dir_okay=False)],
) -> None:
    """Save everything into one file: the database, uploaded files, keys. Lumi may be running.

    Who has this file has everything: keep it where only you can read it.
    """
    with told_in_words():
        asyncio.run(_save(file.absolute()))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `lumi backup` wrote.", exists=True, dir_okay=False)],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is here, which is lost.")
    ] = False,
) -> None:
    """Make this installation what a backup holds, and bring it to this version. Lumi must not be running."""
    with told_in_words():
        asyncio.run(_restore(file.absolute(), replace=replace))


async def _save(file: Path) -> None:
    from lumi.cli.installation import quiet_settings
    from lumi.cli.screen import note, output, progress
    from lumi.core.backup import installation

    settings = quiet_settings()
    with progress("Saving everything") as say:
        manifest = await installation.save(settings, file, say)
    size = sum(part.size_bytes for part in manifest.parts)
    output().print(f"{file}\t{size / 1e6:,.1f} MB\t{manifest.revision}", markup=False, soft_wrap=True)
    for line in _left_out(settings):
        note(line)


async def _restore(file: Path, *, replace: bool) -> None:
    from lumi.cli.installation import quiet_settings
    from lumi.cli.screen import note, output, progress
    from lumi.core.backup import installation

    settings = quiet_settings()
    with progress("Restoring everything") as say:
        manifest = await installation.restore(settings, file, say, replace=replace)
    output().print(_told(manifest), markup=False, soft_wrap=True)
    note("`lumi doctor` looks at everything; `lumi up` starts it.")


def _told(manifest: Manifest) -> str:
    return f"Restored what Lumi {manifest.lumi} was at {manifest.made_at}"


def _left_out(settings: Settings) -> list[str]:
    named = [name.upper() for name in ("secret_key", "rsa_private_key") if getattr(settings, name) is not None]
    found: list[str] = []
    if named:
        found.append(f"Not in it, because the environment holds it: {', '.join(named)}. Keep it beside the backup.")
    if settings.s3_bucket:
        found.append(f"Not in it: the files in the bucket {settings.s3_bucket}. Keep copies or versions of them there.")
    return found
