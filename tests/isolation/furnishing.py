"""How a side gets a row into every table: staff, keys, people, accounts, knowledge, dialogues, what went wrong."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
from sqlalchemy import text as sql

from lumi.core import clock
from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.core.jobs import Task
from lumi.integrations.graph import signature
from lumi.modules.accounts import public as accounts
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.contacts import public as contacts
from lumi.modules.contacts.public import Point, PointKind
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import TenantKind, TenantSettings
from tests import factories
from tests.isolation.talk import WIDGET, talk
from tests.isolation.world import Json, Side, Words, World, good, until

KEPT_FOR_YEARS = timedelta(days=3650)


@dataclass(frozen=True)
class RememberLater(Task):
    """A job that waits, with something private in it."""

    words: str


async def furnish(world: World, name: str, number: str, *, changes: int) -> Side:
    """A new side with a row in every table, at rest; its tenant has been changed so many times."""
    side = await _founded(world, name, number)
    world.sides.append(side)
    await _sign_in(world, side)
    for _ in range(changes):
        version = (await world.call(side, "GET", "/v1/tenant"))["version"]
        colour = f"#{secrets.token_hex(3)}"
        change = {"settings": {"colour": colour}}
        await world.call(side, "PATCH", "/v1/tenant", change, headers={"If-Match": str(version)})
    await _give_keys_and_names(world, side)
    await _connect(world, side)
    await _teach(world, side)
    await _send_files(world, side)
    await _be_visited(world, side)
    await _be_written_to(world, side)
    await _lay_down(world, side)
    await world.at_rest(side)
    await _have_watched(world, side)
    await _remember(world, side)
    return side


async def _founded(world: World, name: str, number: str) -> Side:
    words = Words.fresh(name)
    settings = TenantSettings(
        description={"fr": words.card},
        suggestions={"fr": (f"{words.card} ?",)},
        widget_origins=(f"https://{words.card}.example",),
    )
    tenant = await tenants.add(
        world.house.db, slug=words.card, name=words.card, kind=TenantKind.BUSINESS, settings=settings
    )
    email, password = f"{words.mark}@staff.example", secrets.token_urlsafe(12)
    async with factories.begin_work(world.house.db, tenant) as ctx:
        await accounts.create_default_roles(ctx)
        await accounts.ensure_staff(ctx, email=email, name=f"Chef {words.mark}", password=password, role="owner")
        other = await accounts.create_identity(
            ctx, email=f"z{words.mark}@staff.example", name=f"Aide {words.mark}", password=None
        )
        await accounts.add_member(ctx, identity_id=other, role="agent")
    return Side(
        words, tenant, email, password, number, secrets.token_hex(16), secrets.token_hex(8), factories.a_phone_number()
    )


async def _sign_in(world: World, side: Side) -> None:
    entry = {"email": side.email, "password": side.password}
    opened = good(await world.client.post("/v1/auth/sign-in", json=entry))
    # Renewed once, so that there is a used token with its successor.
    renewed = good(await world.client.post("/v1/auth/refresh", json={"refresh_token": opened["refresh_token"]}))
    side.access_token, side.refresh_token = str(renewed["access_token"]), str(renewed["refresh_token"])


async def _give_keys_and_names(world: World, side: Side) -> None:
    me = await world.call(side, "GET", "/v1/auth/me")
    for _ in range(2):
        body = {"name": f"Caisse {side.words.mark}", "permissions": me["permissions"]}
        key = await world.call(side, "POST", "/v1/api-keys", body)
        side.api_key, side.ids["api_key"] = str(key["key"]), UUID(str(key["id"]))
    side.texts["domain"] = f"{side.words.bait}.example"
    side.texts["shop"] = f"shop.{side.words.bait}.example"
    for value in (side.texts["domain"], side.texts["shop"], f"{side.words.mark}.example"):
        await world.call(side, "POST", "/v1/tenant/identifiers", {"kind": "domain", "value": value})
    person = {"name": f"Amélie {side.words.bait} {side.words.mark}", "language": "fr"}
    points = [{"kind": "phone", "value": side.phone}, {"kind": "email", "value": f"{side.words.mark}@guest.example"}]
    made = await world.call(side, "POST", "/v1/contacts", {**person, "points": points})
    side.ids["contact"] = UUID(str(made["id"]))
    async with factories.begin_work(world.house.db, side.tenant) as ctx:
        twice = Point(PointKind.TELEGRAM, str(10**9 + secrets.randbelow(10**9)))
        await contacts.add(ctx, points=[twice], name=f"A. {side.words.mark}")
        await contacts.identify(ctx, [Point(PointKind.PHONE, side.phone), twice])


async def _connect(world: World, side: Side) -> None:
    keys = Credentials(side.secret, side.verify_token, world.twin.twin.settings.token)
    async with factories.begin_work(world.house.db, side.tenant) as ctx:
        side.ids["web"] = await channels.connect(
            ctx, channel=Channel.WEB, external_id=side.tenant.slug, name=f"Site {side.words.mark}"
        )
        side.ids["terminal"] = await channels.connect(
            ctx, channel=Channel.TERMINAL, external_id=side.tenant.slug, name=f"Terminal {side.words.mark}"
        )
        side.ids["whatsapp"] = await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=side.number, name=f"WhatsApp {side.words.mark}",
            credentials=keys,
            settings={"api_base": world.twin.url, "business_account_id": world.twin.twin.settings.waba_id},
        )  # fmt: skip
        await ctx.session.execute(
            sql(
                "insert into channel_cursor (tenant_id, account_id, cursor, next_at)"
                " values (:tenant, :account, jsonb_build_object('mark', cast(:mark as text)),"
                " now() + interval '9 years')"
            ),
            {"tenant": side.tenant.id, "account": side.ids["whatsapp"], "mark": side.words.mark},
        )
    await world.call(side, "POST", f"/v1/channels/{side.ids['whatsapp']}/templates/refresh")
    world.house.receiver.forget_apps()


async def _teach(world: World, side: Side) -> None:
    words = side.words
    side.texts["external_id"], side.texts["question"] = f"ref-{words.bait}", f"Combien coûte le soin {words.bait} ?"
    entry: Json = {
        "kind": "faq", "lang": "fr", "title": side.texts["question"], "text": f"Le soin coûte 40 euros. {words.mark}",
        "external_id": side.texts["external_id"], "url": f"https://{words.mark}.example/prix",
    }  # fmt: skip
    side.ids["faq"] = UUID(str((await world.call(side, "POST", "/v1/knowledge/documents", entry))["id"]))
    text = f"# Maison {words.mark}\n\n## Horaires\n\nOuvert {words.bait} le lundi.\n\n## Accès\n\n{words.mark}\n"
    body: Json = {"lang": "fr", "title": f"Guide {words.mark}", "text": text}
    made = await world.call(side, "POST", "/v1/knowledge/documents", body)
    side.ids["document"] = UUID(str(made["id"]))
    path = f"/v1/knowledge/documents/{made['id']}"
    again = {**body, "text": f"{text}\n## Paiement\n\nEspèces {words.mark}.\n"}
    await world.call(side, "PUT", path, again, headers={"If-Match": str(made["version"])})


async def _send_files(world: World, side: Side) -> None:
    side.texts["file_key"] = f"file-{side.words.bait}"
    text = f"Tarifs {side.words.mark}\n".encode()
    kept = {"file": (f"tarifs-{side.words.mark}.txt", text, "text/plain")}
    headers = {**side.staff, "Idempotency-Key": side.texts["file_key"]}
    made = good(await world.client.post("/v1/files", files=kept, headers=headers))
    side.ids["file"] = UUID(str(made["id"]))
    link = await world.call(side, "POST", f"/v1/files/{made['id']}/url", {"seconds": 3600})
    side.texts["file_token"] = str(link["url"]).rpartition("/")[2]


async def _be_visited(world: World, side: Side) -> None:
    session = good(await world.client.post(f"/v1/widget/{side.tenant.slug}/session", json={}))
    side.visitor_token, side.texts["visitor_message"] = str(session["token"]), str(uuid4())
    async with talk(world.port, WIDGET, side.visitor_token) as visitor:
        await visitor.until("ready")
        question = f"{side.words.mark} : {side.texts['question']}"
        await visitor.say({"type": "message", "id": side.texts["visitor_message"], "text": question})
        await visitor.until("message", author="assistant")
        await world.at_rest(side)
        await visitor.say({"type": "message", "id": str(uuid4()), "text": f"Zzyx {side.words.mark} qwertz ?"})
        await visitor.until("message", n=4)
    again = await world.client.post(f"/v1/widget/{side.tenant.slug}/session", json={"token": side.visitor_token})
    side.ids["visit"] = UUID(str(good(again)["thread"]))


async def _be_written_to(world: World, side: Side) -> None:
    side.texts["received"] = f"wamid.{side.words.bait}in"
    text = f"Xyzzy plugh {side.words.mark} ?"
    await deliver(world, side, whatsapp_body(side, message(side, side.texts["received"], text)))
    await world.at_rest(side)
    (row,) = await world.rows(side, "select id from thread where channel = 'whatsapp'")
    side.ids["chat"] = UUID(str(row[0]))
    (row,) = await world.rows(side, f"select id from message where thread_id = '{row[0]}' and n = 1")
    side.ids["message"] = UUID(str(row[0]))
    side.texts["idempotency"] = f"key-{side.words.bait}"
    reply = await world.call(
        side, "POST", f"/v1/conversations/{side.ids['chat']}/replies", {"text": f"Oui ! {side.words.mark}"},
        headers={"Idempotency-Key": side.texts["idempotency"]},
    )  # fmt: skip
    side.ids["reply"] = UUID(str(reply["id"]))
    await world.at_rest(side)
    found = await world.rows(side, "select provider_id, id from delivery where author = 'staff'")
    side.texts["sent"], side.ids["delivery"] = str(found[0][0]), UUID(str(found[0][1]))
    await deliver(world, side, whatsapp_body(side, statuses=[status(side.texts["sent"], "delivered")]))
    # One that speaks of a message nobody knows yet waits.
    side.texts["parked"] = f"wamid.{side.words.bait}parked"
    await deliver(world, side, whatsapp_body(side, statuses=[status(side.texts["parked"], "read")]))
    agreed = {"state": "granted", "evidence": f"Said so {side.words.mark}"}
    await world.call(side, "POST", f"/v1/contacts/{side.ids['contact']}/consents", agreed)
    await _be_sent_a_file(world, side)


async def _be_sent_a_file(world: World, side: Side) -> None:
    kept = world.twin.twin.files.keep(side.number, "text/plain", f"Menu {side.words.mark}\n".encode())
    sent = message(side, f"wamid.{side.words.bait}file", "")
    sent |= {"type": "document", "document": {"id": kept.id, "filename": f"{side.words.mark}.txt", "caption": "Menu"}}
    await deliver(world, side, whatsapp_body(side, sent))

    async def kept_by_us() -> bool:
        world.wake()
        return bool(await world.rows(side, "select 1 from attachment where state = 'ready' and file_id is not null"))

    await until(kept_by_us)
    await world.at_rest(side)
    sent_by_us = {"file": (f"{side.words.mark}.txt", f"Rooms {side.words.mark}\n".encode())}
    path = f"/v1/conversations/{side.ids['chat']}/attachments"
    made = good(await world.client.post(path, files=sent_by_us, headers=side.staff))
    side.ids["attachment"] = UUID(str(made["id"]))


async def _have_watched(world: World, side: Side) -> None:
    """An account with hours that were counted, and something that is wrong."""
    async with factories.begin_work(world.house.db, side.tenant) as ctx:
        ours = {"tenant": side.tenant.id, "id": new_id(), "account": side.ids["whatsapp"]}
        hour = (
            "insert into channel_traffic (tenant_id, account_id, hour)"
            " values (:tenant, :account, date_bin('1 hour', now(), to_timestamp(0)))"
        )
        alert = (
            "insert into channel_alert (tenant_id, id, account_id, kind, detail)"
            " values (:tenant, :id, :account, 'webhook_broken', jsonb_build_object('said', cast(:said as text)))"
        )
        await ctx.session.execute(sql(hour), ours)
        await ctx.session.execute(sql(alert), {**ours, "said": side.words.mark})


async def _lay_down(world: World, side: Side) -> None:
    await deliver(world, side, f"no JSON {side.words.mark}".encode())
    waiting = RememberLater(side.words.mark)
    async with factories.begin_work(world.house.db, side.tenant) as ctx:
        await ctx.defer(waiting, run_at=clock.now() + KEPT_FOR_YEARS, key=side.words.bait)
        await _let_a_job_die(ctx, RememberLater(f"dead {side.words.mark}"))

    async def noted() -> bool:
        world.wake()
        return len(await world.rows(side, "select 1 from gap")) >= 2

    await until(noted)


async def _let_a_job_die(ctx: Context, task: Task) -> None:
    """What a worker does after the last attempt, in one transaction: nobody else can claim it meanwhile."""
    await ctx.defer(task, run_at=clock.now() + KEPT_FOR_YEARS)
    found = await ctx.session.scalar(sql("select id from job where args ->> 'words' like 'dead %'"))
    await ctx.session.execute(sql("update job set owner = 0, epoch = 1, crashes = 8 where id = :id"), {"id": found})
    why = {"id": found, "why": f"RuntimeError: {task}"}
    await ctx.session.execute(sql("select app.release_job(0, :id, 1, null, :why)"), why)


async def _remember(world: World, side: Side) -> None:
    """Ids that only the database knows, and where the second page of every list begins."""
    for name, statement in _LOOKED_UP.items():
        ((found,), *_) = await world.rows(side, statement)
        side.ids[name] = UUID(str(found))
    for path in LISTS:
        page = await world.call(side, "GET", f"{path}?limit=1")
        assert page["next"], f"{path} has one page only: furnish a second row"
        side.cursors[path] = str(page["next"])


_LOOKED_UP = {
    "letter": "select id from dead_letter where source = 'job'",
    "gap": "select id from gap order by id limit 1",
    "job": "select id from job where dead_at is null and args ->> 'words' is not null order by id limit 1",
    "role": "select id from role where name = 'owner'",
    "identity": "select identity_id from membership order by created_at limit 1",
    "session": "select id from session order by id limit 1",
    "refresh": "select id from refresh_token where used_at is null limit 1",
    "section": "select id from section where document_id <> (select id from document where kind = 'faq')",
    "message": "select id from message order by id limit 1",
    "template": "select id from message_template order by id limit 1",
    "turn": "select id from turn order by id limit 1",
}
LISTS = (
    "/v1/staff", "/v1/api-keys", "/v1/audit", "/v1/tenant/identifiers", "/v1/contacts", "/v1/knowledge/documents",
    "/v1/knowledge/gaps", "/v1/conversations", "/v1/dead-letters", "/v1/channels",
)  # fmt: skip


def message(side: Side, provider_id: str, text: str, *, sender: str | None = None) -> Json:
    """A text as WhatsApp delivers it, from the side's own contact unless another is named."""
    return {
        "from": (sender or side.phone).lstrip("+"), "id": provider_id, "timestamp": str(int(clock.now().timestamp())),
        "type": "text", "text": {"body": text},
    }  # fmt: skip


def status(provider_id: str, state: str, *, delivery: UUID | None = None) -> Json:
    """A status as WhatsApp delivers it."""
    said: Json = {
        "id": provider_id, "status": state, "timestamp": str(int(clock.now().timestamp())),
        "recipient_id": "33100000009",
    }  # fmt: skip
    return {**said, "biz_opaque_callback_data": str(delivery)} if delivery else said


def whatsapp_body(side: Side, *messages: Json, statuses: list[Json] | None = None, number: str | None = None) -> bytes:
    """A webhook body for the side's number unless another is named."""
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "33100000001", "phone_number_id": number or side.number},
    }
    if messages:
        value |= {"contacts": [{"profile": {"name": f"A. {side.words.mark}"}, "wa_id": messages[0]["from"]}]}
        value |= {"messages": list(messages)}
    if statuses:
        value |= {"statuses": statuses}
    change: Json = {"field": "messages", "value": value}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


def signed(side: Side, body: bytes) -> dict[str, str]:
    """The headers under which this side's provider app posts a body."""
    return {signature.HEADER: signature.sign(side.secret, body), "content-type": "application/json"}


async def deliver(world: World, side: Side, body: bytes) -> None:
    """The provider posts a body to this installation."""
    good(await world.client.post("/webhook", content=body, headers=signed(side, body)))


def fresh_id() -> str:
    """An id nobody has."""
    return str(new_id())
