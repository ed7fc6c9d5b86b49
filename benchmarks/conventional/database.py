"""Engine and sessions, one pool a process."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.conventional.settings import settings

Sessions = async_sessionmaker[AsyncSession]


def open_engine(pool_size: int) -> tuple[AsyncEngine, Sessions]:
    """An engine whose connections stay open, and its session maker."""
    engine = create_async_engine(settings.alchemy_url(), pool_size=pool_size, max_overflow=0)
    return engine, async_sessionmaker(engine, expire_on_commit=False)
