"""Whether this process lives, and whether what it needs answers."""

import contextlib
import time
from collections.abc import Awaitable

import orjson
from fastapi import APIRouter
from fastapi.responses import Response

from lumi.api.house import House
from lumi.api.inside import Inside
from lumi.core import auth, metrics
from lumi.core.db import DATABASE_GONE, fetch

router = APIRouter(tags=["health"], dependencies=[auth.public])


@router.get("/livez")
async def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(house: Inside) -> Response:
    """Each dependency by its name; 503 while the database or every worker is missing."""
    database = await _timed(fetch(house.db.pool, "select 1"))
    workers = await _workers(house) if database["status"] == "ok" else {"status": "unknown"}
    is_ready = database["status"] == "ok"
    status = "ok" if is_ready and workers["status"] == "ok" else "degraded" if is_ready else "down"
    body = {"status": status, "database": database, "workers": workers}
    return Response(orjson.dumps(body), 200 if is_ready else 503, media_type="application/json")


@router.get("/metrics", include_in_schema=False)
async def figures(house: Inside) -> Response:
    """All figures, in the format Prometheus reads; what only the database knows is asked now."""
    await _ask_lanes(house)
    body, media_type = metrics.render()
    return Response(body, media_type=media_type)


async def _ask_lanes(house: House) -> None:
    """How many lanes wait, and how long: NaN while nobody can tell."""
    due = oldest = float("nan")
    with contextlib.suppress(*DATABASE_GONE):
        ((due, oldest),) = await fetch(house.db.pool, "select due, oldest_seconds from app.lanes_waiting()")
    metrics.LANES_DUE.set(due)
    metrics.LANE_OLDEST_SECONDS.set(oldest)


async def _workers(house: House) -> dict[str, object]:
    rows = await fetch(house.db.pool, "select count(*) from worker where beat_at > clock_timestamp() - interval '10 s'")
    alive = rows[0][0]
    return {"status": "ok" if alive else "down", "alive": alive}


async def _timed(call: Awaitable[object]) -> dict[str, object]:
    began = time.perf_counter()
    try:
        await call
    except DATABASE_GONE as error:
        return {"status": "down", "reason": type(error).__name__}
    return {"status": "ok", "milliseconds": round((time.perf_counter() - began) * 1000, 2)}
