"""The web application: settings, layers, refusals, the router; no logic."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cached_property

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from lumi import __version__
from lumi.api import description, problems
from lumi.api.router import router
from lumi.core import logging, memory, middleware, protocol
from lumi.core.db import Database
from lumi.core.figures import scrape
from lumi.core.settings import Settings, get_settings
from lumi.wiring import furnish, open_house

log = logging.get_logger("lumi.web")


def create_app(settings: Settings | None = None, *, database_url: str | None = None) -> FastAPI:
    """The application; it connects when it starts and lets go when it stops.

    `database_url` is the application role's; without it the settings say where the database is.
    """
    settings = settings or get_settings()
    logging.configure(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with (
            open_house(settings.require(), database_url=database_url) as house,
            scrape.told(settings, house.db, "web"),
            _while_of_its_time(house.db),
        ):
            furnish(app, house)
            yield

    app = FastAPI(
        title=settings.app_name,
        debug=settings.debug,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # our own layers count and log
    )
    problems.install(app)
    if not settings.is_production:
        from lumi.demo.router import router as demo

        app.include_router(demo)  # before the others: its landing page takes the front door
    app.include_router(router)
    description.install(app, settings)
    return app


@asynccontextmanager
async def _while_of_its_time(db: Database) -> AsyncGenerator[None]:
    """This server is told to stop, as by whoever runs it, when processes of a newer protocol take over."""

    async def step_down() -> None:
        await protocol.until_newer(db.pool)
        log.warning("web_outdated", protocol=protocol.PROTOCOL)
        os.kill(os.getpid(), signal.SIGTERM)

    watching = asyncio.ensure_future(step_down())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def layered(app: FastAPI, settings: Settings) -> ASGIApp:
    """The application with limits, headers and the request log around it."""
    return middleware.wrap(app, settings)


def application() -> ASGIApp:
    """The application with its layers, from the environment's settings: what `lumi serve` runs."""
    settings = get_settings()
    layers = layered(create_app(settings), settings)
    memory.settle()
    return layers


class _OfTheEnvironment:
    """The same, made when a server first calls it: importing this module reads no settings."""

    @cached_property
    def _made(self) -> ASGIApp:
        return application()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._made(scope, receive, send)


# For servers that want a name instead of a factory: `uvicorn lumi.main:app`.
app = _OfTheEnvironment()
