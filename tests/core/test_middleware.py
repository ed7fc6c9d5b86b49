"""Around every request: an id, a line, a figure, strict headers, accepted hosts, CORS and a limited body."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Scope

from lumi.core import metrics
from lumi.core.logging import correlation_ids
from lumi.core.middleware import wrap

Capture = pytest.CaptureFixture[str]
Line = dict[str, object]

pytestmark = pytest.mark.usefixtures("json_lines")


@dataclass
class Wanted:
    public_url: str = "https://lumi.example"
    force_https: bool = False
    cors_origins: list[str] = field(default_factory=list[str])
    allowed_hosts: list[str] = field(default_factory=lambda: ["*"])
    max_body_bytes: int = 1000
    max_webhook_bytes: int = 4000
    max_upload_bytes: int = 9000


class Answer(BaseModel):
    words: str


def make_app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    inner = APIRouter(prefix="/things")

    @inner.get("/{thing_id}")
    async def read_thing(thing_id: int, request: Request) -> dict[str, object]:
        return {"id": thing_id, "request_id": request.state.request_id, **correlation_ids()}

    @inner.post("/{thing_id}")
    async def answer_thing(thing_id: int, answer: Answer) -> int:
        return thing_id + len(answer.words)

    @inner.get("/reset/{token}")
    async def reset(token: str) -> int:
        return len(token)

    @app.post("/raw")
    @app.post("/webhooks/whatsapp")
    @app.post("/telegram_webhook")
    @app.post("/v1/files")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @app.get("/widget/frame")
    async def frame() -> PlainTextResponse:
        return PlainTextResponse("", headers={"Content-Security-Policy": "frame-ancestors https://a.example"})

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("broken")

    @app.get("/livez")
    async def livez() -> str:
        return "ok"

    @app.websocket("/socket")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close(4001)

    app.include_router(inner, prefix="/v1")
    return app


@asynccontextmanager
async def client_of(app: ASGIApp, base: str = "https://lumi.example") -> AsyncGenerator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=base) as client:
        yield client


Client = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture
def client() -> Client:
    """A client of a small application under settings of one's choice."""

    def make(wanted: Wanted | None = None) -> AbstractAsyncContextManager[httpx2.AsyncClient]:
        return client_of(wrap(make_app(), wanted or Wanted()))

    return make


def written(capture: Capture) -> list[Line]:
    lines = [cast("Line", json.loads(line)) for line in capture.readouterr().err.splitlines()]
    return [line for line in lines if line["logger"] == "core.middleware"]


async def test_a_request_gets_an_id_that_its_handler_its_lines_and_its_answer_share(
    client: Client, capsys: Capture
) -> None:
    async with client() as http:
        answer = await http.get("/v1/things/3")
    request_id = answer.headers["x-request-id"]
    assert len(request_id) == 32
    assert answer.json() == {"id": 3, "request_id": request_id}
    assert written(capsys)[0]["request_id"] == request_id


async def test_a_sane_id_that_came_along_is_kept(client: Client) -> None:
    async with client() as http:
        answer = await http.get("/v1/things/3", headers={"X-Request-ID": "proxy-4711.a_b"})
    assert answer.headers["x-request-id"] == "proxy-4711.a_b"


@pytest.mark.parametrize("odd", ["short", "x" * 65, 'a"b-injected-', "a b c d e f g"])
async def test_an_odd_id_that_came_along_is_replaced(client: Client, odd: str) -> None:
    async with client() as http:
        answer = await http.get("/v1/things/3", headers={"X-Request-ID": odd})
    assert answer.headers["x-request-id"] != odd


async def test_the_access_line_has_method_path_status_and_time_and_no_query(client: Client, capsys: Capture) -> None:
    async with client() as http:
        await http.get("/v1/things/3?secret=hush")
    (line,) = written(capsys)
    assert (line["event"], line["method"], line["path"], line["status"]) == (
        *("request", "GET", "/v1/things/3"),
        "200",
    )
    assert cast("float", line["ms"]) >= 0
    assert "hush" not in str(line)


async def test_a_secret_in_a_path_is_hidden(client: Client, capsys: Capture) -> None:
    async with client() as http:
        assert (await http.get("/v1/things/reset/hush-hush")).status_code == 200
    assert written(capsys)[0]["path"] == "/v1/things/reset/***"


async def test_probes_write_no_line(client: Client, capsys: Capture) -> None:
    async with client() as http:
        await http.get("/livez")
    assert written(capsys) == []


def counted(method: str, route: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return metrics.REGISTRY.get_sample_value("lumi_http_requests_total", labels) or 0


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/v1/things/3", "/v1/things/{thing_id}", 200),
        ("GET", "/v1/things/three", "/v1/things/{thing_id}", 422),
        ("DELETE", "/v1/things/3", "/v1/things/{thing_id}", 405),
        ("GET", "/broken", "/broken", 500),
        ("GET", "/nothing/here", "unmatched", 404),
        ("GET", "/files/nothing.css", "/files/*", 404),
    ],
)
async def test_requests_are_counted_under_the_template_of_their_route(
    method: str, path: str, route: str, status: int, tmp_path: Path
) -> None:
    app = make_app()
    app.mount("/files", StaticFiles(directory=tmp_path))
    before = counted(method, route, str(status))
    async with client_of(wrap(app, Wanted())) as http:
        assert (await http.request(method, path)).status_code == status
    assert counted(method, route, str(status)) == before + 1


async def test_an_invented_method_makes_no_new_figure(client: Client) -> None:
    async with client() as http:
        await http.request("BREW", "/nothing/here")
    assert counted("OTHER", "unmatched", "404") >= 1
    assert counted("BREW", "unmatched", "404") == 0


async def test_an_error_page_has_the_id_and_the_headers_too(client: Client) -> None:
    async with client() as http:
        answer = await http.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_answers_carry_strict_headers(client: Client) -> None:
    async with client() as http:
        headers = (await http.get("/v1/things/3")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000"


async def test_strict_transport_is_only_asked_for_where_there_is_https(client: Client) -> None:
    async with client(Wanted(public_url="http://localhost:8000")) as http:
        assert "strict-transport-security" not in (await http.get("/livez")).headers


async def test_a_route_may_set_its_own_policy(client: Client) -> None:
    async with client() as http:
        headers = (await http.get("/widget/frame")).headers
    assert headers.get_list("content-security-policy") == ["frame-ancestors https://a.example"]


@pytest.mark.parametrize("host", ["lumi.example", "LUMI.example:443", "shop.lumi.example", "[::1]:8000"])
async def test_an_accepted_host_is_served(client: Client, host: str) -> None:
    hosts = ["lumi.example", "*.lumi.example", "[::1]"]
    async with client(Wanted(allowed_hosts=hosts)) as http:
        assert (await http.get("/v1/things/3", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evillumi.example", "lumi.example.evil", ""])
async def test_another_host_is_refused(client: Client, host: str) -> None:
    async with client(Wanted(allowed_hosts=["lumi.example", "*.lumi.example"])) as http:
        answer = await http.get("/v1/things/3", headers={"Host": host})
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await http.get("/livez", headers={"Host": host})).status_code == 200


async def test_a_socket_for_another_host_is_closed_before_it_opens() -> None:
    sent = await speak_websocket(wrap(make_app(), Wanted(allowed_hosts=["lumi.example"])), "evil.example")
    assert [(each["type"], each["code"]) for each in sent] == [("websocket.close", 1008)]


async def test_a_socket_passes_all_layers_and_writes_a_line_when_it_ends(capsys: Capture) -> None:
    wanted = Wanted(allowed_hosts=["lumi.example"], cors_origins=["https://a.example"])
    sent = await speak_websocket(wrap(make_app(), wanted), "lumi.example")
    assert [each["type"] for each in sent] == ["websocket.accept", "websocket.close"]
    (line,) = written(capsys)
    assert (line["event"], line["path"], line["closed"]) == ("socket closed", "/socket", 4001)


async def speak_websocket(app: ASGIApp, host: str) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope_of("websocket", "/socket", [(b"host", host.encode())]), receive, send)
    return sent


def scope_of(kind: str, path: str, headers: list[tuple[bytes, bytes]]) -> Scope:
    scope: Scope = {
        "type": kind,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
    }
    return {**scope, "headers": headers, "scheme": "ws", "subprotocols": [], "method": "POST"}


LISTED = Wanted(cors_origins=["https://console.example"])
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


async def test_a_page_of_a_listed_origin_may_call_with_credentials(client: Client) -> None:
    async with client(LISTED) as http:
        headers = (await http.get("/v1/things/3", headers={"Origin": "https://console.example"})).headers
        before = await http.options("/v1/things/3", headers={"Origin": "https://console.example", **PREFLIGHT})
    assert headers["access-control-allow-origin"] == "https://console.example"
    assert headers["access-control-allow-credentials"] == "true"
    assert "Origin" in headers["vary"]
    assert before.status_code == 204
    assert before.headers["access-control-allow-origin"] == "https://console.example"
    assert "Authorization" in before.headers["access-control-allow-headers"]


async def test_a_page_of_another_origin_may_not(client: Client) -> None:
    async with client(LISTED) as http:
        headers = (await http.get("/v1/things/3", headers={"Origin": "https://evil.example"})).headers
        before = await http.options("/v1/things/3", headers={"Origin": "https://evil.example", **PREFLIGHT})
        plain = await http.get("/v1/things/3")
    assert not [name for name in headers if name.startswith("access-control")]
    assert before.status_code == 403
    assert not [name for name in before.headers if name.startswith("access-control")]
    assert "Origin" in plain.headers["vary"]


async def test_any_origin_may_call_only_without_credentials(client: Client) -> None:
    async with client(Wanted(cors_origins=["*", "https://console.example"])) as http:
        for answer in (
            await http.get("/v1/things/3", headers={"Origin": "https://console.example"}),
            await http.options("/v1/things/3", headers={"Origin": "https://evil.example", **PREFLIGHT}),
        ):
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "access-control-allow-credentials" not in answer.headers


async def test_without_listed_origins_no_page_elsewhere_is_answered(client: Client) -> None:
    async with client() as http:
        headers = (await http.get("/v1/things/3", headers={"Origin": "https://evil.example"})).headers
    assert not [name for name in headers if name.startswith("access-control")]


async def pieces(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 100):
        yield b"x" * 100


@pytest.mark.parametrize("streamed", [False, True], ids=["announced", "streamed"])
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/raw", 1000, 200),
        ("/raw", 1100, 413),
        ("/webhooks/whatsapp", 4000, 200),
        ("/webhooks/whatsapp", 4100, 413),
        ("/telegram_webhook", 4000, 200),
        ("/v1/files", 9000, 200),
        ("/v1/files", 9000 + (1 << 17) + 100, 413),
        ("/v1/things/3", 1100, 413),
    ],
)
async def test_a_body_over_the_limit_of_its_path_is_refused(
    client: Client, path: str, size: int, status: int, streamed: bool
) -> None:
    async with client() as http:
        answer = await http.post(path, content=pieces(size) if streamed else b"x" * size)
    assert answer.status_code == status
    if status == 413:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["code"], problem["status"]) == ("too_large", 413)
        assert problem["request_id"] == answer.headers["x-request-id"]


async def test_more_than_was_announced_is_refused_all_the_same() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 600, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await wrap(make_app(), Wanted())(scope_of("http", "/raw", [(b"content-length", b"10")]), receive, send)
    assert [each.get("status") for each in sent] == [413, None, None]
    assert [each.get("more_body", False) for each in sent] == [False, True, False]


@pytest.mark.parametrize("length", ["-1", "ten", "1e3"])
async def test_a_length_that_is_no_number_is_refused(client: Client, length: str) -> None:
    async with client() as http:
        answer = await http.post("/raw", content=b"x", headers={"Content-Length": length})
    assert answer.status_code == 400


async def test_a_refused_body_is_counted_and_written_like_any_answer(client: Client, capsys: Capture) -> None:
    async with client() as http:
        await http.post("/raw", content=b"x" * 2000)
    (line,) = written(capsys)
    assert line["status"] == "413"
