"""Post every known body, damaged in every way: `make test-bodies`, with CASES=folder for other bodies.

Each folder of bodies has the name of its channel. Printed: how many were acknowledged (each of them is in the line,
in the dead letters or counted as ignored), how many refused (nobody had proved them), and what went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lumi.core.settings import Settings, get_settings

if TYPE_CHECKING:
    from lumi.api.house import House
    from tests.bodies.postman import Tally
    from tests.bodies.recorded import Body

HOME = Path(__file__).resolve().parents[2] / ".lumi" / "test"
# A port nobody listens on: what is said here is said to nobody.
NOWHERE = "http://127.0.0.1:9"


async def run(folder: Path | None, mutations: int, dice: int) -> int:
    """Post, print the figure; 1 when a promise did not hold."""
    from tests.bodies.recorded import bodies

    known = bodies(folder)
    if not known:
        print(f"There is no body in {folder}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    tally = await _posted(known, mutations, dice)
    for error in tally.errors:
        print(f"  {error}")
    print(f"{tally}; seed {dice}, {time.monotonic() - began:.0f} s")
    return 1 if tally.errors else 0


async def _posted(known: Sequence[Body], mutations: int, dice: int) -> Tally:
    """Everything posted to the whole application on a database of its own, and read by a worker."""
    import asyncpg
    from httpx2 import ASGITransport, AsyncClient
    from sqlalchemy.engine import make_url

    from lumi.integrations.gmail.fake import server as google
    from lumi.main import create_app, layered
    from lumi.wiring import providers
    from tests import factories, template
    from tests.bodies.doors import opened
    from tests.bodies.postman import Postman
    from tests.bodies.trace import Tracks

    told = get_settings().model_copy(update={"uploads_root": Path(tempfile.mkdtemp()), "log_level": "CRITICAL"})
    async with template.cluster() as place, template.copy_of_template("bodies") as url, google.running() as gmail:
        app = create_app(told, database_url=url)
        here = make_url(place.admin).set(database=make_url(url).database)
        async with app.router.lifespan_context(app), asyncpg.create_pool(
            here.render_as_string(hide_password=False), min_size=1, max_size=1
        ) as admin:  # fmt: skip
            house: House = app.state.house
            tenant = await factories.make_tenant(house.db)
            kinds = list(providers(told, house.http))
            doors = await opened(house, tenant, kinds, known, nowhere=NOWHERE, certs_url=gmail.certs_url)
            tracks = Tracks(admin)
            transport = ASGITransport(app=layered(app, told), raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url="http://localhost") as client:
                post = Postman(client, tracks.take, doors)
                for body in known:
                    await post.deliver(body, mutations=mutations, dice=dice)
            post.tally.errors += await tracks.unread(house)
            return post.tally


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bodies", description=__doc__)
    parser.add_argument("--mutations", type=int, default=120, help="of each body")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL"):
        os.environ.pop(name, None)
    os.environ.update(APP_ENV="test", LUMI_HOME=str(HOME), RATE_LIMIT_ENABLED="false")
    Settings.model_config["env_file"] = None
    get_settings.cache_clear()
    cases = os.environ.get("CASES")
    return asyncio.run(run(Path(cases) if cases else None, asked.mutations, asked.seed))


if __name__ == "__main__":
    sys.exit(main())
