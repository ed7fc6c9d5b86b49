"""Notes over LISTEN and NOTIFY: one connection that sends, one that listens, one channel for all topics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, cast

import asyncpg

from lumi.core.realtime_link import LinkLost

if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]

CHECK_SECONDS = 10.0
ANSWER_SECONDS = 5.0

_SEND = "select pg_notify('lumi_note', note) from unnest($1::text[]) as note"

_LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgresLink:
    """A note is `<number> <topic> <json>`. The number keeps two equal notes apart: one transaction tells
    the same payload only once."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._sending: _Connection | None = None
        self._hearing: _Connection | None = None
        self._numbers = count()

    async def send(self, group: Sequence[tuple[str, str]]) -> None:
        """Publish in one statement and one transaction."""
        lines = [f"{next(self._numbers)} {topic} {text}" for topic, text in group]
        try:
            if self._sending is None or self._sending.is_closed():
                self._sending = await self._connect("lumi realtime send")
            await self._sending.execute(_SEND, lines, timeout=ANSWER_SECONDS)
        except _LOST as lost:
            self._drop_sending()
            raise LinkLost(type(lost).__name__) from lost

    async def listen(self, heard: Callable[[str, str], None], listening: Callable[[], None]) -> None:
        """Hear everything there is; the caller knows which topics anybody reads."""

        def take(*message: object) -> None:
            _number, topic, text = cast("str", message[3]).split(" ", 2)
            heard(topic, text)

        gone = asyncio.Event()
        connection: _Connection | None = None
        try:
            connection = await self._connect("lumi realtime listen")
            self._hearing = connection
            connection.add_termination_listener(lambda _connection: gone.set())
            await connection.add_listener("lumi_note", take)
            listening()
            await self._until_gone(connection, gone)
        except _LOST as lost:
            raise LinkLost(type(lost).__name__) from lost
        finally:
            if connection is not None:
                connection.terminate()
        raise LinkLost("connection closed")

    async def watch(self, topic: str) -> None:
        """Nothing to do: all topics are one channel."""

    async def unwatch(self, topic: str) -> None:
        """Nothing to do: all topics are one channel."""

    async def close(self) -> None:
        """Close both connections."""
        self._drop_sending()
        if self._hearing is not None:
            self._hearing.terminate()

    async def _until_gone(self, connection: _Connection, gone: asyncio.Event) -> None:
        while not gone.is_set():
            try:
                await asyncio.wait_for(gone.wait(), CHECK_SECONDS)
            except TimeoutError:
                # A peer that vanished without a word is only found by asking.
                await connection.execute("select 1", timeout=ANSWER_SECONDS)

    async def _connect(self, name: str) -> _Connection:
        named = {"application_name": name}
        return await asyncpg.connect(self._dsn, timeout=ANSWER_SECONDS, server_settings=named)

    def _drop_sending(self) -> None:
        if self._sending is not None:
            self._sending.terminate()
            self._sending = None
