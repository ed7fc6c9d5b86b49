"""What `/healthz` says of Redis, and what `scripts/smoke_redis.sh` makes of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic import SecretStr

from lumi.core.settings import Settings, get_settings
from lumi.main import create_app, layered
from tests.core.conftest import MakeRedis, RedisServer, make_redis, redis_server
from tests.serving import on_a_port
from tests.waiting import until

SMOKE = Path(__file__).resolve().parents[2] / "scripts" / "smoke_redis.sh"

__all__ = ["make_redis", "redis_server"]

Health = dict[str, dict[str, object]]


def with_redis(url: str | None) -> Settings:
    """The settings of the tests with this Redis."""
    return get_settings().model_copy(update={"redis_url": None if url is None else SecretStr(url)})


@asynccontextmanager
async def served(database_url: str, redis_url: str | None) -> AsyncGenerator[AsyncClient]:
    """The whole application on a port, with this Redis."""
    settings = with_redis(redis_url)
    app = create_app(settings, database_url=database_url)
    async with app.router.lifespan_context(app):
        config = uvicorn.Config(layered(app, settings), port=0, lifespan="off", log_config=None, ws="none")
        async with on_a_port(config) as port, AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client


async def health(client: AsyncClient, status_code: int = 200) -> Health:
    answer: Response = await client.get("/healthz")
    assert answer.status_code == status_code
    return cast("Health", json.loads(answer.text))


async def health_of_redis(
    client: AsyncClient, status: str, reason: str | None = None, *, status_code: int = 200
) -> Health:
    """What is said once Redis is said to be so: on a busy machine a look may take longer than the second it has."""
    found: list[Health] = []

    async def so() -> bool:
        found.append(await health(client, status_code))
        redis = found[-1]["redis"]
        return redis["status"] == status and (reason is None or redis["reason"] == reason)

    await until(so, what=f"Redis being {status}")
    return found[-1]


async def smoke(client: AsyncClient) -> subprocess.CompletedProcess[str]:
    """What the script says of this Lumi."""
    return await asyncio.to_thread(
        subprocess.run, [str(SMOKE), str(client.base_url)], capture_output=True, text=True, timeout=30, check=False
    )


async def test_a_redis_that_answers_is_ok_and_says_how_quickly(database_url: str, redis_server: RedisServer) -> None:
    async with served(database_url, redis_server.url) as client:
        said = await health_of_redis(client, "ok")
        assert said["status"] == "ok"
        assert said["database"]["status"] == "ok"
        assert set(said["redis"]) == {"status", "latency_ms"}
        assert said["redis"]["status"] == "ok"
        assert 0 < cast("float", said["redis"]["latency_ms"]) < 1000

        done = await smoke(client)
        assert done.returncode == 0
        assert done.stdout.startswith("Redis is ok: it answers in ")


async def test_a_redis_over_tls_is_ok_too(database_url: str, make_redis: MakeRedis) -> None:
    async with served(database_url, f"{make_redis(tls=True).url}?ssl_cert_reqs=none") as client:
        await health_of_redis(client, "ok")
        assert (await smoke(client)).returncode == 0


async def test_without_a_redis_it_is_disabled_and_nothing_is_wrong_but_the_smoke_test_says_why(
    database_url: str,
) -> None:
    async with served(database_url, None) as client:
        said = await health(client)
        assert (said["status"], said["redis"]) == ("ok", {"status": "disabled", "latency_ms": None})

        done = await smoke(client)
        assert done.returncode != 0
        assert done.stderr == "Redis is not well: none is configured. Set REDIS_URL and start Lumi again.\n"


async def test_a_redis_killed_half_way_is_down_while_lumi_goes_on_and_ok_when_it_is_back(
    database_url: str, redis_server: RedisServer
) -> None:
    async with served(database_url, redis_server.url) as client:
        await health_of_redis(client, "ok")
        redis_server.stop()
        said = await health_of_redis(client, "down", "ConnectionError")
        assert (said["status"], said["redis"]["status"], said["redis"]["latency_ms"]) == ("degraded", "down", None)
        assert said["database"]["status"] == "ok"
        assert redis_server.place not in json.dumps(said)

        done = await smoke(client)
        assert done.returncode != 0
        assert done.stderr.startswith("Redis is not well: it is down (ConnectionError).")

        redis_server.start()
        assert (await health_of_redis(client, "ok"))["status"] == "ok"
        assert (await smoke(client)).returncode == 0


async def test_a_redis_with_another_password_is_down(database_url: str, make_redis: MakeRedis) -> None:
    server = make_redis("--requirepass", "right")
    async with served(database_url, f"redis://:wrong@{server.place}") as client:
        assert (await health_of_redis(client, "down", "AuthenticationError"))["redis"] == {
            "status": "down", "latency_ms": None, "reason": "AuthenticationError"
        }  # fmt: skip


async def test_without_the_database_it_is_down_and_503_though_redis_is_well(
    database_url: str, redis_server: RedisServer
) -> None:
    settings = with_redis(redis_server.url)
    app = create_app(settings, database_url=database_url)
    async with app.router.lifespan_context(app):
        await app.state.house.db.pool.close()
        async with AsyncClient(transport=ASGITransport(app=app), base_url="http://localhost") as client:
            said = await health_of_redis(client, "ok", status_code=503)
            assert (said["status"], said["database"]["status"]) == ("down", "down")
            assert (await client.get("/health/live")).json() == {"status": "ok"}
            assert (await client.get("/health/ready")).status_code == (await client.get("/readyz")).status_code == 503


async def test_the_smoke_test_says_when_nobody_answers_or_somebody_else_does() -> None:
    done = await asyncio.to_thread(
        subprocess.run, [str(SMOKE), "http://127.0.0.1:9"], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0
    assert "nobody answers at http://127.0.0.1:9/healthz" in done.stderr


@pytest.mark.parametrize(("path", "other"), [("/health/live", "/livez"), ("/health/ready", "/readyz")])
async def test_both_names_of_a_probe_say_the_same(client: AsyncClient, path: str, other: str) -> None:
    first, second = await client.get(path), await client.get(other)
    assert first.status_code == second.status_code
    assert first.json()["status"] == second.json()["status"]
