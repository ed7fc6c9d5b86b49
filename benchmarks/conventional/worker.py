"""The worker process: `python -m benchmarks.conventional.worker`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvloop

from benchmarks.conventional.database import open_engine
from benchmarks.conventional.queue import Means, Post, open_queue, queue
from benchmarks.conventional.settings import settings

CONNECTIONS = 100


@asynccontextmanager
async def httpx2_client(headers: dict[str, str]) -> AsyncGenerator[Post]:
    """One client for the process, its connections kept."""
    import httpx2

    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx2.AsyncClient(headers=headers, limits=limits) as client:

        async def post(url: str, body: dict[str, object]) -> bytes:
            answer = await client.post(url, json=body)
            answer.raise_for_status()
            return answer.content

        yield post


@asynccontextmanager
async def aiohttp_client(headers: dict[str, str]) -> AsyncGenerator[Post]:
    """The same with aiohttp."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as client:

        async def post(url: str, body: dict[str, object]) -> bytes:
            async with client.post(url, json=body) as answer:
                answer.raise_for_status()
                return await answer.read()

        yield post


async def main() -> None:
    """Take turns until told to stop."""
    engine, Means.sessions = open_engine(settings.worker_pool)
    headers = {"Authorization": f"Bearer {settings.access_token.get_secret_value()}"}
    client = aiohttp_client if settings.sped_up else httpx2_client
    async with client(headers) as Means.post, open_queue():
        await queue.run_worker_async(
            concurrency=settings.concurrency, listen_notify=True, delete_jobs="successful", wait=True
        )
    await engine.dispose()


if __name__ == "__main__":
    uvloop.run(main())
