"""Processes that die at one step of the line: a worker with a turn in its hands, a web process with a body."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from lumi.demo.keys import free_port
from lumi.integrations.graph import signature
from tests.conftest import HOME

if TYPE_CHECKING:
    from tests.journeys.conftest import Line

ENVIRONMENT = {"APP_ENV": "test", "LUMI_HOME": str(HOME), "PYTHONPATH": os.getcwd(), "LOG_LEVEL": "ERROR"}
PATIENCE_SECONDS = 60.0


@asynccontextmanager
async def until_dead(*arguments: str, **environment: str) -> AsyncGenerator[None]:
    """A process from when it is ready; what is done in the block has it die, and it is gone for certain afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.mortal", *arguments,
        env={**os.environ, **ENVIRONMENT, **environment}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert process.stdout is not None
            assert await process.stdout.readline(), "it ended before it was ready"
            yield
            assert await process.wait() == -9
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def post_in_vain(line: Line, database_url: str, body: bytes, step: str, when: str) -> None:
    """Post a body to a web process that dies of it before it answers."""
    port = free_port()
    headers = {signature.HEADER: signature.sign(line.secret, body)}
    async with until_dead("web", database_url, step, when, str(port)), aiohttp.ClientSession() as provider:
        with pytest.raises(aiohttp.ClientError):
            await provider.post(f"http://127.0.0.1:{port}/webhook", data=body, headers=headers)
