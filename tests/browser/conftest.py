"""A served Lumi with the demo organisations and a worker, and a Chromium that looks at it."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from lumi.core.settings import get_settings
from lumi.integrations.twin.serving import listening
from tests.serving import port_at

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from lumi.api.house import House
    from lumi.core.context import Context
    from lumi.core.db import Database
    from tests.journeys.channels.sites import Provider

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 850}


@dataclass(frozen=True)
class Served:
    """Where it answers, and how the salon's owner signs in."""

    url: str
    email: str
    password: str
    site: str
    """A page of another origin, which the salon has listed."""
    elsewhere: str
    """One that it has not."""
    house: House
    telegram: Provider
    """Where it asks for Telegram's bots."""
    messenger: Provider
    """Where it asks for Messenger's pages."""
    whatsapp: Provider
    """A WhatsApp that an account may be told to ask."""


@pytest.fixture(scope="session")
async def served() -> AsyncGenerator[Served]:
    """Lumi on a port of this machine, on a database of its own."""
    import uvicorn

    from lumi.demo import characters
    from lumi.demo.seed import seed
    from lumi.main import create_app, layered
    from lumi.modules.assistant import public as assistant
    from tests import template
    from tests.journeys.channels import sites
    from tests.serving import on_a_port, working

    async with (
        template.copy_of_template(f"browser_{secrets.token_hex(4)}") as url,
        sites.telegram() as telegram,
        sites.messenger() as messenger,
        sites.whatsapp() as whatsapp,
    ):
        # Not WhatsApp's: the demo's phone is played only where no other server is named.
        twins = {"telegram": telegram, "messenger": messenger}
        bases = {f"{name}_api_base": twin.url for name, twin in twins.items()}
        app = create_app(get_settings().model_copy(update=bases), database_url=url)
        async with app.router.lifespan_context(app):
            await asyncio.to_thread(assistant.prepare)
            keys = await seed(app.state.house.db, get_settings())
            config = uvicorn.Config(layered(app, get_settings()), port=0, lifespan="off", log_config=None)
            owner = next(each.owner for each in characters.everyone() if each.slug == "salon-eclat")
            async with working(app.state.house), on_a_port(config) as port:
                url = f"http://127.0.0.1:{port}"
                async with pages_with_widget(url) as (site, elsewhere):
                    await allow_page(app.state.house.db, "salon-eclat", site)
                    pages = f"{site}/page", f"{elsewhere}/page"
                    yield Served(url, owner.email, keys.password, *pages, app.state.house, **twins, whatsapp=whatsapp)


@asynccontextmanager
async def pages_with_widget(lumi: str) -> AsyncGenerator[tuple[str, str]]:
    """Two origins that serve a page with the salon's widget on it."""
    html = (
        f'<!doctype html><title>A page</title><script src="{lumi}/widget.js" data-tenant="salon-eclat" async></script>'
    )

    async def show(_request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    def pages() -> web.Application:
        app = web.Application()
        app.router.add_get("/page", show)
        return app

    port = port_at("127.0.0.1", "127.0.0.2")
    async with listening(pages(), "127.0.0.1", port), listening(pages(), "127.0.0.2", port) as elsewhere:
        yield f"http://localhost:{port}", elsewhere


async def allow_page(database: Database, slug: str, origin: str) -> None:
    """Let a page of this origin show the organisation's widget."""
    from lumi.modules.tenants import public as tenants
    from lumi.modules.tenants.public import TenantChanges, TenantSettings
    from tests import factories

    tenant = await tenants.find_by_slug(database, slug)
    assert tenant is not None
    async with factories.begin_work(database, tenant) as ctx:
        changes = TenantChanges(settings=TenantSettings(widget_origins=(origin,)))
        await tenants.change(ctx, version=None, changes=changes)


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """The machine's own Chromium."""
    from playwright.async_api import async_playwright, expect

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("there is no Chromium; on Debian: apt install chromium")
    expect.set_options(timeout=15_000)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@dataclass
class Window:
    """One window, and what its console complained of."""

    page: Page
    complaints: list[str]


async def open_window(browser: Browser, locale: str, size: dict[str, int]) -> Window:
    """A fresh browser profile in a language and size."""
    context = await browser.new_context(locale=locale, viewport={"width": size["width"], "height": size["height"]})
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_default_timeout(15_000)
    return Window(page, complaints)


async def is_wider_than_the_window(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    parts = "[document.documentElement, document.querySelector('main')]"
    return bool(await page.evaluate(f"{parts}.some((each) => each.scrollWidth > each.clientWidth)"))


@asynccontextmanager
async def at_work(served: Served, slug: str = "salon-eclat") -> AsyncGenerator[Context]:
    """What happens to an organisation behind the pages."""
    from lumi.modules.tenants import public as tenants
    from tests import factories

    tenant = await tenants.find_by_slug(served.house.db, slug)
    assert tenant is not None
    async with factories.begin_work(served.house.db, tenant) as ctx:
        yield ctx


async def enter_console(
    page: Page, served: Served, path: str, *, email: str | None = None, password: str | None = None
) -> None:
    """Sign in to the console, as the salon's owner or as somebody else, at an address of it."""
    await page.goto(f"{served.url}/console{path}")
    await page.locator("input[type=email]").fill(email or served.email)
    await page.locator("input[type=password]").fill(password or served.password)
    await page.keyboard.press("Enter")
    await page.locator("header.top").wait_for()
