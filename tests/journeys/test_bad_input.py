"""What is not authentic leaves no trace; what is authentic is never lost and never blocks the rest."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING

import asyncpg
import orjson
import pytest
from sqlalchemy import text as sql
from sqlalchemy.engine import make_url

from lumi.core import dead_letters
from lumi.core.db import Database, Pool, plain_url
from lumi.core.dead_letters import Source
from lumi.core.metrics import REGISTRY
from lumi.core.wake import Waker
from lumi.integrations.graph import signature
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.contacts.public import ContactBusy
from lumi.modules.tenants.public import Tenant
from tests import factories, template
from tests.journeys.conftest import Line

if TYPE_CHECKING:
    from tests.conftest import StaffHeaders


async def traces(line: Line) -> int:
    ((count,),) = await line.rows("select (select count(*) from event) + (select count(*) from dead_letter)")
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "é"])
async def test_a_wrong_or_missing_signature_is_refused_without_a_trace(line: Line, header: str | None) -> None:
    headers: dict[bytes, bytes] = {} if header is None else {b"X-Hub-Signature-256": header.encode()}
    answer = await line.client.post("/webhook", content=line.body(line.message("Bonjour")), headers=headers)

    assert answer.status_code == 401
    assert answer.json()["code"] == "signature_refused"
    assert "Bonjour" not in answer.text
    assert await traces(line) == 0


async def test_a_body_signed_by_one_app_stores_nothing_for_the_account_of_another(
    line: Line, other_tenant: Tenant
) -> None:
    async with factories.begin_work(line.house.db, other_tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=f"9{line.number}", name="Casa Brava",
            credentials=Credentials("another secret", "verify", "token"),
        )  # fmt: skip
    line.house.receiver.forget_apps()

    answer = await line.post(line.body(line.message("Hola")), secret="another secret")

    assert answer.status_code == 200
    assert await traces(line) == 0


async def test_an_account_in_the_url_takes_only_its_own_items(line: Line) -> None:
    path = f"/webhooks/whatsapp/{line.account_id}"

    assert (await line.post(line.body(line.message("Bonjour")), path=path)).status_code == 200
    assert (await line.post(line.body(line.message("Bonjour"), number="42"), path=path)).status_code == 200
    assert await traces(line) == 1


@pytest.mark.parametrize("account", ["01980000-0000-7000-8000-000000000001", "no-account", "%00"])
async def test_an_unknown_account_in_the_url_is_not_found(line: Line, account: str) -> None:
    answer = await line.post(line.body(line.message("Bonjour")), path=f"/webhooks/whatsapp/{account}")

    assert answer.status_code == 404


async def test_an_unknown_tenant_is_not_found(line: Line) -> None:
    session = await line.client.post("/v1/widget/nobody-of-that-name/session", json={})

    assert (session.status_code, session.json()["code"]) == (404, "not_found")
    assert (await line.client.get("/chat/nobody-of-that-name")).status_code in {404, 503}  # 503: pages not built


async def test_an_unknown_channel_is_not_found(line: Line) -> None:
    assert (await line.post(b"{}", path="/webhooks/pigeon")).status_code == 404


def ignored(kind: str) -> float:
    """How many items of WhatsApp this process has passed over for this reason."""
    return REGISTRY.get_sample_value("lumi_inbound_ignored_total", {"channel": "whatsapp", "kind": kind}) or 0.0


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"statuses": [{"id": "wamid.x", "status": "teleported", "timestamp": "1790000000"}]}, "status"),
        ({"errors": [{"code": 130429, "title": "Rate limit hit"}]}, "error"),
        ({"something_new": [1, 2, 3]}, "value"),
    ],
)
async def test_authentic_but_unknown_values_are_taken_and_counted(
    line: Line, value: Mapping[str, list[object]], kind: str
) -> None:
    before = ignored(kind)

    assert (await line.post(line.body(extra=value))).status_code == 200

    assert await traces(line) == 0
    assert ignored(kind) == before + 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"flows","value":{}}]}]}',
            "field",
        ),
        (b'{"object":"page","entry":[{"id":"1"}]}', "object"),
    ],
)
async def test_an_authentic_but_unknown_event_or_field_is_taken_and_counted(line: Line, body: bytes, kind: str) -> None:
    before = ignored(kind)

    assert (await line.post(body)).status_code == 200

    assert await traces(line) == 0
    assert ignored(kind) == before + 1


async def test_an_unknown_message_type_is_taken_and_counted(line: Line) -> None:
    before = ignored("message")

    assert (await line.post(line.body(line.message("", type="hologram")))).status_code == 200

    assert await traces(line) == 0
    assert ignored("message") == before + 1


@pytest.mark.parametrize("body", [b"", b"not json", b"[1, 2]", b"\xff\xfe", b'{"entry":'])
async def test_an_authentic_body_that_cannot_be_read_is_kept_as_it_came(line: Line, body: bytes) -> None:
    assert (await line.post(body)).status_code == 200
    assert await line.rows("select body, source from dead_letter") == [(body, "webhook")]


async def test_one_bad_item_does_not_block_the_others(line: Line) -> None:
    broken = {"from": line.person, "type": "text", "text": {"body": "no id"}}

    await line.post(line.body(line.message("first"), broken, line.message("second")))

    assert await line.rows("select payload ->> 'text' from event order by n") == [("first",), ("second",)]
    ((kept, source, origin),) = await line.rows("select body, source, origin from dead_letter")
    assert isinstance(kept, bytes)
    assert (orjson.loads(kept), source, origin) == (broken, "webhook", f"whatsapp/{line.account_id}")


async def test_what_the_database_refuses_is_kept_and_does_not_block_the_others(line: Line, refusing: Refusing) -> None:
    await refusing("poison")

    answer = await line.post(line.body(line.message("first"), line.message("poison"), line.message("second")))

    assert answer.status_code == 200
    assert await line.rows("select payload ->> 'text' from event order by n") == [("first",), ("second",)]
    ((kept, reason),) = await line.rows("select body, reason from dead_letter")
    assert isinstance(kept, bytes)
    assert (orjson.loads(kept)["payload"]["text"], reason) == ("poison", "CheckViolationError")


@pytest.mark.usefixtures("worker")
async def test_what_the_database_refused_is_answered_once_when_staff_try_it_again(
    line: Line, refusing: Refusing, staff: StaffHeaders
) -> None:
    who = await staff("dead_letters:write")
    await refusing("Merci !")
    await line.write("Merci !")

    assert await requeue(line, who) == (409, "cannot_requeue")
    assert await line.rows("select count(*), count(closed_at) from dead_letter") == [(1, 0)]
    await refusing.no_more()
    assert await requeue(line, who) == (200, None)
    assert len(await line.hears(1)) == 1
    assert await line.rows("select payload ->> 'text', payload ->> 'name' from event") == [("Merci !", "Amélie")]


async def test_what_holds_nothing_that_we_know_is_not_tried_again_with_success(line: Line, staff: StaffHeaders) -> None:
    body = b'{"object":"page","entry":[{"id":"1"}]}'
    async with line.house.db.transaction(line.tenant.id) as session:
        await dead_letters.keep(
            session, line.tenant.id, source=Source.WEBHOOK, origin=f"whatsapp/{line.account_id}", body=body, reason="?"
        )

    assert await requeue(line, await staff("dead_letters:write")) == (409, "cannot_requeue")


async def test_two_who_are_one_and_cannot_be_united_now_cost_nobody_elses_message(line: Line) -> None:
    async def unite(*_: object, **__: object) -> None:
        raise ContactBusy

    own = factories.a_user_id()
    for who in ({"from": None, "from_user_id": own}, {}):
        await line.post(line.body(line.message("Un", **who), extra={"contacts": []}))
    receiver = channels.Receiver(
        line.house.db, Waker(line.house.db), {Channel.WHATSAPP: line.house.sender.adapter(Channel.WHATSAPP)},
        unite=unite,
    )  # fmt: skip
    both = line.message("Deux", from_user_id=own)
    body = line.body(both, line.message("Trois", **{"from": "33600000080"}), extra={"contacts": []})

    assert (
        await receiver.receive("webhook", None, {signature.HEADER.lower(): signature.sign(line.secret, body)}, body)
        == 1
    )
    assert await line.rows("select reason from dead_letter") == [("ContactBusy",)]


async def requeue(line: Line, who: dict[str, str]) -> tuple[int, object]:
    ((letter,),) = await line.rows("select id from dead_letter")
    answer = await line.client.post(f"/v1/dead-letters/{letter}/requeue", headers=who)
    return answer.status_code, answer.json().get("code")


async def test_an_unreadable_body_of_an_app_that_two_tenants_share_is_nobodys(line: Line, other_tenant: Tenant) -> None:
    async with factories.begin_work(line.house.db, other_tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=f"9{line.number}", name="Casa Brava",
            credentials=Credentials(line.secret, "verify", "token"),
        )  # fmt: skip
    line.house.receiver.forget_apps()
    body = f"not JSON {line.number}".encode()

    assert (await line.post(body)).status_code == 200

    for tenant, count in ((line.tenant.id, 0), (other_tenant.id, 0), (None, 1)):
        async with line.house.db.transaction(tenant) as session:
            found = await session.scalar(sql("select count(*) from dead_letter where body = :body"), {"body": body})
        assert found == count


async def test_when_nothing_can_be_committed_the_provider_is_asked_to_come_again(line: Line) -> None:
    opened, line.house.db.pool = line.house.db.pool, await closed_pool(line.house.db)
    try:
        answer = await line.post(line.body(line.message("Bonjour")))
    finally:
        line.house.db.pool = opened

    assert (answer.status_code, answer.json()["code"]) == (503, "dependency_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Bonjour" not in answer.text
    assert await traces(line) == 0


async def closed_pool(db: Database) -> Pool:
    pool = await asyncpg.create_pool(db.url, min_size=0, max_size=1)
    await pool.close()
    return pool


class Refusing:
    """Makes the database refuse events with a text."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        self._owner = owner

    async def __call__(self, words: str) -> None:
        await self._owner.execute(
            f"alter table event add constraint no_words check (payload ->> 'text' <> '{words}') not valid"
        )

    async def no_more(self) -> None:
        """It takes them again."""
        await self._owner.execute("alter table event drop constraint if exists no_words")


@pytest.fixture
async def refusing(database_url: str) -> AsyncGenerator[Refusing]:
    """Until the test ends."""
    async with template.cluster() as place:
        url = make_url(plain_url(place.admin)).set(database=make_url(plain_url(database_url)).database)
        owner = await asyncpg.connect(url.render_as_string(hide_password=False))
        refuse = Refusing(owner)
        yield refuse
        await refuse.no_more()
        await owner.close()


@pytest.mark.parametrize(
    "text",
    ["x" * 65_536, "a\u200bb\u200d\u202ec\u2066d", "👩‍👩‍👧‍👦🏳️‍🌈", "مرحبا hello שלום", "'; drop table message; --"],
)
async def test_whatever_characters_come_are_stored_as_they_are(line: Line, text: str) -> None:
    await line.post(line.body(line.message(text)))

    assert await line.rows("select payload ->> 'text' from event") == [(text,)]


async def test_a_nul_character_is_stripped_from_a_providers_text(line: Line) -> None:
    await line.post(line.body(line.message("be\x00fore")))

    assert await line.rows("select payload ->> 'text' from event") == [("before",)]


async def test_a_body_over_the_limit_is_refused(line: Line) -> None:
    answer = await line.post(b"x" * (4 << 20) + b"y")

    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_the_address_is_confirmed_to_whoever_knows_the_verify_token(line: Line) -> None:
    async with factories.begin_work(line.house.db, line.tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.WHATSAPP, external_id=line.number, name="WhatsApp",
            credentials=Credentials(line.secret, "meatyhamhock", "token"),
        )  # fmt: skip
    line.house.receiver.forget_apps()
    question = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "meatyhamhock"}
    path = f"/webhooks/whatsapp/{line.account_id}"

    right = await line.client.get(path, params=question)
    wrong = await line.client.get(path, params={**question, "hub.verify_token": "guess"})

    assert (right.status_code, right.text) == (200, "1158201444")
    assert right.headers["content-type"].startswith("text/plain")
    assert wrong.status_code == 403
    assert "1158201444" not in wrong.text
