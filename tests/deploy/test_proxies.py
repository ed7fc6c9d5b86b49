"""Lumi behind Caddy and behind nginx, with the files that are given to people."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.typing import Origin

from lumi.core.body_limit import UPLOADS
from lumi.core.settings import get_settings
from lumi.main import layered
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel
from tests.deploy import visitor
from tests.deploy.programs import ROOT, of_ours, said_by
from tests.deploy.proxies import CADDYFILE, KINDS, NGINX, Proxy
from tests.serving import on_a_port

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin, StaffHeaders

LARGEST_BODY_BYTES = max(get_settings().max_body_bytes, get_settings().max_webhook_bytes)
SOCKETS = re.findall(r"^## `(/\S+)`", (ROOT / "docs" / "sockets.md").read_text(), re.MULTILINE)


@dataclass
class Upstream:
    """Lumi as `lumi serve` serves it with FORWARDED_ALLOW_IPS=127.0.0.1, and what reached it."""

    port: int
    seen: list[Scope] = field(default_factory=list["Scope"])


@pytest.fixture(scope="module")
async def upstream(app: FastAPI) -> AsyncGenerator[Upstream]:
    """Lumi on a port."""
    house, made = layered(app, get_settings()), Upstream(0)

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        made.seen.append(scope)
        await house(scope, receive, send)

    config = uvicorn.Config(
        noting, port=0, lifespan="off", log_config=None, ws="websockets-sansio", proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
    )  # fmt: skip
    async with on_a_port(config) as port:
        made.port = port
        yield made


@pytest.fixture(scope="module", params=KINDS)
async def proxy(
    request: pytest.FixtureRequest, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Proxy]:
    """One of the two in front of it."""
    kind = cast("str", request.param)
    opened = KINDS[kind](tmp_path_factory.mktemp(kind), upstream.port)
    made = await asyncio.to_thread(opened.__enter__)
    yield made
    await asyncio.to_thread(opened.__exit__, None, None, None)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Mapping[str, object]:
        """The object of a JSON answer."""
        return cast("dict[str, object]", json.loads(self.content))


async def asked(connection: http.client.HTTPConnection, method: str, path: str, **more: object) -> Answer:
    """What is answered to one request over this connection, which is closed then."""

    def ask() -> Answer:
        with closing(connection):
            connection.request(method, path, **more)  # pyright: ignore[reportArgumentType] (body and headers)
            with closing(connection.getresponse()) as answer:
                headers = {name.lower(): value for name, value in answer.getheaders()}
                return Answer(answer.status, headers, answer.read())

    return await asyncio.to_thread(ask)


def socket_at(proxy: Proxy, path: str, origin: Origin | None = None) -> connect:
    """A socket through the proxy. (The blocking client may hang over TLS: its two threads share one SSL object.)"""
    return connect(f"wss://localhost:{proxy.port}{path}", ssl=proxy.trusting, origin=origin, compression=None)


async def test_without_tls_there_is_only_the_way_to_tls(proxy: Proxy) -> None:
    answer = await asked(http.client.HTTPConnection("localhost", proxy.plain_port), "GET", "/chat/nadia?x=1")

    assert answer.status == 308
    assert re.fullmatch(r"https://localhost(:\d+)?/chat/nadia\?x=1", answer.headers["location"])


async def test_lumi_hears_who_asks_and_that_it_was_asked_over_tls(proxy: Proxy, upstream: Upstream) -> None:
    claimed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Request-ID": "from-a-visitor"}

    answer = await asked(proxy.connection(), "GET", "/livez", headers=claimed)

    scope = next(each for each in reversed(upstream.seen) if each["path"] == "/livez")
    assert (answer.status, scope["scheme"], scope["client"][0]) == (200, "https", "127.0.0.1")
    assert (b"host", f"localhost:{proxy.port}".encode()) in scope["headers"]
    assert answer.headers["x-request-id"] == "from-a-visitor"


async def test_a_visitor_talks_over_the_socket(proxy: Proxy, begin: Begin, tenant: Tenant) -> None:
    async with begin(tenant) as ctx:
        await channels.connect(ctx, channel=Channel.WEB, external_id=tenant.slug, name=tenant.name)

    path = f"/v1/widget/{tenant.slug}/session"
    headers = {"Origin": proxy.address, "Content-Type": "application/json"}

    session = await asked(proxy.connection(), "POST", path, body=b"{}", headers=headers)

    assert session.status == 200
    async with socket_at(proxy, "/v1/widget/socket", origin=Origin(proxy.address)) as socket:
        await socket.send(json.dumps({"type": "auth", "token": session.body["token"]}))
        assert json.loads(await socket.recv())["type"] == "ready"


@pytest.mark.parametrize("path", SOCKETS)
async def test_every_socket_there_is_can_be_opened(proxy: Proxy, path: str) -> None:
    async with socket_at(proxy, path) as socket:
        assert socket.response is not None
        assert socket.response.status_code == 101


async def test_the_largest_body_that_lumi_takes_gets_through_and_a_larger_one_is_refused(proxy: Proxy) -> None:
    largest = await asked(proxy.connection(), "POST", "/webhook", body=b"x" * LARGEST_BODY_BYTES)
    try:
        larger = await asked(proxy.connection(), "POST", "/webhook", body=b"x" * (LARGEST_BODY_BYTES + 1))
        refused = larger.status
    except OSError:
        refused = 413  # hung up while we were still sending

    assert largest.status == 401  # Lumi has read it to its end, and finds no signature
    assert refused == 413


async def test_a_file_larger_than_any_other_body_gets_through(
    proxy: Proxy, app: FastAPI, tenant: Tenant, staff: StaffHeaders
) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(2 * LARGEST_BODY_BYTES)
    form = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="photo.png"\r\n\r\n%b\r\n--edge--\r\n'
    headers = {**await staff("files:write"), "Content-Type": "multipart/form-data; boundary=edge"}

    answer = await asked(proxy.connection(), "POST", "/v1/files", body=form % picture, headers=headers)

    assert answer.status == 201
    assert answer.body["size_bytes"] == len(picture)


@pytest.mark.parametrize("given", [CADDYFILE, NGINX], ids=["caddy", "nginx"])
def test_the_paths_with_large_bodies_are_those_where_lumi_takes_files(given: Path) -> None:
    assert UPLOADS.pattern.replace("/v1/(?:", "^/v1/(") + "$" in given.read_text()


async def test_the_figures_are_for_this_machine_only(proxy: Proxy, upstream: Upstream) -> None:
    inside = await asyncio.to_thread(visitor.status_of, f"http://127.0.0.1:{upstream.port}/metrics")

    assert inside == 200
    assert (await asked(proxy.connection(), "GET", "/metrics")).status == 404


def test_the_caddyfile_is_written_as_caddy_would_write_it() -> None:
    assert said_by(of_ours("caddy"), "fmt", CADDYFILE) == (0, CADDYFILE.read_text())
