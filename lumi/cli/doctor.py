"""`lumi doctor`: look at everything Lumi depends on, and say what to do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import typer

from lumi.cli.refusals import told_in_words
from lumi.cli.screen import output, progress
from lumi.core.disk import free_bytes, nearest

if TYPE_CHECKING:
    import asyncpg

    from lumi.api.house import House
    from lumi.core.database import Place
    from lumi.core.http.failures import OutsideFailure
    from lumi.core.settings import Settings
    from lumi.modules.files.public import Sight
    from lumi.modules.tenants.public import Tenant

LOW_DISK_BYTES, NO_DISK_BYTES = 2 * 1024**3, 256 * 1024**2


class Mark(StrEnum):
    """How a finding is meant."""

    GOOD = "ok"
    NOTE = "note"
    BAD = "FAILED"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    what: str
    mark: Mark
    said: str
    advice: str = ""


def doctor() -> None:
    """Check everything Lumi depends on and say what to do. Exit code 1 when something is broken."""
    with told_in_words():
        with progress("Looking"):
            found = asyncio.run(_look())
        for each in found:
            _show(each)
        raise typer.Exit(1 if any(each.mark is Mark.BAD for each in found) else 0)


async def _look() -> Sequence[Finding]:
    from lumi.core import logging
    from lumi.core.settings import get_settings

    settings = get_settings()
    logging.configure(settings.model_copy(update={"log_level": "CRITICAL", "log_format": "console"}))
    machine = [_python(), _zones(), _settings(settings), _disk(settings), _language()]
    return [*machine, *[each async for each in _database(settings)]]


def _show(found: Finding) -> None:
    colour = {Mark.GOOD: "green", Mark.NOTE: "yellow", Mark.BAD: "red"}[found.mark]
    output().print(f"[{colour}]{found.mark:<7}[/] {found.what:<18} ", end="")
    output().print(found.said, markup=False, soft_wrap=True)
    if found.advice:
        output().print(f"{'':<27}→ {found.advice}", markup=False, soft_wrap=True)


def _python() -> Finding:
    return Finding("Python", Mark.GOOD, sys.version.split()[0])


def _zones() -> Finding:
    import importlib.metadata

    try:
        version = importlib.metadata.version("tzdata")
    except importlib.metadata.PackageNotFoundError:
        return Finding("Time zones", Mark.BAD, "the package tzdata is missing", "Run `make setup`.")
    return Finding("Time zones", Mark.GOOD, f"tzdata {version}")


def _settings(settings: Settings) -> Finding:
    complaints = settings.complaints()
    if complaints:
        return Finding("Settings", Mark.BAD, "; ".join(complaints), "Set them in the environment or in .env.")
    return Finding("Settings", Mark.GOOD, f"{settings.app_env}, data in {settings.lumi_home}")


def _disk(settings: Settings) -> Finding:
    free = free_bytes(settings.lumi_home)
    mark = Mark.BAD if free < NO_DISK_BYTES else Mark.NOTE if free < LOW_DISK_BYTES else Mark.GOOD
    advice = "" if mark is Mark.GOOD else f"Make room on the disk of {nearest(settings.lumi_home)}."
    return Finding("Disk", mark, f"{free / 1024**3:.1f} GiB free", advice)


def _language() -> Finding:
    from lumi.modules.assistant import public as assistant

    guess = assistant.detect("Bonjour, quels sont vos horaires d'ouverture ?")
    if guess.lang != "fr":
        return Finding("Language model", Mark.BAD, f"takes French for {guess.lang!r}", "Run `make setup` again.")
    return Finding("Language model", Mark.GOOD, f"French is French ({guess.confidence:.0%} sure)")


async def _database(settings: Settings) -> AsyncGenerator[Finding]:
    import asyncpg

    from lumi.core.database import place
    from lumi.core.server.failures import ServerFailed

    try:
        async with place(settings) as here:
            owner = await asyncpg.connect(_for_driver(here.owner_url), timeout=10)
            try:
                for look in (_server, _roles):
                    yield await look(owner)
            finally:
                await owner.close()
            async for each in _inside(settings, here):
                yield each
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ServerFailed) as error:
        advice = (
            "Check DATABASE_URL and that the server runs." if settings.database_url else "See its log in LUMI_HOME."
        )
        yield Finding("Database", Mark.BAD, f"{type(error).__name__}: {error}", advice)


async def _server(owner: asyncpg.Connection[asyncpg.Record]) -> Finding:
    from lumi.core.server_version import LEAST_SERVER_VERSION

    number = int(cast("str", await owner.fetchval("show server_version_num")))
    version = str(await owner.fetchval("show server_version"))
    if number < LEAST_SERVER_VERSION:
        advice = f"Lumi needs PostgreSQL {LEAST_SERVER_VERSION // 10_000} or newer."
        return Finding("Database", Mark.BAD, f"PostgreSQL {version}", advice)
    return Finding("Database", Mark.GOOD, f"PostgreSQL {version}")


async def _roles(owner: asyncpg.Connection[asyncpg.Record]) -> Finding:
    rows = await owner.fetch(
        "select rolname, rolsuper or rolbypassrls as too_strong from pg_roles where rolname = any ($1)",
        ["lumi_owner", "lumi_app", "lumi_system"],
    )
    too_strong = [str(row["rolname"]) for row in rows if row["too_strong"]]
    if len(rows) < 3:
        return Finding("Database roles", Mark.BAD, "some are missing", "Run `lumi migrate`.")
    if too_strong:
        advice = f"alter role {', '.join(too_strong)} nosuperuser nobypassrls"
        return Finding("Database roles", Mark.BAD, "tenants are not kept apart from " + ", ".join(too_strong), advice)
    return Finding("Database roles", Mark.GOOD, "none of them gets around row-level security")


async def _inside(settings: Settings, here: Place) -> AsyncGenerator[Finding]:
    from lumi.core.schema_state import is_current
    from lumi.wiring import open_house

    if not await is_current(here.owner_url, here.app_url):
        yield Finding("Schema", Mark.BAD, "is not at this version", "Run `lumi migrate`.")
        return
    yield Finding("Schema", Mark.GOOD, "at this version")
    async with open_house(settings, database_url=here.app_url) as house:
        yield await _workers(house)
        yield await _redis(settings)
        for look in (_uploads, _scanner, _hearing, _speaking):
            yield await look(house)
        for finding in await _organisations(house):
            yield finding


async def _workers(house: House) -> Finding:
    from lumi.cli.installation import reached
    from lumi.core.runner import living_workers

    alive = await living_workers(house.db.pool)
    serves = await _answers(reached(house.settings))
    said = f"{alive} alive, web server {'answers' if serves else 'is not running'} at {reached(house.settings)}"
    if serves and not alive:
        return Finding("Processes", Mark.BAD, said, "Nobody answers messages: start `lumi worker`.")
    if not serves:
        return Finding("Processes", Mark.NOTE, said, "`lumi up` starts everything.")
    return Finding("Processes", Mark.GOOD, said)


async def _answers(place: str) -> bool:
    host, _, port = place.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except OSError:
        return False
    writer.close()
    return True


async def _redis(settings: Settings) -> Finding:
    if settings.redis_address is None:
        return Finding("Redis", Mark.GOOD, "not configured, not needed")
    from lumi.core.redis_client import LOST, milliseconds_to, open_redis

    client = open_redis(settings.redis_address, answer_seconds=3)
    try:
        taken = await milliseconds_to(client)
    except LOST as error:
        advice = "Check REDIS_URL, or unset it: everything works without, on one machine."
        return Finding("Redis", Mark.BAD, type(error).__name__, advice)
    finally:
        await client.aclose()
    return Finding("Redis", Mark.GOOD, f"answers in {taken} ms")


async def _uploads(house: House) -> Finding:
    from lumi.core.http.failures import OutsideFailure

    settings = house.settings
    place = f"bucket {settings.s3_bucket}" if settings.s3_bucket else str(settings.uploads_folder)
    try:
        await house.vault.probe()
    except (OutsideFailure, OSError) as failure:
        advice = (
            "Check the S3_ settings." if settings.s3_bucket else "Let Lumi write to the folder, or set UPLOADS_ROOT."
        )
        return Finding("Files", Mark.BAD, f"{place}: {failure}", advice)
    if not await house.vault.has_room():
        said = f"no room on the disk of {settings.uploads_folder}: files that come are refused"
        return Finding("Files", Mark.BAD, said, "Make room there, or lower UPLOADS_KEEP_FREE_BYTES.")
    return Finding("Files", Mark.GOOD, place)


async def _scanner(house: House) -> Finding:
    from lumi.core.http.failures import OutsideFailure

    if house.vault.scanner is None:
        return _unseen(house.settings)
    most = house.settings.max_upload_bytes
    try:
        sight, limit = await house.vault.scanner.sight(most)
    except OutsideFailure as failure:
        advice = "Start clamd or check CLAMD_ADDRESS: until then no new file can be had."
        return Finding("Scanner", Mark.BAD, str(failure), advice)
    return _seen_by(sight, limit, most)


def _unseen(settings: Settings) -> Finding:
    clamd = "SCANNER=clamd and CLAMD_ADDRESS let ClamAV look"
    if not settings.hands_out_unseen:
        said = "not set up: files are kept, and nobody can have those that nobody has looked at"
        return Finding("Scanner", Mark.NOTE, said, f"{clamd}, SCANNER=off hands them out unseen (docs/files.md).")
    mark, advice = (Mark.NOTE, f"{clamd}.") if settings.is_production else (Mark.GOOD, "")
    return Finding("Scanner", mark, "off: files go out without anybody having looked", advice)


def _seen_by(sight: Sight, limit: str, most: int) -> Finding:
    from lumi.modules.files.public import Sight

    if sight is Sight.BLIND:
        said = "clamd calls clean what its limits keep it from looking into"
        return Finding("Scanner", Mark.BAD, said, f"Set `{limit} yes` in clamd.conf (docs/files.md).")
    if sight is Sight.SHORT:
        said = f"clamd does not look into files of {most} bytes (MAX_UPLOAD_BYTES): nobody is handed those"
        return Finding("Scanner", Mark.NOTE, said, f"Raise {limit} in clamd.conf (docs/files.md).")
    return Finding("Scanner", Mark.GOOD, f"clamd answers and looks into files of {most} bytes")


async def _hearing(house: House) -> Finding:
    from lumi.integrations.speech import engines

    ears = engines.transcriber(house.settings, house.http)
    if ears is None:
        said = "off: staff listen to voice notes themselves, the guest is told"
        return Finding("Voice notes", Mark.GOOD, said)
    lack = ears.missing()
    if lack is not None:
        return Finding("Voice notes", Mark.BAD, f"STT_ENGINE={house.settings.stt_engine}: {lack}", "Or STT_ENGINE=off.")
    return Finding("Voice notes", Mark.GOOD, f"heard by {house.settings.stt_engine}")


async def _speaking(house: House) -> Finding:
    if house.sender.voice is None:
        return Finding("Voice answers", Mark.GOOD, "off: answers are written")
    lack = house.sender.voice.missing()
    if lack is not None:
        return Finding(
            "Voice answers", Mark.BAD, f"TTS_ENGINE={house.settings.tts_engine}: {lack}", "Or TTS_ENGINE=off."
        )
    return Finding("Voice answers", Mark.GOOD, f"spoken by {house.settings.tts_engine}")


async def _organisations(house: House) -> Iterable[Finding]:
    from lumi.modules.tenants import public as tenants

    known = await tenants.list_all(house.db)
    if not known:
        first = "`lumi init` makes the first one and its owner"
        advice = f"{first}." if house.settings.is_production else f"{first}, `lumi seed` three to try."
        return [Finding("Organisations", Mark.NOTE, "none yet", advice)]
    found = [Finding("Organisations", Mark.GOOD, ", ".join(each.slug for each in known))]
    for look in (_knowledge, _accounts):
        for tenant in known:
            found += await look(house, tenant)
    return found


async def _knowledge(house: House, tenant: Tenant) -> Sequence[Finding]:
    from lumi.modules.knowledge import public as knowledge

    if await knowledge.version(house.db.pool, tenant.id):
        return ()
    advice = f"`lumi knowledge load {tenant.slug} FILE.jsonl` teaches it."
    return [Finding("Knowledge", Mark.NOTE, f"{tenant.slug} knows nothing yet", advice)]


async def _accounts(house: House, tenant: Tenant) -> Sequence[Finding]:
    from lumi.core.context import Context
    from lumi.core.http.failures import OutsideFailure
    from lumi.modules.channels import public as channels

    async with house.db.transaction(tenant.id) as session:
        accounts = await channels.list_accounts(Context(session, tenant.id))
    found: list[Finding] = []
    for account in (each for each in accounts if house.sender.adapter(each.channel).needs):
        subject, what = account.channel.label, f"{tenant.slug} {account.external_id}"
        try:
            await house.sender.probe(account.channel, tenant_id=tenant.id, account_id=account.id)
            found.append(Finding(subject, Mark.GOOD, what))
        except OutsideFailure as failure:
            found.append(_unreached(subject, what, failure, is_demo=_is_played(house.settings, tenant.slug)))
    return found


def _unreached(subject: str, what: str, failure: OutsideFailure, *, is_demo: bool) -> Finding:
    if is_demo and failure.status is None:
        return Finding(subject, Mark.NOTE, f"{what}: its twin is not running", "`lumi up` starts it.")
    advice = f"Connect it again (`lumi channels connect {subject.lower()}`) and check {subject.upper()}_API_BASE."
    return Finding(subject, Mark.BAD, f"{what}: {failure}", advice)


def _is_played(settings: Settings, slug: str) -> bool:
    from lumi.demo import keys

    kept = keys.find(settings.lumi_home) if keys.wants_twin(settings) else None
    return kept is not None and kept.player(slug) is not None


def _for_driver(url: str) -> str:
    return "postgresql://" + url.partition("://")[2]
