"""Whether this process lives, and whether what it needs answers."""

import asyncio
import time
from collections.abc import Awaitable

import orjson
from fastapi import APIRouter
from fastapi.responses import Response

from lumi.api.house import House
from lumi.api.inside import Inside
from lumi.core import auth, leaving
from lumi.core.db import DATABASE_GONE, fetch
from lumi.core.errors import NotFound
from lumi.core.figures import scrape
from lumi.core.redis_health import RedisState
from lumi.core.runner import living_workers

ANSWER_SECONDS = 3.0

router = APIRouter(tags=["health"], dependencies=[auth.public])


@router.get("/healthz")
async def describe_health(house: Inside) -> Response:
    """The database and Redis by name: 503 without the database, `degraded` and still 200 without a configured Redis."""
    database = await _timed(fetch(house.db.pool, "select 1"), "latency_ms")
    redis = await house.redis.look()
    working = "degraded" if redis.get("status") is RedisState.DOWN else "ok"
    status = working if database["status"] == "ok" else "down"
    body = {"status": status, "database": database, "redis": redis}
    return Response(orjson.dumps(body), 503 if status == "down" else 200, media_type="application/json")


@router.get("/livez")
async def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/health/live")
async def check_liveness() -> dict[str, str]:
    """The same as `/livez`."""
    return await live()


@router.get("/readyz")
async def ready(house: Inside) -> Response:
    """Each dependency by its name; 503 without the database, and when this process is about to stop."""
    database = await _timed(fetch(house.db.pool, "select 1"))
    workers = await _workers(house) if database["status"] == "ok" else {"status": "unknown"}
    works = database["status"] == "ok"
    status = "ok" if works and workers["status"] == "ok" else "degraded" if works else "down"
    if leaving.has_begun():
        status = "leaving"
    body = {"status": status, "database": database, "workers": workers}
    is_ready = works and not leaving.has_begun()
    return Response(orjson.dumps(body), 200 if is_ready else 503, media_type="application/json")


@router.get("/health/ready")
async def check_readiness(house: Inside) -> Response:
    """The same as `/readyz`."""
    return await ready(house)


@router.get("/metrics", include_in_schema=False)
async def figures(house: Inside) -> Response:
    """All figures of all processes on this machine, in the format Prometheus reads; 404 where they are switched off."""
    if not house.settings.prometheus_enabled:
        raise NotFound
    body, media_type = await scrape.answered(house.db)
    return Response(body, media_type=media_type)


async def _workers(house: House) -> dict[str, object]:
    alive = await living_workers(house.db.pool)
    return {"status": "ok" if alive else "down", "alive": alive}


async def _timed(call: Awaitable[object], measured_as: str = "milliseconds") -> dict[str, object]:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await call
    except DATABASE_GONE as error:  # a time-out is one of them
        return {"status": "down", "reason": type(error).__name__}
    return {"status": "ok", measured_as: round((time.perf_counter() - began) * 1000, 2)}
