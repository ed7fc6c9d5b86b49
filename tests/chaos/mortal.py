"""A web or worker process that dies by SIGKILL at one step of the line: the real parts, and a hand on the switch.

    python -m tests.chaos.mortal worker DATABASE_URL save after
    python -m tests.chaos.mortal web DATABASE_URL ingest before PORT

`before` dies when the step's call to the database is about to go out, `after` when it has come back; `stopped` is
`before` by SIGSTOP, from which it may be woken.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from lumi.core.http.wire import LookedAt
from lumi.core.settings import get_settings
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.main import create_app, layered
from lumi.modules.assistant.repository import Turns
from lumi.modules.channels.public import Courtesies, Receiver, Sender
from lumi.modules.conversations.public import Uniter
from lumi.modules.files.public import Vault
from lumi.wiring import open_house, open_worker

R = TypeVar("R")
STEPS: dict[str, tuple[type[object], str]] = {
    "ingest": (Receiver, "_commit"),
    "unite": (Uniter, "__call__"),
    "begin": (Turns, "_begin_all"),
    "save": (Turns, "_save_all"),
    "depart": (Turns, "_depart_all"),
    "post": (Sender, "send_text"),
    "leave": (LookedAt, "write_with_length"),
    "finish": (Turns, "_finish_all"),
    "fetch": (Sender, "fetch_media"),
    "bring": (Sender, "bring"),
    "keep": (Vault, "store"),
    "hear": (OpenAiTranscriber, "transcribe"),
}
# That somebody writes is shown by a post of its own, which may leave before what is written.
SIGN: tuple[type[object], str] = (Courtesies, "show")


def show_nothing(*_args: object, **_named: object) -> None:
    """Instead of a sign."""


def die() -> None:
    """No goodbye: what a power cut leaves behind."""
    os.kill(os.getpid(), signal.SIGKILL)


def make_mortal(step: str, when: str) -> None:
    """Let this process die, or stop, the first time it comes to the step."""
    owner, name = STEPS[step]
    real: Callable[..., Awaitable[object]] = getattr(owner, name)

    async def mortal(*args: object, **named: object) -> object:
        if when == "stopped":
            setattr(owner, name, real)
            os.kill(os.getpid(), signal.SIGSTOP)
            return await real(*args, **named)
        if when == "before":
            die()
        result = await real(*args, **named)
        die()
        return result

    setattr(owner, name, mortal)
    if step == "leave":
        setattr(*SIGN, show_nothing)


async def work(url: str) -> None:
    """Be a worker until the end."""
    async with open_house(get_settings(), database_url=url) as house:
        runner = await open_worker(house)
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        await runner.run()


async def serve(url: str, port: int) -> None:
    """Be a web process until the end."""
    import uvicorn

    app = layered(create_app(database_url=url), get_settings())
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    await serving


if __name__ == "__main__":
    role, url, step, when, *rest = sys.argv[1:]
    make_mortal(step, when)
    asyncio.run(work(url) if role == "worker" else serve(url, int(rest[0])))
