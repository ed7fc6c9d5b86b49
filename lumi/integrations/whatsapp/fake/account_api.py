"""The side of the twin that is about the business account: its subscription and its templates."""

from __future__ import annotations

import orjson
from aiohttp import web

from lumi.core.outside_json import Unreadable, as_text, load_object
from lumi.integrations.graph.fake.subscription import echoes
from lumi.integrations.graph.fake.tokens import debugged
from lumi.integrations.whatsapp.fake.access import DONE, Access, json_answer, refusing
from lumi.integrations.whatsapp.fake.graph import GraphError
from lumi.integrations.whatsapp.fake.twin import Twin

_NOT_VERIFIED = 2200
_PAGE = 25
_LONGEST_PAGE = 1000


class AccountApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin, access: Access) -> None:
        self._twin = twin
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/{version}/{object}/subscribed_apps", refusing(self.subscribe)),
            web.get("/{version}/{object}/message_templates", refusing(self.list_templates)),
            web.get("/{version}/debug_token", refusing(self.debug_token)),
        ]

    async def subscribe(self, request: web.Request) -> web.Response:
        """Post to another address from now on, once it has echoed a challenge; without one, as before."""
        self._access.account(request)
        body = await request.read()
        try:
            wishes = load_object(body or b"{}")
        except Unreadable as error:
            raise GraphError(400, 100, "The body is not JSON") from error
        url = as_text(wishes.get("override_callback_uri"))
        if url is not None:
            if not await echoes(url, as_text(wishes.get("verify_token")) or ""):
                raise GraphError(400, _NOT_VERIFIED, "Callback verification failed")
            self._twin.poster.url = url
        return json_answer(DONE)

    async def debug_token(self, request: web.Request) -> web.Response:
        """When a token ends, asked by one that is known."""
        self._access.check(request)
        settings = self._twin.settings
        is_known = request.query.get("input_token") == settings.token
        told = debugged(settings.app_id, "SYSTEM_USER", is_known, settings.token_expires_at)
        return json_answer(orjson.dumps(told))

    async def list_templates(self, request: web.Request) -> web.Response:
        """The account's templates, page by page."""
        self._access.account(request)
        wished = request.query.get("limit", "")
        limit = min(int(wished), _LONGEST_PAGE) if wished.isdecimal() and int(wished) else _PAGE
        return json_answer(orjson.dumps(self._twin.templates.listed(limit, request.query.get("after", ""))))
