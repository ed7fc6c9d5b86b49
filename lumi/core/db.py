"""The database: one driver (asyncpg), two ways in.

Everything a person edits goes through SQLAlchemy sessions with the tenant bound by a listener; the path of a
message is SQL functions over the plain pool. Only this file commits.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, ClassVar, TypeAlias, cast
from urllib.parse import quote
from uuid import UUID

import asyncpg
from sqlalchemy import BigInteger, Connection, DateTime, Text, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Drop: TypeAlias = Callable[[UUID, str, str], Awaitable[None]]

# Where a session keeps the tenant, kind and key of what is no longer true once it is committed.
OUTDATED = "outdated"

# What the driver raises when the server is not there, going away or full; the last, when it dies between two questions
# of the driver's own.
DATABASE_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def is_gone(error: BaseException) -> bool:
    """Whether an error says nothing but that the database is away, from the driver or through SQLAlchemy.

    Not so what is of a kind with these and would come again for ever: an argument the driver does not take, a file that
    is missing, something that takes too long. A server out of reach is always a ConnectionError (`_connect`).
    """
    if isinstance(error, DBAPIError):
        adapted = error.__cause__  # between the driver's own and SQLAlchemy's there is one of its adapter
        driven = (adapted.__cause__ if adapted is not None else None) or adapted
        return error.connection_invalidated or (driven is not None and is_gone(driven))
    of_the_system = isinstance(error, OSError) and not isinstance(error, ConnectionError)
    return isinstance(error, DATABASE_GONE) and not of_the_system and not isinstance(error, ValueError)


_BIND = text("select set_config('app.tenant_id', :t, true), set_config('app.current_creator_id', :t, true)")


class Base(DeclarativeBase):
    """The models of all modules. A text is `text`, an instant has its zone."""

    type_annotation_map: ClassVar[dict[object, object]] = {str: Text(), datetime: DateTime(timezone=True)}


# A number given under a lane's lock, or a version: it may outgrow 32 bits.
Big = Annotated[int, mapped_column(BigInteger)]


class TenantTable:
    """Columns every tenant table begins with."""

    tenant_id: Mapped[UUID] = mapped_column()
    id: Mapped[UUID] = mapped_column(primary_key=True)


class _BoundSession(Session):
    """A session that always says which tenant it serves, so that nothing leaks through the pool."""


@event.listens_for(_BoundSession, "after_begin")
def bind_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Bind the tenant, or none, at the start of every transaction: architecture section 4."""
    connection.execute(_BIND, {"t": session.info.get("tenant_id", "")})


class Database:
    """Connections of one process to one database as the application role."""

    def __init__(self, pool: Pool, engine: AsyncEngine, url: str) -> None:
        self.pool = pool
        self.engine = engine
        self.url = url
        # Who drops what a committed transaction has outdated; wiring sets it.
        self.drop: Drop | None = None
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, sync_session_class=_BoundSession)

    @classmethod
    async def open(cls, url: str, *, pool_size: int = 10) -> Database:
        """Connect; raises OSError or asyncpg.PostgresError when the server does not answer."""
        url = plain_url(url)
        pool = await asyncpg.create_pool(
            url, min_size=1, max_size=pool_size, connect=_connect, reset=_keep, init=_prepare
        )
        return cls(pool, open_engine(url, pool_size=pool_size), url)

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self, tenant_id: UUID | None) -> AsyncGenerator[AsyncSession]:
        """One transaction bound to a tenant (or to none: then no tenant row is visible)."""
        async with self._sessions(info={"tenant_id": str(tenant_id or "")}) as session, session.begin():
            yield session
        if self.drop is not None:
            for name in cast("list[tuple[UUID, str, str]]", session.info.get(OUTDATED, [])):
                await self.drop(*name)


def open_engine(url: str, *, pool_size: int) -> AsyncEngine:
    """SQLAlchemy's way in. It connects when it is first asked something."""
    connect_args = {"async_creator_fn": _connect}
    return create_async_engine(alchemy_url(url), pool_size=pool_size, max_overflow=0, connect_args=connect_args)


async def _connect(*args: object, **how: object) -> asyncpg.Connection[asyncpg.Record]:
    """What `asyncpg.connect` answers; an error of the system says that it is the database's."""
    connect = cast("Callable[..., Awaitable[asyncpg.Connection[asyncpg.Record]]]", asyncpg.connect)
    try:
        return await connect(*args, **how)
    except OSError as error:  # no such host, no such socket, no answer in time
        raise ConnectionError(f"PostgreSQL cannot be reached: {error or type(error).__name__}") from error


async def fetch(pool: Pool, statement: str, *args: object) -> list[asyncpg.Record]:
    """Rows of one statement in a transaction of its own."""
    return await pool.fetch(statement, *args)


def plain_url(url: str) -> str:
    """The URL as the driver wants it, whichever of the usual schemes it was written with."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+asyncpg"} or not rest:
        raise ValueError("DATABASE_URL must begin with postgres://, postgresql:// or postgresql+asyncpg://")
    return f"postgresql://{rest}"


def alchemy_url(url: str) -> str:
    """The same URL as SQLAlchemy wants it."""
    parsed = make_url(plain_url(url)).set(drivername="postgresql+asyncpg")
    return parsed.render_as_string(hide_password=False)


def app_url(owner_url: str, password: str) -> str:
    """The same database as the application role."""
    scheme, rest = plain_url(owner_url).split("://", 1)
    _, _, place = rest.rpartition("@")
    return f"{scheme}://lumi_app:{quote(password, safe='')}@{place}"


async def _keep(_connection: object) -> None:
    """No RESET between uses: the tenant is only ever bound inside a transaction."""


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.execute("set timezone to 'UTC'")


def rows_affected(result: object) -> int:
    """How many rows a DML statement changed."""
    return cast("int", getattr(result, "rowcount", 0))


__all__: Sequence[str] = (
    "DATABASE_GONE",
    "Base",
    "Database",
    "TenantTable",
    "alchemy_url",
    "fetch",
    "is_gone",
    "open_engine",
    "plain_url",
    "rows_affected",
)
