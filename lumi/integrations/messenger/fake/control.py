"""The side of the twin that its user talks to: a phone to look at and to write on, faults, and counts."""

from dataclasses import asdict
from typing import cast

import aiohttp
from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_text
from lumi.integrations.graph.messaging_content import identifier
from lumi.integrations.messenger.fake.chats import Chat
from lumi.integrations.messenger.fake.faults import Faults
from lumi.integrations.messenger.fake.inbound import deed_of
from lumi.integrations.messenger.fake.send import Outgoing
from lumi.integrations.messenger.fake.twin import Twin
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole

_LONGEST_WAIT_SECONDS = 60.0
_MOST_LOGGED = 10_000
_PAUSE_SETTING = "status_pause_ms"


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.post("/_twin/echo", answered(self.speak)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/faults", answered(self.set_faults)),
            web.get("/_twin/faults", answered(self.show_faults)),
            web.post("/_twin/webhook", answered(self.subscribe)),
            web.post("/_twin/statuses", answered(self.set_statuses)),
            web.get("/_twin/log", answered(self.show_log)),
            web.get("/_twin/counts", answered(self.show_counts)),
        ]

    async def write(self, request: web.Request) -> object:
        """A person (`from`, `name`) writes `text`, or does what a `type` with `content` says.

        Types: any of attachments, `quick_reply`, `postback`, `unsupported`, `deleted`, `reaction`, `read`,
        `message_edit`, `referral`, `optin`, and `announcement`: written, but told only as an edit number 0.
        Optional: `id`; `reply_to`; `hours_ago`, when it was done.
        """
        wishes = await object_in(request)
        person_id = identifier(wishes.get("from")) or refuse("there is nobody it is from")
        text, content = as_text(wishes.get("text")), wishes.get("content")
        kind = as_text(wishes.get("type")) or "text"
        if kind == "text" and not text:
            refuse("there is no text")
        hours_ago = wishes.get("hours_ago", 0)
        if not isinstance(hours_ago, int | float):
            refuse("hours_ago is not a number")
        message_id = as_text(wishes.get("id")) or self._twin.surface.new_message_id()
        deed = deed_of(kind, text, content, message_id, as_text(wishes.get("reply_to")))
        at = clock.now().timestamp() - float(hours_ago) * 3600
        chat = self._twin.write(person_id, as_text(wishes.get("name")) or "", kind, message_id, deed, at)
        return {"id": message_id, "n": chat.last, "version": chat.version}

    async def speak(self, request: web.Request) -> object:
        """Somebody at the business writes `text` to `to` in Meta's own app."""
        wishes = await object_in(request)
        to = identifier(wishes.get("to")) or refuse("there is nobody it is to")
        text = as_text(wishes.get("text")) or refuse("there is no text")
        return {"id": self._twin.speak(Outgoing(to, "text", text, {"text": text}, None, None, None))}

    async def show(self, request: web.Request) -> object:
        """The chat of `peer`: its messages with `n` above `after`, all states, and typing."""
        return _view(self._chat(request), whole(request, "after"))

    async def wait(self, request: web.Request) -> object:
        """The same as soon as the chat is newer than `version`, or unchanged after `timeout` seconds."""
        chat = self._chat(request)
        seconds = min(float(whole(request, "timeout", 25)), _LONGEST_WAIT_SECONDS)
        await chat.newer_than(whole(request, "version"), seconds)
        return _view(chat, whole(request, "after"))

    async def set_faults(self, request: web.Request) -> object:
        """Replace the faults that are named; `reset` puts all at rest first, `seed` starts the die anew."""
        wishes = await object_in(request)
        faults = Faults() if wishes.pop("reset", False) else self._twin.faults
        seed = wishes.pop("seed", None)
        try:
            self._twin.faults = faults.changed(wishes)
        except ValueError as error:
            raise Refused(str(error)) from error
        if isinstance(seed, int):
            self._twin.reseed(seed)
        return asdict(self._twin.faults)

    async def show_faults(self, _request: web.Request) -> object:
        """The faults as they are."""
        return asdict(self._twin.faults)

    async def subscribe(self, request: web.Request) -> object:
        """Post to `url` from now on; with a `verify_token`, only once it echoes a challenge as it should."""
        wishes = await object_in(request)
        url = as_text(wishes.get("url"))
        token = as_text(wishes.get("verify_token"))
        if url and token is not None and not await _echoes(url, token):
            raise Refused("the webhook did not echo the challenge")
        self._twin.poster.url = url
        return {"url": url}

    async def set_statuses(self, request: web.Request) -> object:
        """Which `statuses` follow each message, and how many `status_pause_ms` apart."""
        wishes = await object_in(request)
        settings = self._twin.settings
        names = wishes.get("statuses")
        if isinstance(names, list):
            settings.statuses = tuple(str(each) for each in cast("list[object]", names))
        pause = wishes.get(_PAUSE_SETTING)
        if isinstance(pause, int | float):
            settings.status_pause_ms = float(pause)
        return {"statuses": settings.statuses, _PAUSE_SETTING: settings.status_pause_ms}

    async def show_log(self, request: web.Request) -> object:
        """Messages taken after number `after`, at most `limit`, oldest first."""
        limit = min(whole(request, "limit", 1000), _MOST_LOGGED)
        taken = self._twin.ledger.after(whole(request, "after"), limit)
        return {"messages": [asdict(each) for each in taken], "last": self._twin.ledger.count}

    async def show_counts(self, _request: web.Request) -> object:
        """How many messages were taken and refused, and what became of the webhooks."""
        poster = self._twin.poster
        webhooks = {**poster.counts, "pending": poster.pending}
        return {"accepted": self._twin.ledger.count, **self._twin.counts, "webhooks": webhooks}

    def _chat(self, request: web.Request) -> Chat:
        return self._twin.chats.find(request.query.get("peer", "")) or refuse("nobody has written from there yet")


def _view(chat: Chat, after: int) -> dict[str, object]:
    return {
        "messages": [asdict(each) for each in chat.entries if each.n > after],
        "states": {each.id: each.state for each in chat.entries},
        "typing": chat.typing_until > clock.now().timestamp(),
        "last": chat.last,
        "version": chat.version,
    }


async def _echoes(url: str, verify_token: str) -> bool:
    challenge = "1158201444"
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(url, params=query, allow_redirects=False) as answer,
        ):
            return answer.status == 200 and await answer.text() == challenge
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
