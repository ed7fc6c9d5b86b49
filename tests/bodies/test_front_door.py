"""Whatever a provider posts is acknowledged and kept, or refused; and the check that says so is seen to fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lumi.core.http import Http
from lumi.integrations.gmail.fake import server as google
from lumi.integrations.gmail.oidc import Keys, OidcVerifier
from lumi.integrations.gmail.push import read_push
from lumi.integrations.graph import signature
from lumi.modules.channels.public import Channel
from tests.bodies.doors import Door, secret_of
from tests.bodies.mutations import written
from tests.bodies.postman import Postman, Wrong
from tests.bodies.recorded import accounts, bodies
from tests.bodies.trace import Trace

ROOT = Path(__file__).resolve().parents[2]
NOTHING = Trace((), 0, (), 0)
KEPT = Trace(("wamid.1",), 0, (), 0)
DOOR = Door(Channel.WHATSAPP, ("/webhook",), "551200000000042", "an-invented-secret")


@pytest.mark.integration
def test_no_body_however_damaged_is_answered_with_an_error_or_vanishes() -> None:
    env = {name: value for name, value in os.environ.items() if name != "CASES"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bodies", "--mutations", "12"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert re.search(r"\d+ bodies, \d+ mutations: \d+ acknowledged, \d+ refused, 0 errors", done.stdout)
    assert re.search(r"[1-9]\d* pulls\)", done.stdout)  # pushes got past the door: their mailboxes will be read


def test_the_project_has_bodies_of_every_channel_that_is_posted_to() -> None:
    named = {each.channel for each in bodies()}

    assert {Channel.WHATSAPP, Channel.TELEGRAM, Channel.INSTAGRAM, Channel.MESSENGER, Channel.GMAIL} <= named


async def answered(status: int, left: Trace, **more: object) -> None:
    """Post one body to somebody who always answers this, and leaves this behind."""

    async def answer(request: Request) -> Response:
        return Response(status_code=status)

    async def look() -> Trace:
        return left

    toy = Starlette(routes=[Route("/webhook", answer, methods=["POST"])])
    async with AsyncClient(transport=ASGITransport(app=toy), base_url="http://localhost") as client:
        await Postman(client, look, [DOOR]).post(DOOR, "/webhook", b"{}", **{"is_proved": True, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "left", "more", "told"),
    [
        (500, NOTHING, {}, "answered 500"),
        (404, NOTHING, {}, "answered 404"),
        (200, NOTHING, {}, "it vanished"),
        (200, KEPT, {"neighbour": "wamid.2"}, "its good neighbour vanished"),
        (200, KEPT, {"is_proved": False}, "which nobody proved"),
        (401, KEPT, {"is_proved": False}, "which nobody proved"),
    ],
)
async def test_a_promise_that_does_not_hold_is_told(
    status: int, left: Trace, more: Mapping[str, object], told: str
) -> None:
    with pytest.raises(Wrong, match=told):
        await answered(status, left, **more)


async def test_what_was_kept_or_refused_is_in_order() -> None:
    await answered(200, KEPT, neighbour="wamid.1")
    await answered(401, NOTHING, is_proved=False)


def test_a_push_is_opened_and_written_as_it_came() -> None:
    push = next(each for each in bodies() if each.name.endswith("gmail/bodies/push.json"))

    assert read_push(written(push.tree).encode()).address == "salon@lumi.example"
    assert [*accounts(bodies(), Channel.GMAIL)] == ["salon@lumi.example"]


async def test_a_push_is_proved_by_what_google_signs_and_denied_by_what_it_signs_for_others() -> None:
    async with google.running() as gmail, Http() as http:
        secret = secret_of(Channel.GMAIL, gmail.certs_url)
        signs, door = orjson.loads(secret), Door(Channel.GMAIL, ("/webhooks/gmail",), "salon@lumi.example", secret)
        verifier = OidcVerifier(Keys(http, gmail.certs_url), signs["audience"], signs["service_account"])

        assert await verifier.verify(door.prove(b"{}")["Authorization"])
        assert not await verifier.verify(door.deny(b"{}")["Authorization"])


def test_a_post_is_proved_by_its_bytes_and_denied_by_others() -> None:
    assert signature.verify(DOOR.secret, b"{}", DOOR.prove(b"{}")[signature.HEADER])
    assert not signature.verify(DOOR.secret, b"{}", DOOR.deny(b"{}")[signature.HEADER])
