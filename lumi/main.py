"""The web application: settings, layers, refusals, the router; no logic."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from lumi import __version__
from lumi.api import problems
from lumi.api.router import router
from lumi.core import logging, memory, middleware
from lumi.core.settings import Settings, get_settings
from lumi.wiring import furnish, open_house


def create_app(settings: Settings | None = None, *, database_url: str | None = None) -> FastAPI:
    """The application; it connects when it starts and lets go when it stops.

    `database_url` is the application role's; without it the settings say where the database is.
    """
    settings = settings or get_settings()
    logging.configure(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_house(settings.require(), database_url=database_url) as house:
            furnish(app, house)
            yield

    app = FastAPI(
        title="Lumi",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )  # our own layers count and log
    problems.install(app)
    if not settings.is_production:
        from lumi.demo.router import router as demo

        app.include_router(demo)  # before the others: its landing page takes the front door
    app.include_router(router)
    return app


def layered(app: FastAPI, settings: Settings) -> ASGIApp:
    """The application with limits, headers and the request log around it."""
    return middleware.wrap(app, settings)


def application() -> ASGIApp:
    """The application with its layers, from the environment's settings: what `lumi serve` runs."""
    settings = get_settings()
    layers = layered(create_app(settings), settings)
    memory.settle()
    return layers


def __getattr__(name: str) -> ASGIApp:
    """`lumi.main:app`, for servers that want a name instead of a factory; made when it is asked for."""
    if name != "app":
        raise AttributeError(name)
    return application()
