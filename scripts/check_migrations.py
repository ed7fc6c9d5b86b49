"""On an empty database every revision goes up, down and up again, and what stands at the end is what the models say.

    python scripts/check_migrations.py

It starts a server of its own, in memory where there is room. Ends with 1 and the revision at fault.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from asyncpg import PostgresError
from sqlalchemy.exc import SQLAlchemyError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Step:
    """One way, as somebody would type it."""

    words: str
    take: Callable[[], None]


def main() -> int:
    """Take every step in order; 1 at the first that fails."""
    from lumi.core.server import attach

    async def check() -> int:
        async with attach.scratch() as server:
            os.environ.update(DATABASE_URL=server.owner_url, SECRET_KEY="k" * 40, APP_ENV="test")
            return await asyncio.to_thread(walk, steps(Config(ROOT / "alembic.ini")))

    return asyncio.run(check())


def steps(config: Config) -> Iterator[Step]:
    """Each revision up, down, up; then the comparison; then all the way down and up."""
    before = "base"
    for revision in revisions(config):
        yield Step(f"upgrade {revision}", lambda to=revision: command.upgrade(config, to))
        yield Step(f"downgrade {before}", lambda to=before: command.downgrade(config, to))
        yield Step(f"upgrade {revision} again", lambda to=revision: command.upgrade(config, to))
        before = revision
    yield Step("check", lambda: command.check(config))
    yield Step("downgrade base", lambda: command.downgrade(config, "base"))
    yield Step("upgrade head", lambda: command.upgrade(config, "head"))
    yield Step("check again", lambda: command.check(config))


def revisions(config: Config) -> Sequence[str]:
    """All revisions, the oldest first."""
    found = ScriptDirectory.from_config(config).walk_revisions()
    return [each.revision for each in found][::-1]


def walk(way: Iterator[Step]) -> int:
    """Take the steps, and say of each that it went well."""
    for step in way:
        try:
            step.take()
        except (CommandError, SQLAlchemyError, PostgresError) as error:
            print(f"{step.words}: FAILED\n{error}", file=sys.stderr)
            return 1
        print(f"{step.words}: ok", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
