"""Puts a twin on a port, inside this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from lumi.integrations.speech.fake.control import Control
from lumi.integrations.speech.fake.hearing import Hearing
from lumi.integrations.speech.fake.misbehaving import Misbehaving
from lumi.integrations.speech.fake.refusals import MOST_BYTES
from lumi.integrations.speech.fake.speaking import Speaking
from lumi.integrations.speech.fake.twin import Twin, TwinSettings
from lumi.integrations.twin.serving import LOOPBACK, served

_FORM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RunningTwin:
    """A twin and the address it answers at, without a trailing slash."""

    twin: Twin
    url: str


def application(twin: Twin) -> web.Application:
    """The twin as an aiohttp application."""
    app = web.Application(client_max_size=2 * MOST_BYTES + _FORM_BYTES)
    hearing, speaking, through = Hearing(twin), Speaking(twin), Misbehaving(twin).guarded
    app.add_routes(
        [
            *Control(twin).routes(),
            web.post("/v1/audio/transcriptions", through(hearing.transcribe)),
            web.post("/v1/audio/speech", through(speaking.speak)),
            web.get("/v1/models", through(speaking.list_models)),
            web.route("*", "/api/tts", through(speaking.speak_coqui, keyed=False)),
            web.get("/locales", through(speaking.list_locales, keyed=False)),
        ]
    )
    return app


@asynccontextmanager
async def running(
    settings: TwinSettings | None = None, host: str = LOOPBACK, port: int = 0
) -> AsyncGenerator[RunningTwin]:
    """A twin on this host and port (0: any free one) until the end of the block."""
    twin = Twin(settings or TwinSettings())
    async with served(twin, application(twin), host, port) as url:
        yield RunningTwin(twin, url)
