"""Pages: what is served, under which policy, kept how long; and what production leaves out."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from lumi.core.settings import Settings, get_settings
from lumi.modules.tenants import public as tenants
from lumi.modules.tenants.public import Tenant, TenantChanges, TenantSettings
from tests.conftest import Begin

if TYPE_CHECKING:
    from httpx2 import AsyncClient

FILES = {
    "widget/frame.html": "<!doctype html><title>chat</title>" + "x" * 2_000,
    "widget/frame-B1.js": "const chat = 1;",
    "widget/widget.js": "const loader = 1;",
    "console/index.html": "<!doctype html><title>console</title>",
    "console/assets/index-B2.js": "const inbox = 1;",
    "demo/index.html": "<!doctype html><title>landing</title>",
    "demo/phone.html": "<!doctype html><title>phone</title>",
    "docs/index.html": "<!doctype html><title>docs</title>",
}


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built front end beside a file that is none of its."""
    folder = tmp_path / "dist"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (tmp_path / "secret.txt").write_text("not for you")
    monkeypatch.setenv("LUMI_WEB_DIST", str(folder))
    return folder


def directives(policy: str) -> dict[str, list[str]]:
    """A content security policy, by directive."""
    parts = (each.split() for each in policy.split(";"))
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "landing"), ("/demo/phone", "phone"), ("/console", "console"), ("/docs", "docs"),
        ("/console/conversations/018f", "console"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("build")
async def test_a_page_runs_only_our_scripts_and_is_asked_for_anew(client: AsyncClient, path: str, title: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert f"<title>{title}</title>" in answer.text
    policy = directives(answer.headers["content-security-policy"])
    assert policy["script-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["default-src"] == ["'none'"]
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("build")
async def test_the_frame_may_be_shown_on_the_sites_the_organisation_listed(
    client: AsyncClient, tenant: Tenant, other_tenant: Tenant, begin: Begin
) -> None:
    sites = TenantSettings(widget_origins=("https://www.example.org", "https://*.example.net"))
    async with begin(tenant) as ctx:
        await tenants.change(ctx, version=None, changes=TenantChanges(settings=sites))

    ours = await client.get(f"/widget/frame/{tenant.slug}")
    theirs = await client.get(f"/widget/frame/{other_tenant.slug}")

    listed = directives(ours.headers["content-security-policy"])["frame-ancestors"]
    assert listed == ["'self'", "https://www.example.org", "https://*.example.net"]
    assert directives(theirs.headers["content-security-policy"])["frame-ancestors"] == ["'self'"]


@pytest.mark.usefixtures("build")
async def test_the_chat_of_nobody_is_not_found_and_still_a_page(client: AsyncClient, tenant: Tenant) -> None:
    known, unknown = await client.get(f"/chat/{tenant.slug}"), await client.get("/chat/nobody")

    assert known.status_code == 200
    assert unknown.status_code == 404
    assert unknown.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/assets/widget/frame-B1.js", "/console/assets/index-B2.js"])
@pytest.mark.usefixtures("build")
async def test_files_named_after_their_content_are_kept_for_ever(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.usefixtures("build")
async def test_the_loader_may_be_fetched_from_any_site_and_is_renewed_soon(client: AsyncClient) -> None:
    answer = await client.get("/widget.js", headers={"origin": "https://shop.example"})

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.usefixtures("build")
async def test_pages_travel_packed_to_who_takes_that(client: AsyncClient, tenant: Tenant) -> None:
    packed = await client.get(f"/chat/{tenant.slug}", headers={"accept-encoding": "gzip"})
    plain = await client.get(f"/chat/{tenant.slug}", headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == FILES["widget/frame.html"]
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


@pytest.mark.parametrize(
    "path", ["/assets/widget/../../secret.txt", "/assets/widget/%2e%2e/%2e%2e/secret.txt", "/assets/widget/none.js"]
)
@pytest.mark.usefixtures("build")
async def test_nothing_outside_the_build_is_served(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert "not for you" not in answer.text


async def test_a_rebuilt_file_is_served_at_once(client: AsyncClient, build: Path) -> None:
    before = await client.get("/console")
    (build / "console" / "index.html").write_text("<!doctype html><title>console of tomorrow</title>")
    after = await client.get("/console", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert "tomorrow" in after.text


async def test_an_unbuilt_front_end_says_how_to_build_it(
    client: AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMI_WEB_DIST", str(tmp_path))
    answer = await client.get("/console")

    assert answer.status_code == 503
    assert "make setup" in answer.text


@pytest.fixture
async def production_client() -> AsyncGenerator[AsyncClient]:
    """A client of an application of production, whose pages need no database."""
    from httpx2 import ASGITransport, AsyncClient

    from lumi.main import create_app, layered

    settings: Settings = get_settings().model_copy(
        update={"app_env": "production", "secret_key": SecretStr("k" * 40), "public_url": "https://lumi.example"}
    )
    transport = ASGITransport(app=layered(create_app(settings), settings), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


@pytest.mark.parametrize(
    "path", ["/demo/phone", "/demo/organisations", "/demo/phone/messages", "/assets/demo/index.js"]
)
@pytest.mark.usefixtures("build")
async def test_production_has_no_demo(production_client: AsyncClient, path: str) -> None:
    assert (await production_client.get(path)).status_code == 404


@pytest.mark.usefixtures("build")
async def test_production_opens_with_the_console(production_client: AsyncClient) -> None:
    answer = await production_client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/console")
