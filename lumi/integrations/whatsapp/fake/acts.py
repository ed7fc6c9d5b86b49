"""What else people do, on both ends of the line: edit, take back, react, play, write in the business's own app."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.twin.control import Refused, answered, object_in, refuse
from lumi.integrations.whatsapp.fake.chats import Chat, Entry
from lumi.integrations.whatsapp.fake.persons import number_in, person_in
from lumi.integrations.whatsapp.fake.templates import Template
from lumi.integrations.whatsapp.fake.twin import Twin, new_message_id
from lumi.integrations.whatsapp.fake.webhooks import account_event, echo_event
from lumi.integrations.whatsapp.message_text import text_of

EDIT_SECONDS = 900.0
"""How long a person may change what was written."""


class Acts:
    """The handlers, bound to a twin."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/edit", answered(self.edit)),
            web.post("/_twin/revoke", answered(self.revoke)),
            web.post("/_twin/react", answered(self.react)),
            web.post("/_twin/status", answered(self.report)),
            web.post("/_twin/echo", answered(self.echo)),
            web.post("/_twin/notice", answered(self.notify)),
            web.post("/_twin/limits", answered(self.set_limits)),
            web.get("/_twin/limits", answered(self.show_limits)),
            web.post("/_twin/templates", answered(self.put_template)),
        ]

    async def edit(self, request: web.Request) -> object:
        """The person (`from`) gives an own message (`id`) other words (`text`), within 15 minutes."""
        wishes = await object_in(request)
        number, chat, entry = self._own(wishes)
        text = as_text(wishes.get("text")) or refuse("there is no text")
        if clock.now().timestamp() - entry.at > EDIT_SECONDS:
            refuse("it is too late to edit this message")
        content: dict[str, object] = {**entry.content, "body" if entry.type == "text" else "caption": text}
        entry.text, entry.content, entry.edited = text, content, True
        message = {"type": entry.type, entry.type: content}
        return self._tell(number, chat, "edit", {"original_message_id": entry.id, "message": message})

    async def revoke(self, request: web.Request) -> object:
        """The person (`from`) takes an own message (`id`) back."""
        number, chat, entry = self._own(await object_in(request))
        entry.text, entry.content, entry.revoked = None, {}, True
        return self._tell(number, chat, "revoke", {"original_message_id": entry.id})

    async def react(self, request: web.Request) -> object:
        """The person (`from`) puts an `emoji` on any message (`id`), or takes it away without one."""
        wishes = await object_in(request)
        number, chat, entry = self._bubble(wishes)
        entry.reaction = as_text(wishes.get("emoji")) or ""
        chat.last_written_at = clock.now().timestamp()
        content = {"message_id": entry.id} | ({"emoji": entry.reaction} if entry.reaction else {})
        return self._tell(number, chat, "reaction", content)

    async def report(self, request: web.Request) -> object:
        """Post a `status`, as `read` or `played`, of a message (`id`) the business sent."""
        wishes = await object_in(request)
        status = as_text(wishes.get("status")) or refuse("there is no status")
        if not self._twin.report(as_text(wishes.get("id")) or "", status):
            refuse("there is no such message")
        return {"status": status}

    async def echo(self, request: web.Request) -> object:
        """Somebody of the business writes `text`, or a `type` with `content`, to a person (`to`) in its own app."""
        wishes = await object_in(request)
        number = number_in(self._twin, wishes)
        person = person_in({**wishes, "from": wishes.get("to")})
        kind, content = as_text(wishes.get("type")) or "text", wishes.get("content")
        if content is None:
            content = {"body": as_text(wishes.get("text")) or refuse("there is no text")}
        chat = self._twin.chats.with_person(number, person)
        message_id = as_text(wishes.get("id")) or new_message_id()
        chat.add(message_id, kind, text_of(kind, {kind: content}), as_object(content), mine=False)
        event = echo_event(self._twin.sender(number), chat.person, message_id, kind, content, {})
        self._twin.post(event)
        return {"id": message_id, "n": chat.last, "version": chat.version}

    async def notify(self, request: web.Request) -> object:
        """Post any event about the account: its `field` and its `value`, as the original has them."""
        wishes = await object_in(request)
        field = as_text(wishes.get("field")) or refuse("there is no field")
        self._twin.post(account_event(self._twin.settings.waba_id, field, wishes.get("value")))
        return {"field": field}

    async def set_limits(self, request: web.Request) -> object:
        """Replace the limits that are named."""
        try:
            limits = self._twin.settings.limits.changed(await object_in(request))
        except ValueError as error:
            raise Refused(str(error)) from error
        self._twin.settings.limits = limits
        return asdict(limits)

    async def show_limits(self, _request: web.Request) -> object:
        """The limits in force."""
        return asdict(self._twin.settings.limits)

    async def put_template(self, request: web.Request) -> object:
        """Add or replace a template: `name`, `language`, `body`; and `header`, `category`, `status`."""
        wishes = await object_in(request)
        texts = {key: value for key, value in wishes.items() if isinstance(value, str)}
        try:
            template = Template(**texts)
        except TypeError:
            refuse("a template has a name, a language, a body, and perhaps header, category and status")
        self._twin.templates.put(template)
        return asdict(template)

    def _tell(self, number: str, chat: Chat, kind: str, content: object) -> object:
        message_id = new_message_id()
        self._twin.tell(number, chat, message_id, kind, content, {})
        chat.changed()
        return {"id": message_id, "version": chat.version}

    def _bubble(self, wishes: dict[str, object]) -> tuple[str, Chat, Entry]:
        number = number_in(self._twin, wishes)
        chat = self._twin.chats.with_person(number, person_in(wishes))
        entry = chat.find(as_text(wishes.get("id")) or "")
        return number, chat, entry or refuse("there is no such message")

    def _own(self, wishes: dict[str, object]) -> tuple[str, Chat, Entry]:
        number, chat, entry = self._bubble(wishes)
        if not entry.mine or entry.revoked:
            refuse("this is no message of this person")
        return number, chat, entry
