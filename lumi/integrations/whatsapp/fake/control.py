"""The side of the twin that its user talks to: a phone to look at and to write on, faults, and counts."""

import base64
from dataclasses import asdict
from typing import cast

from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole
from lumi.integrations.whatsapp.fake.access import base_of
from lumi.integrations.whatsapp.fake.chats import Chat
from lumi.integrations.whatsapp.fake.faults import Faults
from lumi.integrations.whatsapp.fake.persons import number_in, person_in
from lumi.integrations.whatsapp.fake.subscription import echoes
from lumi.integrations.whatsapp.fake.twin import Twin
from lumi.integrations.whatsapp.outgoing import MediaKind

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
        """A person (`from`, `user_id`, `name`, `username`, `hides_phone`) writes.

        It is a `text`, a `type` with `content`, or a file: `media` with `base64` and `mime`, and perhaps
        `caption`, `filename`, `voice` and `animated`. Optional: `number`, the phone number id written to;
        `id`; `reply_to`; `group_id`; `referral`.
        """
        wishes = await object_in(request)
        number = number_in(self._twin, wishes)
        person = person_in(wishes)
        kind, content = self._content(request, number, wishes)
        extra: dict[str, object] = {}
        if reply_to := as_text(wishes.get("reply_to")):
            extra["context"] = {"from": self._twin.settings.numbers[number], "id": reply_to}
        extra |= {key: wishes[key] for key in ("group_id", "referral", "origin") if wishes.get(key)}
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
        if url and token is not None and not await echoes(url, token):
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

    def _content(self, request: web.Request, number: str, wishes: dict[str, object]) -> tuple[str, object]:
        media, kind = as_object(wishes.get("media")), as_text(wishes.get("type"))
        if media:
            return self._file(request, number, media, kind)
        content = wishes.get("content")
        if content is None:
            content = {"body": as_text(wishes.get("text")) or refuse("there is no text")}
        return kind or "text", content

    def _file(
        self, request: web.Request, number: str, media: dict[str, object], kind: str | None
    ) -> tuple[str, object]:
        mime = as_text(media.get("mime")) or refuse("a file has a mime")
        try:
            content = base64.b64decode(as_text(media.get("base64")) or "", validate=True)
        except ValueError as error:
            raise Refused("a file is base64") from error
        file = self._twin.files.keep(number, mime, content)
        seconds = self._twin.settings.limits.media_url_seconds
        url = self._twin.files.address(base_of(request, "/_twin/inbound"), file, "webhook", seconds)
        told = {key: media[key] for key in ("caption", "filename", "voice", "animated") if key in media}
        return kind or (file.kind or MediaKind.DOCUMENT).value, file.reference(url) | told

    def _chat(self, request: web.Request) -> Chat:
        number = number_in(self._twin, {"number": request.query.get("number")})
        person = person_in({"from": request.query.get("peer")})
        return self._twin.chats.with_person(number, person)

    def _view(self, chat: Chat, after: int) -> object:
        return {
            "messages": [asdict(each) for each in chat.entries if each.n > after],
            "states": {each.id: each.state for each in chat.entries},
            "typing": chat.typing_until > clock.now().timestamp(),
            "last": chat.last,
            "version": chat.version,
        }
