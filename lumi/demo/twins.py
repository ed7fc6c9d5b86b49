"""`python -m lumi.demo.twins WEBHOOK`: WhatsApp as the demo organisations see it, one twin each in one process."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from lumi.core.loop import run
from lumi.core.settings import get_settings
from lumi.demo import keys
from lumi.demo.keys import DemoKeys
from lumi.integrations.twin.serving import listening
from lumi.integrations.whatsapp.fake.server import application
from lumi.integrations.whatsapp.fake.twin import Twin, TwinSettings


def main() -> None:
    """Serve until SIGTERM or SIGINT, at the port that demo.json says."""
    run(_serve(sys.argv[1]))


@asynccontextmanager
async def playing(kept: DemoKeys, webhook: str) -> AsyncGenerator[None]:
    """The twins of all organisations below one port, each under its slug; events are posted to `webhook`."""
    async with AsyncExitStack() as stack:
        root = web.Application()
        for player in kept.players:
            twin = Twin(
                TwinSettings(
                    token=player.access_token,
                    app_secret=player.app_secret,
                    numbers={player.phone_number_id: player.display_phone_number},
                    webhook_url=webhook,
                )
            )
            stack.push_async_callback(twin.close)
            root.add_subapp(f"/{player.slug}", application(twin))
        async with listening(root, port=kept.twin_port):
            yield


async def _serve(webhook: str) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    kept = keys.find(get_settings().lumi_home)
    if kept is None:
        sys.exit("there are no demo organisations here: run `lumi seed`")
    async with playing(kept, webhook):
        await told.wait()


if __name__ == "__main__":
    main()
