"""The side of the twin that its user talks to: a phone to look at and to write on, faults, and counts."""

import base64
from functools import partial

from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.graph.fake.subscription import set_statuses, subscribe
from lumi.integrations.twin.control import Refused, answered, object_in, refuse, whole
from lumi.integrations.twin.switches import Switches, until_newer
from lumi.integrations.twin.watching import shown
from lumi.integrations.whatsapp.fake.access import base_of
from lumi.integrations.whatsapp.fake.chats import Chat
from lumi.integrations.whatsapp.fake.persons import number_in, person_in
from lumi.integrations.whatsapp.fake.twin import Twin
from lumi.integrations.whatsapp.outgoing import MediaKind


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._switches = Switches(twin, twin.poster.told)

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/webhook", answered(partial(subscribe, self._twin.poster))),
            web.post("/_twin/statuses", answered(partial(set_statuses, self._twin.settings))),
            *self._switches.routes(),
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
        await until_newer(request, chat)
        return self._view(chat, whole(request, "after"))

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
            **shown(chat, after),
            "typing": chat.typing_until > clock.now().timestamp(),
        }
