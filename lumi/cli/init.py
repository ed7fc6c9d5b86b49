"""`lumi init`: an installation with one organisation and one owner, and nothing else."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from lumi.cli.refusals import Refusal, told_in_words

if TYPE_CHECKING:
    from lumi.api.house import House
    from lumi.core.settings import Settings

PASSWORD_VARIABLE = "LUMI_OWNER_PASSWORD"  # noqa: S105 (a variable's name)
# One process at a time looks whether anybody lives here.
_FOUNDING = 0x696E6974
_GENERATED_BYTES = 15


@dataclass(frozen=True)
class Founding:
    """What an installation begins with."""

    slug: str
    name: str
    email: str
    person: str
    language: str
    time_zone: str
    password: str = field(repr=False)
    is_generated: bool


def init(
    *,
    slug: Annotated[
        str | None, typer.Option(help="The organisation's name in addresses: small letters, digits, -.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Its name as people read it.")] = None,
    email: Annotated[str | None, typer.Option(help="The address its owner signs in with.")] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="The owner's name. [default: from the address]")
    ] = None,
    language: Annotated[str, typer.Option(help="The language it speaks first.")] = "fr",
    time_zone: Annotated[str, typer.Option(help="Where it is.")] = "Europe/Paris",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the owner's password from standard input.")
    ] = False,
) -> None:
    """Make an empty installation: the database, one organisation and its owner. For production, too.

    What is not given is asked for. The password is asked for, read from LUMI_OWNER_PASSWORD or standard input, or
    made and printed once. Refused where an organisation lives already.
    """
    with told_in_words():
        from lumi.core.loop import run

        asked_slug = _asked(slug, "--slug", "The organisation's name in addresses, such as old-mill")
        asked_name = _asked(name, "--name", "Its name as people read it")
        asked_email = _asked(email, "--email", "The owner's e-mail address")
        password, is_generated = _password(from_stdin=password_stdin)
        person = person or asked_email.partition("@")[0]
        run(_init(Founding(asked_slug, asked_name, asked_email, person, language, time_zone, password, is_generated)))


async def _init(wanted: Founding) -> None:
    from lumi.cli.installation import placed, quiet_settings
    from lumi.cli.screen import progress
    from lumi.wiring import open_house

    settings = quiet_settings()
    with progress("Making the installation") as say:
        async with (
            placed(settings, say=say, may_migrate=True) as here,
            open_house(settings, database_url=here.app_url) as house,
        ):
            await _found(house, wanted)
    _show(settings, wanted)


async def _found(house: House, wanted: Founding) -> None:
    from sqlalchemy import text

    from lumi.cli.organisations import found
    from lumi.core.context import Context
    from lumi.core.ids import new_id
    from lumi.modules.accounts import public as accounts
    from lumi.modules.tenants import public as tenants

    tenant_id = new_id()
    async with house.db.transaction(tenant_id) as session:
        await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _FOUNDING})
        if known := await tenants.list_all(house.db):
            raise Refusal(
                f"There is an installation already, with {', '.join(each.slug for each in known)}: "
                "`lumi tenant add` adds an organisation."
            )
        ctx = Context(session, tenant_id)
        await found(ctx, slug=wanted.slug, name=wanted.name, locale=wanted.language, time_zone=wanted.time_zone)
        await accounts.ensure_staff(ctx, email=wanted.email, name=wanted.person, password=wanted.password, role="owner")


def _asked(given: str | None, option: str, question: str) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refusal(f"Say {option}: nobody is here to be asked.")
    return str(typer.prompt(question, err=True)).strip()


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """The owner's password, and whether nobody knows it yet."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given, False
    if sys.stdin.isatty():
        question = "The owner's password (empty: one is made)"
        typed = str(
            typer.prompt(question, default="", hide_input=True, show_default=False, confirmation_prompt=True, err=True)
        )
        if typed:
            return typed, False
    return secrets.token_urlsafe(_GENERATED_BYTES), True


def _show(settings: Settings, wanted: Founding) -> None:
    from lumi.cli.screen import emit, note

    emit(f"{wanted.slug}\t{wanted.name}\t{wanted.email}")
    if wanted.is_generated:
        emit(f"Password, shown this once: {wanted.password}")
    base = settings.base_url
    for line in (
        "Next:",
        "  lumi up                                   starts everything on this machine",
        f"  lumi knowledge load {wanted.slug} FILE.jsonl   teaches it",
        f"  {base}/console   sign in as {wanted.email}",
        f"  {base}/chat/{wanted.slug}   its chat",
        "  lumi backup FILE                          saves everything into one file",
    ):
        note(line)
