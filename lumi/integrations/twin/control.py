"""The side of a twin that its user talks to: how handlers read what is wished, and how they answer."""

from collections.abc import Awaitable, Callable
from typing import NoReturn, cast

import orjson
from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Refused(Exception):
    """What was asked of the twin makes no sense; the message says why."""


def answered(handler: Callable[[web.Request], Awaitable[object]]) -> Handler:
    """A handler whose result is answered as JSON; what it refuses, with 400 and the reason."""

    async def answer(request: web.Request) -> web.Response:
        status = 200
        try:
            body = await handler(request)
        except Refused as refusal:
            body, status = {"error": str(refusal)}, 400
        return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")

    return answer


async def object_in(request: web.Request) -> dict[str, object]:
    """The JSON object that was posted; raises Refused when it is none."""
    try:
        loaded: object = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise Refused("the body is not JSON") from error
    return cast("dict[str, object]", loaded) if isinstance(loaded, dict) else refuse("the body is not an object")


def whole(request: web.Request, key: str, default: int = 0) -> int:
    """A whole number of the query."""
    value = request.query.get(key, "")
    return int(value) if value.isdecimal() else default


def refuse(why: str) -> NoReturn:
    """Raise Refused."""
    raise Refused(why)
