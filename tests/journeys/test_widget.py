"""The widget: a visitor's session, socket, resume and limits, over a real server."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest
import websockets
from joserfc import jwt
from joserfc.jwk import OctKey

from lumi.core import i18n
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel
from tests import factories
from tests.journeys.visiting import Frame, Site
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from lumi.core.db import Database
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import StaffHeaders

pytestmark = pytest.mark.usefixtures("worker")

KEY = "01980000-0000-7000-8000-000000000001"


async def test_a_visitor_writes_and_is_answered(site: Site) -> None:
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        assert (await visitor.frame("ready"))["last"] == 0
        key = await visitor.write("Merci beaucoup !")

        assert (await visitor.frame("ack"))["id"] == key
        reply = await visitor.reply()
        assert (reply["author"], reply["text"], reply["lang"]) == ("assistant", i18n.tr("assistant-thanks", "fr"), "fr")


async def test_a_visitor_who_comes_back_is_told_what_they_missed_in_order(site: Site) -> None:
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        await visitor.write("Merci !")
        await visitor.reply()
    again = await site.session(session["token"])
    async with site.visit(again["token"]) as visitor:
        await visitor.frame("ready")
        await visitor.say({"type": "resume", "after": 0})

        first, second = await visitor.frame("message"), await visitor.frame("message")
        done = await visitor.frame("resumed")

    assert [first["n"], second["n"], done["last"]] == [1, 2, 2]
    assert [first["author"], second["author"]] == ["contact", "assistant"]


async def test_a_message_sent_again_because_its_ack_was_lost_is_there_once(site: Site) -> None:
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        key = await visitor.write("Merci !")
        await visitor.frame("ack")
        await visitor.write("Merci !", key)
        assert (await visitor.frame("ack"))["id"] == key
        await visitor.reply()
        await visitor.say({"type": "resume", "after": 0})
        await visitor.frame("message")
        await visitor.frame("message")

        assert (await visitor.frame("resumed"))["last"] == 2


async def test_a_visitor_sees_when_a_person_takes_over(site: Site, staff: StaffHeaders) -> None:
    session = await site.session()
    headers = await staff("conversations:read", "conversations:write")
    async with site.visit(session["token"]) as visitor:
        await visitor.write("Merci !")
        await visitor.reply()
        thread = (await site.session(session["token"]))["thread"]
        await site.client.post(f"/v1/conversations/{thread}/replies", json={"text": "Bonjour !"}, headers=headers)

        assert (await visitor.frame("state"))["held"] is True
        reply = await visitor.reply()
        assert (reply["author"], reply["text"]) == ("staff", "Bonjour !")


async def test_a_page_of_another_origin_may_not_open_a_session(site: Site) -> None:
    answer = await site.client.post(
        f"/v1/widget/{site.tenant.slug}/session", json={}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 403


async def test_a_socket_from_another_origin_is_closed(site: Site) -> None:
    session = await site.session()
    async with site.visit(session["token"], origin="https://evil.example") as visitor:
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await visitor.frame("ready")

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


@pytest.mark.parametrize(
    ("first", "code"), [({"type": "auth", "token": "x"}, 4001), ({"type": "hello"}, 1008), ([], 1008)]
)
async def test_a_socket_that_does_not_say_who_it_is_is_closed(site: Site, first: object, code: int) -> None:
    url = f"ws://127.0.0.1:{site.port}/v1/widget/socket"
    async with websockets.connect(url) as socket:
        await socket.send(json.dumps(first))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"id": "not a uuid", "text": "x"}, "bad_id"),
        ({"id": KEY, "text": "  "}, "empty"),
        ({"id": KEY, "text": 7}, "empty"),
        ({"id": KEY, "text": "x" * 4001}, "too_long"),
        ({"id": KEY, "text": "a\x00b"}, "nul_character"),
    ],
)
async def test_a_message_that_cannot_be_taken_is_refused_with_its_reason(site: Site, frame: Frame, code: str) -> None:
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        await visitor.say({"type": "message", **frame})

        assert (await visitor.frame("refused"))["code"] == code


async def test_a_frame_over_the_limit_closes_the_socket(site: Site) -> None:
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        await visitor.frame("ready")
        await visitor.say({"type": "message", "id": KEY, "text": "é" * 40_000})
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await visitor.frame("never")

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def test_a_visitors_token_opens_nothing_at_another_tenant(
    site: Site, other_tenant: Tenant, client: AsyncClient, database: Database
) -> None:
    async with factories.begin_work(database, other_tenant) as ctx:
        await channels.connect(ctx, channel=Channel.WEB, external_id=other_tenant.slug, name="Web")
    session = await site.session()
    async with site.visit(session["token"]) as visitor:
        await visitor.write("Merci !")
        await visitor.reply()

    theirs = await client.post(f"/v1/widget/{other_tenant.slug}/session", json={"token": session["token"]})

    assert theirs.json()["thread"] is None
    assert theirs.json()["token"] != session["token"]


async def test_staff_hear_of_a_change_on_the_consoles_socket(
    site: Site, staff: StaffHeaders, other_tenant: Tenant
) -> None:
    ours = (await staff("conversations:read"))["Authorization"].removeprefix("Bearer ")
    theirs = (await staff("conversations:read", tenant=other_tenant))["Authorization"].removeprefix("Bearer ")
    url = f"ws://127.0.0.1:{site.port}/v1/console/socket"
    session = await site.session()
    async with websockets.connect(url) as mine, websockets.connect(url) as foreign:
        for socket, token in ((mine, ours), (foreign, theirs)):
            await socket.send(json.dumps({"type": "auth", "token": token}))
            assert json.loads(await socket.recv()) == {"type": "ready"}
        async with site.visit(session["token"]) as visitor:
            await visitor.write("Merci !")
            await visitor.reply()

        async with asyncio.timeout(PATIENCE_SECONDS):
            note = json.loads(await mine.recv())
        assert note["type"] == "conversation"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await foreign.recv()


async def test_the_consoles_socket_needs_the_permission(site: Site, staff: StaffHeaders) -> None:
    token = (await staff("knowledge:read"))["Authorization"].removeprefix("Bearer ")
    async with websockets.connect(f"ws://127.0.0.1:{site.port}/v1/console/socket") as socket:
        await socket.send(json.dumps({"type": "auth", "token": token}))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


@pytest.fixture
async def secret(site: Site, staff: StaffHeaders) -> str:
    """What the tenant's server signs with."""
    headers = await staff("channels:read", "channels:write")
    page = await site.client.get("/v1/channels", headers=headers)
    widget = next(each for each in page.json()["items"] if each["channel"] == Channel.WEB)
    made = await site.client.post(f"/v1/channels/{widget['id']}/identity-secret", headers=headers)
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


def _voucher(site: Site, secret: str, **claims: object) -> str:
    """What the tenant's server says of its visitor."""
    said = {"sub": "anna-7", "aud": site.tenant.slug, "exp": int(time.time()) + 300, "name": "Anna Weiß", **claims}
    kept = {name: claim for name, claim in said.items() if claim is not None}
    return jwt.encode({"alg": "HS256"}, kept, OctKey.import_key(secret))


async def test_whoever_is_signed_in_at_the_page_finds_their_conversation_in_every_browser(
    site: Site, secret: str, staff: StaffHeaders
) -> None:
    session = await site.session(identity=_voucher(site, secret))
    async with site.visit(session["token"]) as visitor:
        await visitor.write("Merci beaucoup !")
        await visitor.reply()

    elsewhere = await site.session(identity=_voucher(site, secret))

    assert elsewhere["thread"] is not None
    inbox = await site.client.get("/v1/conversations", headers=await staff("conversations:read"))
    assert [each["contact"]["name"] for each in inbox.json()["items"]] == ["Anna Weiß"]


async def test_what_somebody_signed_in_sends_again_after_a_reload_is_there_once(
    site: Site, secret: str, staff: StaffHeaders
) -> None:
    session = await site.session(identity=_voucher(site, secret))
    async with site.visit(session["token"]) as visitor:
        key = await visitor.write("Merci beaucoup !")
        await visitor.reply()  # that it was taken is lost, and the page is loaded again

    reloaded = await site.session(session["token"], identity=_voucher(site, secret))
    async with site.visit(reloaded["token"]) as visitor:
        await visitor.write("Merci beaucoup !", key)
        assert (await visitor.frame("ack"))["id"] == key

    path = f"/v1/conversations/{reloaded['thread']}/messages"
    said = (await site.client.get(path, headers=await staff("conversations:read"))).json()["items"]
    assert [each["author"] for each in said] == ["contact", "assistant"]


async def test_what_a_browser_said_before_signing_in_stays_its_own_and_after_signing_out_it_is_nobody(
    site: Site, secret: str
) -> None:
    before = await site.session()
    async with site.visit(before["token"]) as visitor:
        await visitor.write("Merci beaucoup !")
        await visitor.reply()

    signed_in = await site.session(before["token"], identity=_voucher(site, secret))
    signed_out = await site.session(signed_in["token"])

    assert (signed_in["thread"], signed_out["thread"]) == (None, None)
    assert (await site.session(before["token"]))["thread"] is not None


@pytest.mark.parametrize(
    "lie",
    [
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "x" * 201}, {"sub": "a\0b"}, {"aud": "another-shop"},
        {"aud": None}, {"exp": 1_000}, {"exp": None}, {"exp": 4_000_000_000}, {"exp": "soon"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_page_that_vouches_wrongly_is_refused(site: Site, secret: str, lie: Frame) -> None:
    answer = await site.ask({"identity": _voucher(site, secret, **lie)})

    assert (answer.status_code, answer.json()["code"]) == (401, "identity_refused")


async def test_nobody_is_vouched_for_without_the_secret_of_today(site: Site, secret: str, staff: StaffHeaders) -> None:
    headers = await staff("channels:read", "channels:write")
    page = await site.client.get("/v1/channels", headers=headers)
    path = f"/v1/channels/{page.json()['items'][0]['id']}/identity-secret"
    forged = _voucher(site, "not the secret of this organisation")
    unsigned = forged.rpartition(".")[0] + "."
    renewed = (await site.client.post(path, headers=headers)).json()["secret"]

    for said in (forged, unsigned, "x", _voucher(site, secret)):
        assert (await site.ask({"identity": said})).json()["code"] == "identity_refused"
    assert (await site.ask({"identity": _voucher(site, renewed)})).status_code == 200

    await site.client.delete(path, headers=headers)
    assert (await site.ask({"identity": _voucher(site, renewed)})).json()["code"] == "identity_refused"
