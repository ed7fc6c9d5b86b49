"""A database out of reach: known for what it is, by either way in."""

from pathlib import Path

import pytest
from sqlalchemy import text

from lumi.core.db import Database, is_gone, open_engine

# No such host, no such socket, nobody who listens.
NOWHERE = [
    "postgresql://lumi@no-such-host.invalid/lumi",
    "postgresql:///lumi?host={folder}",
    "postgresql://127.0.0.1:1/x",
]


@pytest.mark.parametrize("url", NOWHERE)
async def test_a_server_out_of_reach_is_known_to_be_away(alone: Database, tmp_path: Path, url: str) -> None:
    url = url.format(folder=tmp_path)
    with pytest.raises(OSError, match="PostgreSQL cannot be reached") as by_the_pool:
        await Database.open(url)

    nowhere = Database(alone.pool, open_engine(url, pool_size=1), url)
    with pytest.raises(OSError, match="PostgreSQL cannot be reached") as by_a_session:
        async with nowhere.transaction(None) as session:
            await session.execute(text("select 1"))

    assert is_gone(by_the_pool.value)
    assert is_gone(by_a_session.value)
