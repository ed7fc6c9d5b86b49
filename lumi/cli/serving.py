"""Commands that start, prepare and describe an installation."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from lumi.cli.refusals import told_in_words

STARTUP_FAILURE = 3

Port = Annotated[int | None, typer.Option(help="Port of the web server. [default: PORT, or 8000]", show_default=False)]


def up(
    *,
    port: Port = None,
    reload: Annotated[bool, typer.Option("--reload", help="Restart what runs when the source changes.")] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Show the logs here instead of in LUMI_HOME/logs.")] = False,
) -> None:
    """Start everything on this machine: database, web server, worker. Ctrl-C stops it.

    On the first start it makes the database and, outside production, the demo organisations; then it prints
    where to go.
    """
    from lumi.cli.up import up as run_all

    _take_port(port)
    with told_in_words():
        raise typer.Exit(asyncio.run(run_all(reload=reload, show_logs=logs)))


def serve(
    *,
    port: Port = None,
    trusted_proxies: Annotated[
        str | None,
        typer.Option(
            help="Addresses of the proxies in front of us whose X-Forwarded headers are believed. "
            "[default: FORWARDED_ALLOW_IPS]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run one web server. It takes webhooks, sockets and API calls; it needs at least one worker beside it."""
    from lumi.core import memory

    memory.begin()
    import uvicorn

    from lumi.cli.web_server import NOTICE_SECONDS, WebServer
    from lumi.core.settings import get_settings

    _take_port(port)
    with told_in_words():
        settings = get_settings().require()
        trusted = trusted_proxies or settings.forwarded_allow_ips
        config = uvicorn.Config(
            "lumi.main:application",
            factory=True,
            host=settings.host,
            port=settings.port,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=80 * 1024,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted or None,
            timeout_graceful_shutdown=3,
        )
        server = WebServer(config, notice_seconds=NOTICE_SECONDS if trusted else 0)
        server.run()
        if not server.started:
            raise typer.Exit(STARTUP_FAILURE)


def worker() -> None:
    """Run one worker. It takes the turns of conversations and does jobs; run as many as you like."""
    from lumi.worker import main

    with told_in_words():
        main()


def migrate(
    *,
    seal: Annotated[
        bool, typer.Option("--seal", help="Record the checksums of today's migrations: they have landed.")
    ] = False,
) -> None:
    """Bring the database to this version. Safe to run twice, and while an older version is running."""
    with told_in_words():
        asyncio.run(_migrate(seal=seal))


async def _migrate(*, seal: bool) -> None:
    from lumi.cli.first_start import connect_first_tenant
    from lumi.cli.installation import quiet_settings
    from lumi.cli.screen import note, progress
    from lumi.core import migrate as migrations
    from lumi.core.database import place
    from lumi.core.db import Database

    if seal:
        migrations.write_seals()
    settings = quiet_settings()
    with progress("Migrating the database") as say:
        async with place(settings, say=say) as here:
            await migrations.migrate(here.owner_url, here.app_password, say=say)
            db = await Database.open(here.app_url, pool_size=1)
            await connect_first_tenant(db, settings, say)
            await db.close()
    note(f"The database is at {', '.join(migrations.heads())}.")


def seed() -> None:
    """Make the demo organisations, or what is missing of them. Refused in production."""
    with told_in_words():
        asyncio.run(_seed())


async def _seed() -> None:
    from lumi.cli.first_start import connect_first_tenant
    from lumi.cli.installation import opened, quiet_settings
    from lumi.cli.refusals import Refusal
    from lumi.cli.screen import note, output, progress

    settings = quiet_settings()
    if settings.is_production:
        raise Refusal("The demo organisations are not for production: `lumi tenant add` makes a real one.")
    from lumi.demo import characters
    from lumi.demo import seed as demo

    with progress("Making the demo organisations") as say:
        async with opened(settings, say=say) as house:
            kept = await demo.seed(house.db, settings, say)
            await connect_first_tenant(house.db, settings, say)
    for each in characters.everyone():
        output().print(f"{each.slug}\t{each.name}\t{each.owner.email}", markup=False)
    note(f"They sign in to the console with the password {kept.password}")


def _take_port(port: int | None) -> None:
    if port is not None:
        os.environ["PORT"] = str(port)
