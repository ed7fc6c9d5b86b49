"""How a handler gets to the house: from the state of the application it came in through."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from lumi.api.house import House


async def enter(connection: HTTPConnection) -> House:
    """The same for a handler to depend on; a plain function would cost a hop to a thread on every request."""
    return house_of(connection)


def house_of(connection: HTTPConnection) -> House:
    """The house a request or socket came into."""
    return cast("House", connection.app.state.house)


Inside = Annotated[House, Depends(enter)]
