"""What one web process holds: built by `main`, read by handlers from the application's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from lumi.core.cache import Cache
from lumi.core.db import Database
from lumi.core.http import Http
from lumi.core.limits import Limiter
from lumi.core.realtime import Realtime
from lumi.core.settings import Settings
from lumi.modules.channels import public as channels


@dataclass(frozen=True, slots=True)
class House:
    """The connections and services of this process."""

    settings: Settings
    db: Database
    realtime: Realtime
    limiter: Limiter
    cache: Cache
    http: Http
    receiver: channels.Receiver
    sender: channels.Sender


async def enter(connection: HTTPConnection) -> House:
    """The same for a handler to depend on; a plain function would cost a hop to a thread on every request."""
    return house_of(connection)


def house_of(connection: HTTPConnection) -> House:
    """The house a request or socket came into."""
    return cast("House", connection.app.state.house)


Inside = Annotated[House, Depends(enter)]
