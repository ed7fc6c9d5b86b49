"""Where the twin gives access tokens for refresh tokens, as RFC 6749 has it and Microsoft does it."""

from __future__ import annotations

import asyncio

from aiohttp import web

from lumi.integrations.mailbox.fake.grants import Given, TokenError
from lumi.integrations.mailbox.fake.twin import Twin

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class TokenEndpoint:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where it is reached."""
        return [web.post("/token", self.exchange), web.post("/devicecode", self.invite)]

    async def invite(self, request: web.Request) -> web.Response:
        """A code for who has no browser."""
        form = await request.post()
        try:
            device = self._twin.grants.invite(str(form.get("client_id", "")))
        except TokenError as refusal:
            return web.Response(status=refusal.status, body=refusal.body, content_type="application/json")
        told = {"device_code": device.code, "user_code": device.user_code, "expires_in": 900, "interval": 1}
        return web.json_response({**told, "verification_uri": f"{request.url.origin()}/devicelogin"})

    async def exchange(self, request: web.Request) -> web.Response:
        """A form comes, JSON goes."""
        twin = self._twin
        form = {name: str(value) for name, value in (await request.post()).items()}
        if twin.faults.token_delay_ms:
            await asyncio.sleep(twin.faults.token_delay_ms / 1000)
        if twin.dice.falls(twin.faults.token_fail_rate):
            return web.Response(status=500, text="Simulated failure")
        try:
            given = self._given(form)
        except TokenError as refusal:
            twin.counts["tokens_refused"] += 1
            return web.Response(status=refusal.status, body=refusal.body, content_type="application/json")
        return web.json_response(_told(given))

    def _given(self, form: dict[str, str]) -> Given:
        client_id, client_secret = form.get("client_id", ""), form.get("client_secret", "")
        if form.get("grant_type") == DEVICE_CODE:
            return self._twin.grants.redeem(client_id, client_secret, form.get("device_code", ""))
        if form.get("grant_type") != "refresh_token":
            raise TokenError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        return self._twin.grants.exchange(client_id, client_secret, form.get("refresh_token", ""))


def _told(given: Given) -> dict[str, object]:
    told: dict[str, object] = {
        "token_type": "Bearer", "expires_in": given.seconds, "access_token": given.access_token,
    }  # fmt: skip
    return told | ({"refresh_token": given.refresh_token} if given.refresh_token else {})
