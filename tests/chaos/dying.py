"""Processes that die, or stop, at one step of the line: a worker with a turn in its hands, a web with a body."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from lumi.demo.keys import free_port
from lumi.integrations.graph import signature
from tests import branching
from tests.conftest import HOME

if TYPE_CHECKING:
    from tests.journeys.conftest import Line

ENVIRONMENT = {"APP_ENV": "test", "LUMI_HOME": str(HOME), "PYTHONPATH": os.getcwd(), "LOG_LEVEL": "ERROR"}
PATIENCE_SECONDS = 60.0


@asynccontextmanager
async def mortal(*arguments: str, **environment: str) -> AsyncGenerator[branching.Branch]:
    """A process from when it is ready; it is gone for certain afterwards."""
    own = {**os.environ, **ENVIRONMENT, **environment}
    process, said = branching.start("tests.chaos.mortal", *arguments, folder=branching.ROOT, environment=own)
    with said:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert await asyncio.to_thread(said.readline), "it ended before it was ready"
            yield process
        finally:
            process.end()


@asynccontextmanager
async def until_dead(*arguments: str, **environment: str) -> AsyncGenerator[None]:
    """A process from when it is ready; what is done in the block has it die."""
    async with mortal(*arguments, **environment) as process, asyncio.timeout(PATIENCE_SECONDS):
        yield
        assert await asyncio.to_thread(process.wait) == -signal.SIGKILL


async def post_in_vain(line: Line, database_url: str, body: bytes, step: str, when: str) -> None:
    """Post a body to a web process that dies of it before it answers."""
    port = free_port()
    headers = {signature.HEADER: signature.sign(line.secret, body)}
    async with until_dead("web", database_url, step, when, str(port)), aiohttp.ClientSession() as provider:
        with pytest.raises(aiohttp.ClientError):
            await provider.post(f"http://127.0.0.1:{port}/webhook", data=body, headers=headers)
