"""The side of the twin that an account talks to: the Graph API's calls."""

import asyncio
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from lumi.core import clock
from lumi.integrations.graph.fake.tokens import debugged
from lumi.integrations.messenger.fake.graph_error import GraphError, invalid, unknown_object, wrong_token
from lumi.integrations.messenger.fake.nodes import account_node, message_node, selected
from lumi.integrations.messenger.fake.send import Action, read_post
from lumi.integrations.messenger.fake.twin import Twin

_VERSION = re.compile(r"v\d+\.\d+")
_HANG_SECONDS = 300.0
_DONE: dict[str, object] = {"success": True}
_YOUNGEST_RENEWED_HOURS = 24
_SIXTY_DAYS_SECONDS = 5_183_944
_SUBSCRIBED_FIELDS = "subscribed_fields"


class GraphApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._renewed: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/{version}/{node}/messages", self.post_message),
            web.get("/{version}/{node}/subscribed_apps", self._answering(self.show_subscription)),
            web.post("/{version}/{node}/subscribed_apps", self._answering(self.subscribe)),
            web.delete("/{version}/{node}/subscribed_apps", self._answering(self.unsubscribe)),
            web.get("/{version}/debug_token", self._answering(self.debug_token)),
            web.get("/refresh_access_token", self._answering(self.renew_token)),
            web.get("/{version}/{node}", self._answering(self.show_node)),
        ]

    async def post_message(self, request: web.Request) -> web.Response:
        """Take a message or an action, or fail in the way that was asked for."""
        try:
            self._admit(request)
            self._must_be_account(request)
            asked = read_post(await request.read(), self._twin.surface)
            await self._fail_first()
            if isinstance(asked, Action):
                self._twin.act(asked)
                answer: dict[str, object] = {"recipient_id": asked.person_id}
            else:
                self._twin.admit(asked)
                answer = {"recipient_id": asked.person_id, "message_id": await self._twin.accept(asked)}
        except GraphError as error:
            self._twin.counts["refused"] += 1
            return _refusal(error)
        return await self._fail_afterwards(request, answer)

    async def show_node(self, request: web.Request) -> dict[str, object]:
        """The account, or a message by its id."""
        name, fields = request.match_info["node"], request.query.get("fields", "")
        if name in self._own_names():
            kind, node = account_node(self._twin.settings)
            return selected(kind, node, fields)
        found = self._twin.chats.with_message(name)
        if found is None:
            raise unknown_object(name)
        return selected("Message", message_node(self._twin.settings, *found), fields)

    async def show_subscription(self, request: web.Request) -> dict[str, object]:
        """The one app there is, when it is subscribed."""
        self._must_be_account(request)
        fields = sorted(self._twin.fields)
        app = {"id": self._twin.settings.app_id, "name": "Twin's app", _SUBSCRIBED_FIELDS: fields}
        return {"data": [app] if fields else []}

    async def subscribe(self, request: web.Request) -> dict[str, object]:
        """Post these kinds of events from now on, and no others."""
        self._must_be_account(request)
        known = sorted(set(self._twin.page_fields.values()))
        wished = [each.strip() for each in request.query.get(_SUBSCRIBED_FIELDS, "").split(",")]
        for place, name in enumerate(wished):
            if name not in known:
                raise invalid(f"Param subscribed_fields[{place}] must be one of {{{', '.join(known)}}}")
        self._twin.fields = frozenset(wished)
        return _DONE

    async def unsubscribe(self, request: web.Request) -> dict[str, object]:
        """Post nothing any more."""
        self._must_be_account(request)
        self._twin.fields = frozenset()
        return _DONE

    async def debug_token(self, request: web.Request) -> dict[str, object]:
        """When a token ends. Instagram Login has no such thing."""
        settings = self._twin.settings
        if self._has_login_of_its_own():
            raise unknown_object("debug_token")
        is_known = request.query.get("input_token") in self._tokens()
        return debugged(settings.app_id, "PAGE", is_known, settings.token_expires_at)

    async def renew_token(self, request: web.Request) -> dict[str, object]:
        """Sixty days more for a token of Instagram Login that is a day old and has not ended."""
        settings = self._twin.settings
        if not self._has_login_of_its_own():
            raise unknown_object("refresh_access_token")
        if request.query.get("grant_type") != "ig_refresh_token":
            raise invalid("Unsupported grant type")
        if settings.token_age_hours < _YOUNGEST_RENEWED_HOURS:
            raise invalid("The access token must be at least 24 hours old to be refreshed")
        self._renewed.append("IGAA" + secrets.token_urlsafe(40))
        answer: dict[str, object] = {"access_token": self._renewed[-1], "token_type": "bearer"}
        return {**answer, "expires_in": _SIXTY_DAYS_SECONDS}

    def _has_login_of_its_own(self) -> bool:
        return self._twin.surface.object == "instagram" and self._twin.settings.page_id is None

    def _answering(
        self, handler: Callable[[web.Request], Awaitable[dict[str, object]]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            try:
                self._admit(request)
                return _json(await handler(request))
            except GraphError as error:
                return _refusal(error)

        return answer

    def _admit(self, request: web.Request) -> None:
        header = request.headers.get("Authorization", "")
        given = header.removeprefix("Bearer ") if header else request.query.get("access_token", "")
        if not any(hmac.compare_digest(given.encode("utf-8", "replace"), each.encode()) for each in self._tokens()):
            raise wrong_token(given)
        version = request.match_info.get("version")
        if version is not None and not _VERSION.fullmatch(version):
            raise unknown_object(version)

    def _tokens(self) -> list[str]:
        """A renewed token stands beside the one it was made from."""
        return [self._twin.settings.token, *self._renewed]

    def _must_be_account(self, request: web.Request) -> None:
        if request.match_info["node"] not in self._own_names():
            raise unknown_object(request.match_info["node"])

    def _own_names(self) -> tuple[str, str]:
        settings = self._twin.settings
        return "me", settings.page_id or settings.account_id

    async def _fail_first(self) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if dice.falls(faults.hang_rate):
            await asyncio.sleep(_HANG_SECONDS)
        if dice.falls(faults.fail_rate):
            raise GraphError(faults.status, faults.error_code, "Simulated failure", faults.error_subcode)

    async def _fail_afterwards(self, request: web.Request, answer: dict[str, object]) -> web.Response:
        faults, dice = self._twin.faults, self._twin.dice
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate) and request.transport is not None:
            if "message_id" in answer:
                self._twin.ledger.cut(str(answer["message_id"]), clock.now().timestamp())
            request.transport.abort()
        return _json(answer)


def _refusal(error: GraphError) -> web.Response:
    return web.Response(body=error.body, status=error.status, content_type="application/json")


def _json(answer: dict[str, object]) -> web.Response:
    return web.Response(body=orjson.dumps(answer), content_type="application/json")
