"""Hidden commands for developers: the database's shell and the API's description."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Annotated

import typer

from lumi.cli.refusals import told_in_words


def db_shell(arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to psql.")] = None) -> None:
    """Open psql on the database as its owner; SQL may be piped in."""
    with told_in_words():
        raise typer.Exit(asyncio.run(_psql(arguments or [])))


async def _psql(arguments: list[str]) -> int:
    from lumi.cli.installation import quiet_settings
    from lumi.core.backup.programs import without_password
    from lumi.core.database import place
    from lumi.core.server import attach

    async with place(quiet_settings()) as here:
        url, password = without_password(here.owner_url)
        words = [url, "--set=ON_ERROR_STOP=1", *([] if sys.stdin.isatty() else ["--no-psqlrc"]), *arguments]
        # Row-level security is forced on the owner too: `set app.tenant_id` first, or see no tenant's rows.
        environment = {**os.environ, "PGOPTIONS": "-c role=lumi_owner", "PGPASSWORD": password}
        shell = await asyncio.create_subprocess_exec(str(attach.tool("psql")), *words, env=environment)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is psql's
        return await shell.wait()


def openapi() -> None:
    """Print the API's description as OpenAPI JSON."""
    from lumi.core.settings import get_settings
    from lumi.main import create_app

    described = create_app(get_settings()).openapi()
    sys.stdout.write(json.dumps(described, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
