"""The side of the twin that its user talks to: a phone to look at and to write on, faults, and counts."""

from functools import partial

from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_text
from lumi.integrations.graph.fake.subscription import set_statuses, subscribe
from lumi.integrations.graph.messaging_content import identifier
from lumi.integrations.messenger.fake.chats import Chat
from lumi.integrations.messenger.fake.inbound import deed_of
from lumi.integrations.messenger.fake.send import Outgoing
from lumi.integrations.messenger.fake.twin import Twin
from lumi.integrations.twin.control import answered, object_in, refuse, whole
from lumi.integrations.twin.switches import Switches, until_newer
from lumi.integrations.twin.watching import shown


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._switches = Switches(twin, twin.poster.told)

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.post("/_twin/echo", answered(self.speak)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/webhook", answered(partial(subscribe, self._twin.poster))),
            web.post("/_twin/statuses", answered(partial(set_statuses, self._twin.settings))),
            *self._switches.routes(),
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
        await until_newer(request, chat)
        return _view(chat, whole(request, "after"))

    def _chat(self, request: web.Request) -> Chat:
        return self._twin.chats.find(request.query.get("peer", "")) or refuse("nobody has written from there yet")


def _view(chat: Chat, after: int) -> dict[str, object]:
    return {
        **shown(chat, after),
        "typing": chat.typing_until > clock.now().timestamp(),
    }
