"""The commands and their groups. Whatever is heavy is imported inside the command that needs it."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from lumi import __version__
from lumi.cli import backup, channels, database, doctor, init, lines, organisations, serving, talking, webhooks

app = typer.Typer(
    name="lumi",
    help="Lumi: organisations talk with their people. `lumi up` starts everything; each command has its own --help.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich costs half of the time of a --help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"lumi {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """What may stand before a command."""


for command in (
    init.init,
    serving.up,
    serving.serve,
    serving.worker,
    serving.migrate,
    serving.seed,
    backup.backup,
    backup.restore,
    doctor.doctor,
    talking.chat,
    lines.language,
    lines.search,
):
    app.command()(command)
app.add_typer(organisations.tenants, name="tenant")
app.add_typer(channels.channels, name="channels")
app.add_typer(lines.knowledge, name="knowledge")
app.add_typer(webhooks.webhook, name="webhook")
app.command("db-shell", hidden=True, context_settings={"ignore_unknown_options": True})(database.db_shell)
app.command(hidden=True)(database.openapi)


def run() -> None:
    """Run the command that was typed. Texts go in and out as UTF-8 whatever the machine's language is."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app()
