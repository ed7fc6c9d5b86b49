"""FORCE_HTTPS, FORWARDED_ALLOW_IPS, ALLOWED_HOSTS, CORS_ORIGINS, the sizes of bodies and RATE_LIMIT_ENABLED."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import pytest
import typer
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from httpx2 import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lumi.cli.serving import serve
from lumi.core.errors import TooManyRequests
from lumi.core.limits import Limiter
from lumi.core.middleware import wrap
from lumi.core.settings import Settings
from tests.core.settings.conftest import Given
from tests.serving import on_a_port

pytestmark = pytest.mark.usefixtures("json_lines")

BY_TLS = {"x-forwarded-proto": "https"}


def an_app() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.api_route("/things/{name}", methods=["GET", "POST"])
    async def read(name: str, request: Request) -> dict[str, str | int]:
        return {"name": name, "scheme": request.url.scheme, "bytes": len(await request.body())}

    @app.get("/healthz")
    async def healthz() -> str:
        return "ok"

    @app.websocket("/socket")
    async def socket(one: WebSocket) -> None:
        await one.accept()
        await one.close()

    return app


@asynccontextmanager
async def served(settings: Settings) -> AsyncGenerator[AsyncClient]:
    """A web server on a port, told about its proxies as `lumi serve` tells it."""
    config = uvicorn.Config(
        wrap(an_app(), settings), port=0, lifespan="off", log_config=None, ws="websockets-sansio",
        proxy_headers=bool(settings.forwarded_allow_ips), forwarded_allow_ips=settings.forwarded_allow_ips or None,
    )  # fmt: skip
    async with on_a_port(config) as port, AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


async def test_plain_requests_are_sent_to_the_same_place_over_tls(given: Given) -> None:
    async with served(given(FORCE_HTTPS="true", FORWARDED_ALLOW_IPS="127.0.0.1")) as client:
        answer = await client.post("/things/a%20b?c=%C3%A9", headers={"host": "chat.example.org:8000"}, content=b"x")
        assert answer.status_code == 308
        assert answer.headers["location"] == "https://chat.example.org/things/a%20b?c=%C3%A9"


async def test_requests_that_reached_a_trusted_proxy_over_tls_are_served_and_browsers_told_to_stay(
    given: Given,
) -> None:
    async with served(given(FORCE_HTTPS="true", FORWARDED_ALLOW_IPS="127.0.0.1")) as client:
        answer = await client.get("/things/a", headers=BY_TLS)
        assert answer.status_code == 200
        assert answer.json()["scheme"] == "https"
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_whoever_is_no_trusted_proxy_cannot_say_that_it_was_tls(given: Given) -> None:
    for trusted in ("192.0.2.1", ""):
        async with served(given(FORCE_HTTPS="true", FORWARDED_ALLOW_IPS=trusted)) as client:
            assert (await client.get("/things/a", headers=BY_TLS)).status_code == 308


async def test_without_it_plain_requests_are_served_and_nobody_is_told_to_stay(given: Given) -> None:
    async with served(given(FORCE_HTTPS="false", FORWARDED_ALLOW_IPS="127.0.0.1")) as client:
        answer = await client.get("/things/a")
        assert answer.status_code == 200
        assert "strict-transport-security" not in answer.headers


async def test_probes_come_plain_and_plain_sockets_are_refused(given: Given) -> None:
    async with served(given(FORCE_HTTPS="true", FORWARDED_ALLOW_IPS="127.0.0.1")) as client:
        assert (await client.get("/healthz")).status_code == 200
        place = str(client.base_url.join("/socket")).replace("http", "ws")
        with pytest.raises(InvalidStatus):
            await connect(place)
        async with connect(place, additional_headers=BY_TLS):
            pass  # let in


def test_the_server_is_told_of_the_proxies_the_settings_name(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[uvicorn.Config] = []

    def note(server: uvicorn.Server) -> None:
        made.append(server.config)  # and never start

    monkeypatch.setattr(uvicorn.Server, "run", note)
    for trusted in ("10.0.0.1,10.0.0.2", ""):
        given(FORWARDED_ALLOW_IPS=trusted)
        with pytest.raises(typer.Exit):
            serve(port=None, trusted_proxies=None)
    believing, believing_nobody = made
    assert (believing.proxy_headers, believing.forwarded_allow_ips) == (True, "10.0.0.1,10.0.0.2")
    assert not believing_nobody.proxy_headers


async def test_only_listed_hosts_are_served(given: Given) -> None:
    async with served(given(ALLOWED_HOSTS="chat.example.org, *.example.net")) as client:
        for host, status in (("chat.example.org", 200), ("a.example.net", 200), ("evil.example", 400)):
            assert (await client.get("/things/a", headers={"host": host})).status_code == status


async def test_only_pages_of_listed_origins_may_read_answers(given: Given) -> None:
    async with served(given(CORS_ORIGINS="https://shop.example, https://www.shop.example")) as client:
        for origin, granted in (("https://www.shop.example", True), ("https://evil.example", False)):
            answer = await client.get("/things/a", headers={"origin": origin})
            assert (answer.headers.get("access-control-allow-origin") == origin) is granted


@pytest.mark.parametrize(("name", "path"), [("MAX_BODY_BYTES", "/things/a"), ("MAX_WEBHOOK_BYTES", "/webhook")])
async def test_a_larger_body_is_refused(given: Given, name: str, path: str) -> None:
    async with served(given(**{name: "2000"})) as client:
        assert (await client.post(path, content=b"x" * 2001)).status_code == 413
        assert (await client.post(path, content=b"x" * 2000)).status_code != 413


@pytest.mark.usefixtures("in_one_minute")
@pytest.mark.parametrize(("said", "refused"), [("true", True), ("false", False)])
async def test_whoever_asks_too_often_is_refused_unless_limits_are_off(
    given: Given, said: str, *, refused: bool
) -> None:
    limiter = Limiter.from_settings(given(RATE_LIMIT_ENABLED=said))
    outcomes: list[bool] = []
    for _ in range(3):
        outcomes.append(True)
        with suppress(TooManyRequests):
            await limiter.hit("test", "somebody", per_minute=2)
            outcomes[-1] = False
    assert outcomes == [False, False, refused]
