"""Makes the tables, the queue's schema and the account: `python -m benchmarks.conventional.prepare NUMBER`."""

from __future__ import annotations

import asyncio
import sys

from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.conventional.database import open_engine
from benchmarks.conventional.models import Account, Base
from benchmarks.conventional.queue import open_queue, queue


async def main(number: str) -> None:
    """All of it, in an empty database."""
    engine, _ = open_engine(1)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Account(phone_number_id=number, name="Twin"))
    async with open_queue():
        await queue.schema_manager.apply_schema_async()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
