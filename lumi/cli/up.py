"""`lumi up`: everything on this machine, started, watched and stopped together."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lumi.cli import first_start
from lumi.cli.children import Child, Family
from lumi.cli.installation import quiet_settings, reached
from lumi.cli.refusals import Refusal
from lumi.cli.screen import complain, note, output, progress

if TYPE_CHECKING:
    from lumi.core.database import Place
    from lumi.core.settings import Settings
    from lumi.demo.keys import DemoKeys

FALLS_BEFORE_GIVING_UP = 6
_LOG_TAIL_CHARACTERS = 3_000


async def up(*, reload: bool, show_logs: bool) -> int:
    """Run until SIGINT or SIGTERM; returns the exit code: 0 when told to stop, 1 when it could not be started."""
    settings = quiet_settings()
    leaving = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, leaving.set)
    _require_free(settings)
    from lumi.core.database import place

    async with place(settings, say=note) as here:
        if here.note:
            note(here.note)
        kept = await _prepare(settings, here)
        family = Family(_children(settings, kept, show_logs=show_logs))
        family.start()
        try:
            with progress("Starting the web server and the worker"):
                started = await _start(settings, family, kept, leaving)
            if started:
                await _stay(family, leaving, reload=reload)
            return 0 if leaving.is_set() else 1
        finally:
            await family.stop()


async def _start(settings: Settings, family: Family, kept: DemoKeys | None, leaving: asyncio.Event) -> bool:
    """Wait for web and worker, then say where to go; False when they do not come up or we are told to leave."""
    if not await _until_ready(settings, family, leaving):
        return False
    _show(_places(settings, kept))
    return True


async def _stay(family: Family, leaving: asyncio.Event, *, reload: bool) -> None:
    watcher = asyncio.ensure_future(_reload(family)) if reload else None
    await leaving.wait()
    if watcher is not None:
        watcher.cancel()


async def _prepare(settings: Settings, here: Place) -> DemoKeys | None:
    """Make what a first start makes; returns the demo's keys, where there is a demo."""
    from lumi.demo import keys

    if not settings.is_production:
        kept = keys.find(settings.lumi_home)
        if kept is not None and keys.wants_twin(settings) and not keys.is_free(kept.twin_port):
            keys.move_twin(settings.lumi_home, kept)
    if not await first_start.is_made(settings, here):
        await first_start.make()
    if settings.is_production:
        await _say_who_is_missing(here)
        return None
    return keys.find(settings.lumi_home)


async def _say_who_is_missing(here: Place) -> None:
    from lumi.core.schema_state import has_tenants

    if not await has_tenants(here.app_url):
        note("No organisation lives here yet: `lumi init` makes the first one and its owner.")


def _children(settings: Settings, kept: DemoKeys | None, *, show_logs: bool) -> Sequence[Child]:
    logs = None if show_logs else settings.lumi_home / "logs"

    def child(name: str, module: str, *arguments: str) -> Child:
        return Child(name, module, arguments, log=logs / f"{name}.log" if logs else None)

    children = [child("web", "lumi", "serve"), child("worker", "lumi.worker")]
    if kept is not None and _plays_whatsapp(settings):
        children.append(child("whatsapp-twin", "lumi.demo.twins", f"http://{reached(settings)}/webhook"))
    return children


def _plays_whatsapp(settings: Settings) -> bool:
    from lumi.demo import keys

    return keys.wants_twin(settings)


async def _until_ready(settings: Settings, family: Family, leaving: asyncio.Event) -> bool:
    """Whether web and worker answer; False when told to leave meanwhile, or when one keeps falling."""
    while not leaving.is_set():
        if await _is_ready(settings):
            return True
        for child in family.children:
            if child.falls >= FALLS_BEFORE_GIVING_UP:
                complain(f"{child.name} does not stay up{_tail(child.log)}")
                return False
        await asyncio.sleep(0.05)
    return False


async def _is_ready(settings: Settings) -> bool:
    host, port = reached(settings).rsplit(":", 1)
    try:
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    except OSError:
        return False
    try:
        writer.write(b"GET /readyz HTTP/1.0\r\n\r\n")
        answer = await reader.read()
    except OSError:
        return False
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return b" 200 " in head.partition(b"\r\n")[0] and _has_worker(body)


def _has_worker(body: bytes) -> bool:
    try:
        found = cast("dict[str, object]", json.loads(body))
    except ValueError:
        return False
    return found.get("status") == "ok"


def _require_free(settings: Settings) -> None:
    from lumi.demo.keys import is_free

    if not is_free(settings.port, settings.host):
        raise Refusal(
            f"Port {settings.port} is taken: another Lumi may be running. Stop it, or choose one: PORT=8001 make run"
        )


def _places(settings: Settings, kept: DemoKeys | None) -> Sequence[tuple[str, str]]:
    """Where to go, by name."""
    base = settings.public_url.rstrip("/") or f"http://{reached(settings)}"
    staff, about = ("Staff console", f"{base}/console"), ("API documentation", f"{base}/docs")
    logs = ("Logs", str(settings.lumi_home / "logs"))
    if kept is None:
        return [staff, about, logs]
    chats = [(f"Chat: {each.name}", f"{base}/chat/{each.slug}") for each in kept.players]
    phone = [("WhatsApp phone", f"{base}/demo/phone")] if _plays_whatsapp(settings) else []
    signing_in = [("  sign in as", kept.players[0].owner_email), ("  password", kept.password)]
    return [("Start here", f"{base}/"), *chats, *phone, staff, *signing_in, about, logs]


def _show(places: Sequence[tuple[str, str]]) -> None:
    output().print("\n[bold]Lumi is running.[/] Ctrl-C stops it.\n")
    for label, value in places:
        output().print(f"  [cyan]{label:<22}[/]{value}", soft_wrap=True)
    output().print()


async def _reload(family: Family) -> None:
    from lumi.cli.reloading import changes

    async for changed in changes():
        note(f"{changed} changed")
        family.restart()


def _tail(log: Path | None) -> str:
    if log is None or not log.exists():
        return ""
    return f". The end of {log}:\n{log.read_text(errors='replace')[-_LOG_TAIL_CHARACTERS:]}"
