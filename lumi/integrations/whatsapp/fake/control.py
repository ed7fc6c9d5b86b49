"""The side of the twin that its user talks to: a phone to look at and to write on, faults, and counts."""

from dataclasses import asdict
from typing import cast

import aiohttp
from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_text
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole
from lumi.integrations.whatsapp.fake.chats import Chat, Person
from lumi.integrations.whatsapp.fake.faults import Faults
from lumi.integrations.whatsapp.fake.twin import Twin
from lumi.integrations.whatsapp.identity import is_user_id

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
        """A person (`from`, `user_id`, `name`, `username`) writes `text`, or a `type` with `content`.

        Optional: `number`, the phone number id written to; `id`; `reply_to`; `group_id`.
        """
        wishes = await object_in(request)
        number = self._number(as_text(wishes.get("number")))
        person = _person(wishes)
        kind = as_text(wishes.get("type")) or "text"
        content = wishes.get("content")
        if content is None:
            content = {"body": as_text(wishes.get("text")) or refuse("there is no text")}
        extra: dict[str, object] = {}
        if reply_to := as_text(wishes.get("reply_to")):
            extra["context"] = {"from": self._twin.settings.numbers[number], "id": reply_to}
        if group_id := as_text(wishes.get("group_id")):
            extra["group_id"] = group_id
        message_id, chat = self._twin.write(
            number, person, kind, content, message_id=as_text(wishes.get("id")), extra=extra
        )
        return {"id": message_id, "n": chat.last, "version": chat.version}

    async def show(self, request: web.Request) -> object:
        """The chat of `peer` with `number`: its messages with `n` above `after`, all states, and typing."""
        return self._view(self._chat(request), whole(request, "after"))

    async def wait(self, request: web.Request) -> object:
        """The same as soon as the chat is newer than `version`, or unchanged after `timeout` seconds."""
        chat = self._chat(request)
        seconds = min(float(whole(request, "timeout", 25)), _LONGEST_WAIT_SECONDS)
        await chat.newer_than(whole(request, "version"), seconds)
        return self._view(chat, whole(request, "after"))

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
        names = wishes.get("statuses")
        if isinstance(names, list):
            self._twin.settings.statuses = tuple(str(each) for each in cast("list[object]", names))
        pause = wishes.get(_PAUSE_SETTING)
        if isinstance(pause, int | float):
            self._twin.settings.status_pause_ms = float(pause)
        settings = self._twin.settings
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

    def _number(self, wished: str | None) -> str:
        numbers = self._twin.settings.numbers
        if wished is None:
            return next(iter(numbers))
        return wished if wished in numbers else refuse("there is no such number")

    def _chat(self, request: web.Request) -> Chat:
        number = self._number(request.query.get("number"))
        person = _person({"from": request.query.get("peer")})
        return self._twin.chats.with_person(number, person)

    def _view(self, chat: Chat, after: int) -> object:
        return {
            "messages": [asdict(each) for each in chat.entries if each.n > after],
            "states": {each.id: each.state for each in chat.entries},
            "typing": chat.typing_until > clock.now().timestamp(),
            "last": chat.last,
            "version": chat.version,
        }


def _person(wishes: dict[str, object]) -> Person:
    """Whoever is meant by `from`, a phone number or a user id, and `user_id`; one of them is needed."""
    given = as_text(wishes.get("from")) or ""
    user_id = as_text(wishes.get("user_id")) or (given if is_user_id(given) else None)
    digits = "" if is_user_id(given) else "".join(each for each in given if each.isdecimal())
    if not digits and not user_id:
        refuse("it takes a phone number or a user id")
    name = as_text(wishes.get("name")) or ""
    return Person(digits or None, user_id, name, as_text(wishes.get("username")))


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
