"""Fetching what somebody else's URL leads to: 127.0.0.2 stands for the internet, 127.0.0.1 is behind our door."""

from __future__ import annotations

import gzip
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web

from lumi.core.http import Http, RateLimited, Rejected, Unavailable
from lumi.core.http.addresses import NotPublic
from lumi.core.http.fetcher import Fetcher, TooMuch, WrongType, redirected, web_address
from tests.core import certificates
from tests.serving import port_at

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
INTERNET, OURS = "127.0.0.2", "127.0.0.1"
LIMIT = 10_000


@dataclass
class Server:
    """A server at both addresses on one port; `seen` says at which it was asked, for which host and path."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    seen: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        address = str(request.transport.get_extra_info("sockname")[0])
        self.seen.append((address, request.headers["Host"], request.path_qs))
        self.headers.append(dict(request.headers))
        return await self.answers[request.path](request)

    def url(self, path: str, host: str = "files.example") -> str:
        return f"http://{host}:{self.port}{path}"


def says(body: bytes = b"hello", status: int = 200, **headers: str) -> Answer:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return answer


def leads_to(place: str, status: int = 302) -> Answer:
    return says(b"", status, Location=place)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    runner = web.ServerRunner(web.Server(made.handle, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    made.port = port_at(INTERNET, OURS)
    try:
        for host in (INTERNET, OURS):
            await web.TCPSite(runner, host, made.port).start()
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(failures_to_open=1000) as opened:
        yield opened


@dataclass
class Names:
    """A name server that gives its answers in turn, the last one for ever."""

    answers: list[Sequence[str]] = field(default_factory=lambda: [[INTERNET]])
    asked: list[str] = field(default_factory=list[str])

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def fetcher(http: Http, server: Server, names: Names) -> Fetcher:
    inside = [ip_network(f"{INTERNET}/32")]
    return Fetcher(http, allow_http=True, ports={server.port}, inside=inside, resolve=names)


async def test_what_is_there_comes_back_with_its_type_and_where_it_was(fetcher: Fetcher, server: Server) -> None:
    server.answers["/a"] = says(b"hello", Content_Type="image/PNG; charset=x")

    found = await fetcher.fetch(server.url("/a?x=1"), limit_bytes=LIMIT, allowed_types=["image/*"])

    assert (found.body, found.mime, found.final_url) == (b"hello", "image/png", server.url("/a?x=1"))
    assert server.seen == [(INTERNET, f"files.example:{server.port}", "/a?x=1")]
    assert server.headers[0]["Accept-Encoding"] == "identity"


async def test_a_name_server_that_changes_its_answer_leads_nowhere_else(
    fetcher: Fetcher, server: Server, names: Names
) -> None:
    server.answers["/a"] = says()
    names.answers = [[INTERNET], [OURS]]

    await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)
    with pytest.raises(NotPublic):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)

    assert names.asked == ["files.example"] * 2
    assert [address for address, _, _ in server.seen] == [INTERNET]


async def test_a_redirect_is_looked_at_like_the_first_url(fetcher: Fetcher, server: Server, names: Names) -> None:
    server.answers |= {"/a": leads_to(f"http://other.example:{server.port}/b"), "/b": says()}
    names.answers = [[INTERNET], [OURS]]

    with pytest.raises(NotPublic):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)

    assert names.asked == ["files.example", "other.example"]
    assert [path for _, _, path in server.seen] == ["/a"]


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1:{port}/b", "http://169.254.169.254:{port}/", "http://[::1]:{port}/b", "//127.0.0.1:{port}/b"],
)
async def test_a_redirect_behind_our_door_is_refused(fetcher: Fetcher, server: Server, place: str) -> None:
    server.answers |= {"/a": leads_to(place.format(port=server.port)), "/b": says()}

    with pytest.raises(NotPublic):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)

    assert len(server.seen) == 1


async def test_three_redirects_are_followed_and_no_fourth(fetcher: Fetcher, server: Server) -> None:
    server.answers |= {f"/{n}": leads_to(f"/{n + 1}", 307) for n in range(5)}
    server.answers["/5"] = says()

    assert (await fetcher.fetch(server.url("/2"), limit_bytes=LIMIT)).final_url == server.url("/5")
    with pytest.raises(Rejected, match="too often"):
        await fetcher.fetch(server.url("/1"), limit_bytes=LIMIT)


async def test_what_proves_who_we_are_stays_with_the_first_origin(fetcher: Fetcher, server: Server) -> None:
    server.answers |= {"/a": leads_to("/b"), "/b": leads_to(server.url("/c", "other.example")), "/c": says()}

    await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT, headers={"Authorization": "Bearer x"})

    assert ["Authorization" in headers for headers in server.headers] == [True, True, False]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://files.example/a", "file:///etc/passwd", "gopher://files.example/", "data:text/plain,x", "", "//x",
        "http://", "http://me:word@files.example/a", "https://files.example:22/a", "http://files.example:6379/",
        "http://[::1", f"http://files.example/{'x' * 5000}",
    ],
)  # fmt: skip
async def test_what_is_no_plain_web_address_is_refused_before_a_name_is_looked_up(
    http: Http, names: Names, url: str
) -> None:
    with pytest.raises(Rejected):
        await Fetcher(http, allow_http=True, resolve=names).fetch(url, limit_bytes=LIMIT)

    assert names.asked == []


async def test_without_leave_nothing_is_asked_in_the_clear(http: Http, names: Names) -> None:
    with pytest.raises(Rejected, match="web addresses"):
        await Fetcher(http, resolve=names).fetch("http://files.example/a", limit_bytes=LIMIT)
    assert names.asked == []


async def test_proxies_of_the_environment_are_not_asked(
    fetcher: Fetcher, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/a"] = says()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert (await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)).body == b"hello"


@pytest.mark.parametrize("announced", [True, False])
async def test_more_than_the_limit_is_refused_announced_or_not(
    fetcher: Fetcher, server: Server, announced: bool
) -> None:
    sent = 0

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Length": str(10**12)} if announced else {})
        await answer.prepare(request)
        try:
            while sent < 10**8:
                await answer.write(bytes(65536))
                sent += 65536
        except ConnectionError:
            pass
        return answer

    server.answers["/a"] = endless

    with pytest.raises(TooMuch):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)
    assert sent < 10**8


async def test_exactly_the_limit_is_taken(fetcher: Fetcher, server: Server) -> None:
    server.answers["/a"] = says(bytes(LIMIT))

    assert len((await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)).body) == LIMIT


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_what_was_packed_unasked_is_unpacked_under_the_same_limit(
    fetcher: Fetcher, server: Server, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    server.answers |= {
        "/fits": says(pack(bytes(LIMIT)), Content_Encoding=coding),
        "/bomb": says(pack(bytes(1 << 24))[:9_900], Content_Encoding=coding),
        "/half": says(pack(bytes(range(256)) * 8)[:-20], Content_Encoding=coding),
        "/lie": says(b"plain words", Content_Encoding=coding),
    }

    assert (await fetcher.fetch(server.url("/fits"), limit_bytes=LIMIT)).body == bytes(LIMIT)
    with pytest.raises(TooMuch):
        await fetcher.fetch(server.url("/bomb"), limit_bytes=LIMIT)
    with pytest.raises(Unavailable, match="breaks off"):
        await fetcher.fetch(server.url("/half"), limit_bytes=LIMIT)
    with pytest.raises(Rejected, match="not packed as it says"):
        await fetcher.fetch(server.url("/lie"), limit_bytes=LIMIT)


async def test_a_packing_nobody_asked_for_is_refused(fetcher: Fetcher, server: Server) -> None:
    server.answers["/a"] = says(b"x", Content_Encoding="br")

    with pytest.raises(Rejected, match="packed in a way"):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT)


async def test_another_type_than_asked_for_is_refused(fetcher: Fetcher, server: Server) -> None:
    server.answers["/a"] = says(b"<html>", Content_Type="text/html")

    with pytest.raises(WrongType):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT, allowed_types=["image/*", "application/pdf"])


async def test_an_answer_that_is_none_is_a_failure_in_the_usual_terms(fetcher: Fetcher, server: Server) -> None:
    server.answers |= {"/404": says(status=404), "/500": says(status=500), "/206": says(status=206)}
    server.answers["/429"] = says(status=429, Retry_After="7")

    for path, kind in {"/404": Rejected, "/500": Unavailable, "/206": Rejected, "/429": RateLimited}.items():
        with pytest.raises(kind):
            await fetcher.fetch(server.url(path), limit_bytes=LIMIT)


async def test_the_time_covers_everything(fetcher: Fetcher, server: Server) -> None:
    import asyncio

    async def drips(request: web.BaseRequest) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(100):
            await answer.write(b".")
            await asyncio.sleep(0.05)
        return answer

    server.answers["/a"] = drips

    with pytest.raises(Unavailable):
        await fetcher.fetch(server.url("/a"), limit_bytes=LIMIT, timeout=0.3)


async def test_a_body_can_be_taken_as_it_comes(fetcher: Fetcher, server: Server) -> None:
    server.answers["/a"] = says(bytes(5000))

    async with fetcher.opened(server.url("/a"), limit_bytes=LIMIT) as found:
        assert sum([len(chunk) async for chunk in found.chunks]) == 5000


async def test_over_tls_the_name_is_asked_for_and_has_to_be_proved(http: Http, tmp_path: Path) -> None:
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.self_made(tmp_path))
    context.sni_callback = lambda _connection, name, _context: asked.append(name)
    runner = web.ServerRunner(web.Server(says(), access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, INTERNET, 0, ssl_context=context).start()
    port = int(runner.addresses[0][1])
    fetcher = Fetcher(http, ports={port}, inside=[ip_network(f"{INTERNET}/32")], resolve=Names())

    with pytest.raises(Unavailable, match="Certificate"):
        await fetcher.fetch(f"https://files.example:{port}/", limit_bytes=LIMIT)

    assert asked == ["files.example"]
    await runner.cleanup()


@pytest.mark.parametrize(
    "location", ["http://files.example/", "http://other.example/", "HTTP:/a", "ftp://files.example/"]
)
def test_a_redirect_away_from_https_is_refused(location: str) -> None:
    with pytest.raises(Rejected, match="away from HTTPS"):
        redirected(web_address("https://files.example/a"), location)


@pytest.mark.parametrize("location", ["data:text/plain,x", "foo:", "ftp://files.example/"])
def test_a_redirect_to_what_is_no_web_address_is_refused(location: str) -> None:
    with pytest.raises(Rejected, match="web addresses"):
        redirected(web_address("http://files.example/a"), location)


@pytest.mark.parametrize(
    ("location", "onward"),
    [
        ("/b", "https://files.example/b"),
        ("//x.example", "https://x.example"),
        ("https://x.example/", "https://x.example/"),
    ],
)
def test_a_redirect_may_be_relative(location: str, onward: str) -> None:
    assert redirected(web_address("https://files.example/a"), location) == web_address(onward)
