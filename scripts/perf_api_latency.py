"""Every route of the API on the seeded data, so many requests a second in all: p50, p95, p99 beside an empty route.

    python scripts/perf_api_latency.py --rate 50 --seconds 60

It installs and seeds an organisation of its own in a folder that is gone afterwards, and serves it as `lumi serve`
does. Requests leave at their time whether or not those before them were answered. What a request needs (a contact to
change, a key to revoke) is made first, and not counted. Ends with 1 when a p95 is over 200 ms, uploads aside, or
when a route answers anything but a success.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import math
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from lumi.api.house import House

ROOT = Path(__file__).resolve().parents[1]
EMPTY = "GET /livez"
AIM_MS = 200
NOT_AIMED_AT = frozenset({"POST /v1/knowledge/documents/files"})
# It asks the provider, which is not here.
LEFT_OUT = frozenset({"POST /v1/channels", "DELETE /v1/channels/{account_id}"})
PATIENCE_SECONDS = 60
ANY_VERSION = {"If-Match": "*"}


@dataclass(frozen=True)
class Shot:
    """One request."""

    path: str
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = None
    file: bytes | None = None


@dataclass
class Site:
    """A running Lumi, somebody who may do everything in it, and what lies ready to be used up."""

    session: aiohttp.ClientSession
    slug: str
    email: str
    password: str
    app_secret: str
    verify_token: str
    ready: dict[str, list[str]]
    opened: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    async def made(self, path: str, body: object) -> str:
        """The id of something new."""
        async with self.session.post(path, json=body) as answer:
            return str((await answer.json())["id"])

    async def token(self) -> dict[str, str]:
        """Sign in; the refresh token is in the answer."""
        body = {"email": self.email, "password": self.password, "keep": "body"}
        async with self.session.post("/v1/auth/sign-in", json=body) as answer:
            return await answer.json()

    def signed(self, path: str) -> Shot:
        """An empty webhook that is authentic."""
        body = b'{"object":"whatsapp_business_account","entry":[]}'
        seal = hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()
        return Shot(path, content=body, headers={"X-Hub-Signature-256": f"sha256={seal}"})

    def asked(self, path: str) -> Shot:
        """A provider asks whether this is our address."""
        return Shot(f"{path}?hub.mode=subscribe&hub.challenge=42&hub.verify_token={self.verify_token}")


Aim = Callable[[Site, str], Awaitable[Shot]]


async def plain(_site: Site, path: str) -> Shot:
    """A route that needs nothing."""
    return Shot(path)


def contact() -> dict[str, object]:
    """A person nobody knows."""
    return {"name": "Amélie Roux", "points": [{"kind": "phone", "value": f"+336{secrets.randbelow(10**8):08}"}]}


def document() -> dict[str, object]:
    """Something new to know."""
    return {"lang": "fr", "title": f"Ouverture {secrets.token_hex(4)}", "text": "Du mardi au samedi, de 9 h à 19 h."}


def posted(body: Callable[[], object], **headers: str) -> Aim:
    """A body and nothing else."""

    async def aim(_site: Site, path: str) -> Shot:
        return Shot(path, body(), headers={name.replace("_", "-"): value for name, value in headers.items()})

    return aim


def upon(kind: str, body: Callable[[], object] = lambda: None, headers: Mapping[str, str] | None = None) -> Aim:
    """Something fresh is made first; the request names it."""

    async def aim(site: Site, path: str) -> Shot:
        if kind in site.ready:
            name = site.ready[kind].pop()
        elif kind == "contact":
            name = await site.made("/v1/contacts", contact())
        elif kind == "document":
            name = await site.made("/v1/knowledge/documents", document())
        else:
            name = await site.made("/v1/api-keys", {"name": "Caisse", "permissions": ["contacts:read"]})
        return Shot(re.sub(r"\{[a-z_]+\}", name, path), body(), headers or {})

    return aim


async def on_conversation(site: Site, path: str) -> Shot:
    """A conversation that nobody else holds; it is not used up."""
    name = secrets.choice(site.ready["thread"])
    body = {"text": "Bonjour"} if path.endswith("/replies") else None
    if path.endswith("/hand-back"):
        async with site.session.post(f"/v1/conversations/{name}/take-over"):
            pass
    return Shot(path.replace("{conversation_id}", name), body)


async def sign_out(site: Site, path: str) -> Shot:
    """Of a session opened before: passwords cost far more than what is measured."""
    return Shot(path, headers={"Authorization": f"Bearer {site.opened.pop()['access_token']}"})


async def refresh(site: Site, path: str) -> Shot:
    """Of a session opened before."""
    return Shot(path, {"refresh_token": site.opened.pop()["refresh_token"]})


async def sign_in(site: Site, path: str) -> Shot:
    """With the right password."""
    return Shot(path, {"email": site.email, "password": site.password})


async def unclaimed(site: Site, path: str) -> Shot:
    """A name that is claimed, to be given back."""
    name = f"{secrets.token_hex(6)}.example"
    async with site.session.post("/v1/tenant/identifiers", json={"kind": "domain", "value": name}):
        return Shot(path.replace("{kind}", "domain").replace("{value}", name))


async def upload(_site: Site, path: str) -> Shot:
    """A text of 20 KB."""
    return Shot(path, file=f"# {secrets.token_hex(4)}\n\n".encode() + b"Du mardi au samedi.\n\n" * 1_000)


async def session(site: Site, path: str) -> Shot:
    """A visitor begins."""
    return Shot(path.replace("{slug}", site.slug), {})


async def webhook(site: Site, path: str) -> Shot:
    """Signed by the provider."""
    return site.signed(path.replace("{channel}", "whatsapp").replace("{account}", site.ready["account"][0]))


async def challenge(site: Site, path: str) -> Shot:
    """The same address, asked."""
    return site.asked(path.replace("{channel}", "whatsapp").replace("{account}", site.ready["account"][0]))


AIMS: Mapping[str, Aim] = {
    "POST /v1/auth/sign-in": sign_in,
    "POST /v1/auth/refresh": refresh,
    "POST /v1/auth/sign-out": sign_out,
    "POST /v1/api-keys": posted(lambda: {"name": "Caisse", "permissions": ["contacts:read"]}),
    "DELETE /v1/api-keys/{key_id}": upon("key"),
    "POST /v1/contacts": posted(contact),
    "PATCH /v1/contacts/{contact_id}": upon("contact", lambda: {"name": "Amélie R."}, ANY_VERSION),
    "POST /v1/knowledge/documents": posted(document),
    "POST /v1/knowledge/documents/files": upload,
    "PUT /v1/knowledge/documents/{document_id}": upon("document", document, ANY_VERSION),
    "DELETE /v1/knowledge/documents/{document_id}": upon("document", headers=ANY_VERSION),
    "POST /v1/knowledge/search": posted(lambda: {"question": "Quand êtes-vous ouverts ?", "lang": "fr"}),
    "POST /v1/knowledge/ask": posted(lambda: {"question": "Quand êtes-vous ouverts ?", "lang": "fr"}),
    "PATCH /v1/tenant": posted(lambda: {"name": f"Salon {secrets.token_hex(3)}"}, If_Match="*"),
    "POST /v1/tenant/identifiers": posted(lambda: {"kind": "domain", "value": f"{secrets.token_hex(6)}.example"}),
    "DELETE /v1/tenant/identifiers/{kind}/{value}": unclaimed,
    "POST /v1/widget/{slug}/session": session,
}


def aim_of(name: str) -> Aim:
    """How to ask this route, by its name or by what its path names; raises KeyError for one nobody thought of."""
    if name in AIMS:
        return AIMS[name]
    if "/webhook" in name:
        return challenge if name.startswith("GET") else webhook
    if "{conversation_id}" in name:
        return on_conversation
    for word in ("contact", "document", "gap", "letter"):
        if f"{{{word}_id}}" in name:
            return upon(word)
    if "{" in name or not name.startswith("GET "):
        raise KeyError(f"{name}: say in AIMS how to ask it")
    return plain


async def shoot(site: Site, name: str, times: dict[str, list[float]], bad: dict[str, int]) -> None:
    """One request, timed to the last byte of its answer."""
    method, path = name.split(" ")
    shot = await aim_of(name)(site, path)
    sent: dict[str, object] = {"json": shot.json} if shot.json is not None else {"data": shot.content}
    if shot.file is not None:
        form = aiohttp.FormData({"lang": "fr"})
        form.add_field("file", shot.file, filename="ouverture.md")
        sent = {"data": form}
    began = time.perf_counter()
    async with site.session.request(method, shot.path, headers=shot.headers, **sent) as answer:  # type: ignore[arg-type]
        await answer.read()
        times[name].append((time.perf_counter() - began) * 1000)
        if not answer.ok:
            bad[f"{name}: {answer.status}"] += 1


async def drive(site: Site, rate: int, seconds: int) -> int:
    """All routes in turn, at an even pace; prints the table and says by the exit code whether the aim was kept."""
    async with site.session.get("/openapi.json") as answer:
        paths = (await answer.json())["paths"]
    names = [f"{method.upper()} {path}" for path, each in paths.items() for method in each]
    names = [name for name in names if name not in LEFT_OUT]
    times, bad = defaultdict[str, list[float]](list), defaultdict[str, int](int)
    site.opened = [await site.token() for _ in range(2 * (rate * seconds // len(names) + 2))]
    for name in names:  # once each, so that nothing is the first of its kind
        await shoot(site, name, defaultdict(list), bad)
    begin, flying = time.perf_counter(), set[asyncio.Task[None]]()
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        flying.add(asyncio.ensure_future(shoot(site, names[number % len(names)], times, bad)))
    await asyncio.gather(*flying)
    return show(times, bad, rate * seconds / (time.perf_counter() - begin))


def show(times: Mapping[str, Sequence[float]], bad: Mapping[str, int], rate: float) -> int:
    """The table, the slowest first, the empty route on top."""
    print(f"{sum(map(len, times.values()))} requests, {rate:.1f} a second; ms\n")
    print(f"{'route':<58}{'n':>5}{'p50':>9}{'p95':>9}{'p99':>9}")
    slow: list[str] = []
    for name, took in sorted(times.items(), key=lambda each: (each[0] != EMPTY, -quantile(each[1], 0.95))):
        p50, p95, p99 = (quantile(took, share) for share in (0.5, 0.95, 0.99))
        print(f"{name:<58}{len(took):>5}{p50:>9.1f}{p95:>9.1f}{p99:>9.1f}")
        if p95 > AIM_MS and name not in NOT_AIMED_AT:
            slow.append(name)
    for name in slow:
        print(f"over {AIM_MS} ms: {name}")
    for name, count in bad.items():
        print(f"refused: {name} ({count})")
    return 1 if slow or bad else 0


def quantile(took: Sequence[float], share: float) -> float:
    """The smallest figure that so many are at or below."""
    return sorted(took)[max(0, math.ceil(share * len(took)) - 1)]


@asynccontextmanager
async def site(count: int) -> AsyncGenerator[Site]:
    """A seeded Lumi on a free port, with so much of what a request uses up."""
    from lumi.core.database import place
    from lumi.core.migrate import migrate
    from lumi.core.settings import get_settings
    from lumi.demo import characters, seed
    from lumi.demo.keys import free_port
    from lumi.wiring import open_house

    settings = get_settings().require()
    async with place(settings) as here:
        await migrate(here.owner_url, here.app_password)
        async with open_house(settings, database_url=here.app_url) as house:
            keys = await seed.seed(house.db, settings)
            organisation = next(iter(characters.everyone()))
            ready = await lay_ready(house, organisation.slug, count)
            player = keys.player(organisation.slug)
        port = free_port()
        with serving(port) as process:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
                await up(client, process)
                secret, token = (player.app_secret, player.verify_token) if player else ("", "")
                found = Site(client, organisation.slug, organisation.owner.email, keys.password, secret, token, ready)
                client.headers["Authorization"] = f"Bearer {(await found.token())['access_token']}"
                yield found


async def lay_ready(house: House, slug: str, count: int) -> dict[str, list[str]]:
    """Questions nobody could answer, jobs that died, conversations: what no route makes."""
    from lumi.core import dead_letters
    from lumi.core.clock import now
    from lumi.core.context import Context
    from lumi.core.ids import new_id
    from lumi.core.tables import JobRow
    from lumi.modules.channels import public as channels
    from lumi.modules.channels.public import Channel, Inbound
    from lumi.modules.knowledge import public as knowledge
    from lumi.modules.tenants import public as tenants

    tenant = await tenants.find_by_slug(house.db, slug)
    if tenant is None:
        raise RuntimeError(f"{slug} was not seeded")
    ready: dict[str, list[str]] = {"gap": [], "letter": [], "thread": [], "account": []}
    async with house.db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id)
        accounts = {each.channel: each.id for each in await channels.list_accounts(ctx)}
        ready["account"].append(str(accounts[Channel.WHATSAPP]))
        for number in range(count):
            gap = await knowledge.log_gap(ctx, question=f"Avez-vous le modèle {number} ?", lang="fr")
            ready["gap"].append(str(gap.id))
            job = new_id()
            session.add(JobRow(id=job, tenant_id=tenant.id, kind="perf.Nothing", args={}, ready_at=None, dead_at=now()))
            await dead_letters.keep(
                session, tenant.id, source=dead_letters.Source.JOB, origin=str(job), body=b"{}", reason="perf"
            )
        letters = await dead_letters.newest(session, tenant.id, source=None, is_open=True, before=None, limit=count)
        ready["letter"] = [str(each.id) for each in letters]
    addresses = [f"visitor:{new_id()}" for _ in range(count)]
    for address in addresses:
        item = Inbound(slug, str(new_id()), [address], {"kind": "text", "type": "text", "text": "Bonjour"})
        await house.receiver.enter(tenant.id, accounts[Channel.WEB], Channel.WEB, item)
    async with house.db.transaction(tenant.id) as session:
        ctx = Context(session, tenant.id)
        found = [await channels.find_by_address(ctx, accounts[Channel.WEB], [each]) for each in addresses]
    ready["thread"] = [str(each) for each in found]
    return ready


@contextmanager
def serving(port: int) -> Generator[subprocess.Popen[bytes]]:
    """`lumi serve` on this port; what it says goes nowhere."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lumi", "serve"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "RATE_LIMIT_ENABLED": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


async def up(client: aiohttp.ClientSession, process: subprocess.Popen[bytes]) -> None:
    """Return when it answers; raises RuntimeError when it ended or took too long."""
    give_up_at = time.perf_counter() + PATIENCE_SECONDS
    while process.poll() is None and time.perf_counter() < give_up_at:
        try:
            async with client.get("/livez") as answer:
                if answer.ok:
                    return
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.05)
    raise RuntimeError("lumi serve did not start")


async def measure(rate: int, seconds: int) -> int:
    """Install, drive, remove."""
    async with site(max(100, rate * seconds // 10)) as found:
        return await drive(found, rate, seconds)


def main() -> int:
    """Measure, print, and say by the exit code whether the aim was kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=50, metavar="REQUESTS A SECOND")
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lumi-perf-") as home:
        os.environ.update(LUMI_HOME=home, APP_ENV="development", LOG_LEVEL="ERROR")
        return asyncio.run(measure(given.rate, given.seconds))


if __name__ == "__main__":
    sys.exit(main())
