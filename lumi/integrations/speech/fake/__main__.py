"""`python -m lumi.integrations.speech.fake`: a twin of its own, until it is told to end."""

import argparse
import os

from lumi.integrations.speech.fake.server import running
from lumi.integrations.speech.fake.twin import TwinSettings
from lumi.integrations.twin import command


def main() -> None:
    """Serve as the command line says; one JSON line on standard output tells where and with which key."""
    command.run(_serve(_parser().parse_args()))


def _parser() -> argparse.ArgumentParser:
    return command.parser(
        "lumi.integrations.speech.fake",
        "A server with the shapes of OpenAI's audio API and of Coqui's. Its key is taken from "
        "STT_API_KEY, or made up and printed.",
        logged="everything heard and spoken",
    )


async def _serve(asked: argparse.Namespace) -> None:
    settings = TwinSettings(log_path=asked.log, seed=asked.seed)
    given = os.environ.get("STT_API_KEY")
    settings.token = given or settings.token
    async with running(settings, asked.host, asked.port) as served:
        said: dict[str, object] = {"url": served.url, "models": list(settings.models)}
        if not given:
            said["token"] = settings.token
        await command.until_told(said)


if __name__ == "__main__":
    main()
