"""The side of the twin that a business talks to: tokens, certificates and the Gmail API."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from lumi.core.outside_json import as_object, as_text
from lumi.integrations.gmail.base64url import from_base64
from lumi.integrations.gmail.fake import views
from lumi.integrations.gmail.fake.google import ApiError, TokenError, not_found, simulated, wrong_token
from lumi.integrations.gmail.fake.mailbox import Mailbox
from lumi.integrations.gmail.fake.pushes import CERTS_KEPT_SECONDS, certs
from lumi.integrations.gmail.fake.twin import Twin
from lumi.integrations.gmail.fake.uploads import read_upload

LARGEST_MAIL_BYTES = 36_700_160
_HANG_SECONDS = 300.0
_USER = "/gmail/v1/users/{user}"
_MOST_RESULTS = 500

Call = Callable[[web.Request, Mailbox], Awaitable[object]]


class GmailApi:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached. The units are what each call costs of the quota."""
        return [
            web.post("/token", self.grant),
            web.get("/oauth2/v3/certs", self.show_certs),
            web.get(f"{_USER}/profile", self._guarded(self.show_profile, 5)),
            web.post(f"{_USER}/watch", self._guarded(self.watch, 100)),
            web.post(f"{_USER}/stop", self._guarded(self.stop, 50)),
            web.get(f"{_USER}/history", self._guarded(self.show_history, 2)),
            web.get(f"{_USER}/messages", self._guarded(self.search, 5)),
            web.post(f"{_USER}/messages/send", self._guarded(self.send, 100, is_send=True)),
            web.post(f"/upload{_USER}/messages/send", self._guarded(self.send, 100, is_send=True)),
            web.get(f"{_USER}/messages/{{id}}", self._guarded(self.show_mail, 20)),
        ]

    async def grant(self, request: web.Request) -> web.Response:
        """Exchange a refresh token for an access token."""
        form = await request.post()
        asked = {name: str(form.get(name, "")) for name in ("client_id", "client_secret", "refresh_token")}
        try:
            if form.get("grant_type") != "refresh_token":
                raise TokenError(400, "unsupported_grant_type", "Invalid grant_type: ")
            token = self._twin.grant(asked["client_id"], asked["client_secret"], asked["refresh_token"])
        except TokenError as error:
            return _json(error.body, error.status)
        seconds = self._twin.settings.token_seconds
        scope = "https://www.googleapis.com/auth/gmail.modify"
        granted = {"access_token": token, "expires_in": seconds, "scope": scope, "token_type": "Bearer"}
        return _json(orjson.dumps(granted))

    async def show_certs(self, _request: web.Request) -> web.Response:
        """The keys that pushes are signed with."""
        self._twin.counts["certs"] += 1
        kept = {"Cache-Control": f"public, max-age={CERTS_KEPT_SECONDS}, must-revalidate, no-transform"}
        return web.Response(body=certs(), content_type="application/json", headers=kept)

    async def show_profile(self, _request: web.Request, mailbox: Mailbox) -> object:
        """Who the mailbox is and where its history stands."""
        return views.profile(mailbox)

    async def watch(self, request: web.Request, mailbox: Mailbox) -> object:
        """Push changes from now on."""
        if (await _fields(request)).get("topicName") != self._twin.settings.topic:
            raise ApiError(400, "Invalid topicName does not match projects/*/topics/*")
        self._twin.watch(mailbox)
        return {"historyId": str(mailbox.history_id), "expiration": str(int(mailbox.watched_until * 1000))}

    async def stop(self, _request: web.Request, mailbox: Mailbox) -> object:
        """Push nothing any more."""
        mailbox.watched_until = 0.0
        return {}

    async def show_history(self, request: web.Request, mailbox: Mailbox) -> object:
        """What was added since; the list is missing when there is nothing."""
        since = request.query.get("startHistoryId", "")
        if not since.isdecimal():
            raise ApiError(400, "Invalid value at 'start_history_id'" if since else "Missing 'startHistoryId'")
        added = mailbox.added_since(int(since), request.query.get("labelId"))
        page, following = _page(request, added, 100)
        return views.history(mailbox, page, following)

    async def search(self, request: web.Request, mailbox: Mailbox) -> object:
        """The mails that a search finds; the list is missing when there are none."""
        everywhere = request.query.get("includeSpamTrash") == "true"
        found = mailbox.search(request.query.get("q", ""), everywhere=everywhere)
        page, following = _page(request, found, 100)
        return views.listing(page, len(found), following)

    async def show_mail(self, request: web.Request, mailbox: Mailbox) -> object:
        """One mail, in one of the formats raw, metadata and minimal."""
        letter = mailbox.letters.get(request.match_info["id"])
        if letter is None:
            raise not_found()
        wanted = {each.lower() for each in request.query.getall("metadataHeaders", [])}
        return views.mail(letter, request.query.get("format", "full"), wanted)

    async def send(self, request: web.Request, mailbox: Mailbox) -> object:
        """Take a mail, as JSON or as an upload."""
        raw, thread_id = await _mail_in(request)
        if not raw:
            raise ApiError(400, "'raw' RFC822 payload message string or uploading message via /upload/* URL required")
        if len(raw) > LARGEST_MAIL_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        return views.brief(self._twin.send(mailbox, raw, thread_id))

    def _guarded(
        self, call: Call, units: int, *, is_send: bool = False
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                mailbox = self._admit(request)
                self._twin.charge(mailbox, units)
                await self._fail_first(is_send=is_send)
                answer = orjson.dumps(await call(request, mailbox))
            except ApiError as error:
                self._twin.counts["refused"] += 1
                return _json(error.body, error.status)
            if is_send:
                await self._fail_afterwards(request)
            return _json(answer)

        return handle

    def _admit(self, request: web.Request) -> Mailbox:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        mailbox = self._twin.opened_by(token) if scheme == "Bearer" else None
        if mailbox is None:
            raise wrong_token()
        if request.match_info["user"] not in ("me", mailbox.address):
            raise ApiError(403, f"Delegation denied for {mailbox.address}", "forbidden")
        return mailbox

    async def _fail_first(self, *, is_send: bool) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if is_send and dice.falls(faults.hang_rate):
            await asyncio.sleep(_HANG_SECONDS)
        if dice.falls(faults.fail_rate if is_send else faults.fail_reads):
            raise simulated(faults.status)

    async def _fail_afterwards(self, request: web.Request) -> None:
        faults, dice = self._twin.faults, self._twin.dice
        if faults.delay_ms:
            await asyncio.sleep(faults.delay_ms / 1000)
        if dice.falls(faults.disconnect_after_accept_rate) and request.transport is not None:
            request.transport.abort()


async def _fields(request: web.Request) -> dict[str, object]:
    try:
        loaded: object = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "Invalid JSON payload received. Parse error.", "parseError") from error
    return as_object(loaded)


async def _mail_in(request: web.Request) -> tuple[bytes, str | None]:
    """The bytes of the mail that is to be sent, and the thread it is meant for."""
    if request.path.startswith("/upload/"):
        return read_upload(await request.read(), request.headers.get("Content-Type", ""))
    fields = await _fields(request)
    raw = as_text(fields.get("raw")) or ""
    if not all(each.isalnum() or each in "-_=" for each in raw):
        raise ApiError(400, "Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed")
    try:
        return from_base64(raw), as_text(fields.get("threadId"))
    except ValueError as error:
        raise ApiError(400, "Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed") from error


def _page(request: web.Request, found: list[views.T], usual: int) -> tuple[list[views.T], str | None]:
    """As many as were asked for, from where the page token says, and the token of the next page."""
    size = request.query.get("maxResults", "")
    most = min(max(int(size), 1), _MOST_RESULTS) if size.isdecimal() else usual
    token = request.query.get("pageToken", "")
    if token and not token.isdecimal():
        raise ApiError(400, "Invalid pageToken")
    start = int(token) if token else 0
    return found[start : start + most], str(start + most) if start + most < len(found) else None


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="application/json")
