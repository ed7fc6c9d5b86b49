"""The side of the twin that its user talks to: a phone to look at and to write on, faults, and counts."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict

from aiohttp import web

from lumi.core import clock
from lumi.core.outside_json import as_object, as_text
from lumi.integrations.telegram.fake.bot import Bot
from lumi.integrations.telegram.fake.chats import Chat, Entry, Person
from lumi.integrations.telegram.fake.refusal import STATUS_WORDS
from lumi.integrations.telegram.fake.twin import Twin
from lumi.integrations.telegram.identity import number_in, whole
from lumi.integrations.telegram.shapes import MessageType
from lumi.integrations.twin.control import Refused, answered, object_in, refuse
from lumi.integrations.twin.control import whole as whole_in_query
from lumi.integrations.twin.switches import Switches, until_newer
from lumi.integrations.twin.watching import shown

_DEACTIVATED = "Forbidden: user is deactivated"


class Control:
    """The handlers, bound to a twin. They carry no credential: the twin listens on this machine only."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._switches = Switches(twin, self._told)

    def routes(self) -> list[web.RouteDef]:
        """Where they are reached."""
        return [
            web.post("/_twin/inbound", answered(self.write)),
            web.post("/_twin/edit", answered(self.edit)),
            web.post("/_twin/press", answered(self.press)),
            web.post("/_twin/block", answered(self.block)),
            web.post("/_twin/update", answered(self.tell)),
            web.get("/_twin/messages", answered(self.show)),
            web.get("/_twin/messages/wait", answered(self.wait)),
            web.post("/_twin/webhook", answered(self.subscribe)),
            *self._switches.routes(),
        ]

    async def write(self, request: web.Request) -> object:
        """A person (`from`, `name`, `username`) writes `text`, or a `type` with `content`, or with a `file`.

        `file` is base64; `content` then says the rest of it. Optional: `caption`, `reply_to`, `id`,
        `media_group_id`, `bot`, and `chat` with `chat_type` for what is written in a group.
        """
        wishes = await object_in(request)
        bot, person = self._bot(as_text(wishes.get("bot"))), _person(wishes)
        content = self._content(wishes)
        for key in ("caption", "media_group_id"):
            if words := as_text(wishes.get(key)):
                content[key] = words
        chat = bot.chats.with_person(person)
        if (group := whole(wishes.get("chat"))) is not None:
            chat = bot.chats.group(group, as_text(wishes.get("chat_type")) or "supergroup", person)
        numbers = {key: _number(wishes.get(key)) for key in ("id", "reply_to")}
        sender = chat.person if chat.id == person.id else person
        entry = bot.write(chat, sender, content, message_id=numbers["id"], reply_to=numbers["reply_to"])
        return {"id": entry.id, "n": chat.last, "version": chat.version}

    async def edit(self, request: web.Request) -> object:
        """The person (`from`) gives the message `id` another `text`."""
        wishes = await object_in(request)
        bot, chat = self._dialogue(wishes)
        entry = chat.find(_number(wishes.get("id")))
        if entry is None or not entry.mine:
            refuse("this person wrote no such message")
        bot.rewrite(chat, entry, chat.person, as_text(wishes.get("text")) or refuse("there is no text"))
        return {"id": entry.id, "version": chat.version}

    async def press(self, request: web.Request) -> object:
        """The person (`from`) presses the button with this `data` under the message `id`, or under none."""
        wishes = await object_in(request)
        bot, chat = self._dialogue(wishes)
        entry: Entry | None = None
        if wishes.get("id") is not None:
            entry = chat.find(_number(wishes["id"])) or refuse("there is no such message")
        return {"id": bot.press(chat, as_text(wishes.get("data")) or refuse("there is no data"), entry)}

    async def block(self, request: web.Request) -> object:
        """The person (`from`) blocks the bot, or with `blocked` false lets it write; `deactivated`: is gone."""
        wishes = await object_in(request)
        bot, chat = self._dialogue(wishes)
        if wishes.get("deactivated") is True:
            chat.person.refusal = _DEACTIVATED
        else:
            bot.change_membership(chat, None if wishes.get("blocked") is False else STATUS_WORDS[403])
        return {"refusal": chat.person.refusal}

    async def tell(self, request: web.Request) -> object:
        """Post any `update`, which is an object with one kind in it, as if it came from the person (`from`)."""
        wishes = await object_in(request)
        bot, chat = self._dialogue(wishes)
        for kind, item in as_object(wishes.get("update")).items():
            bot.tell(kind, item, chat)
        return {"pending": len(bot.updates)}

    async def show(self, request: web.Request) -> object:
        """The chat of `peer` with `bot`: its messages with `n` above `after`, all states, presses, and typing."""
        return self._view(self._chat(request), whole_in_query(request, "after"))

    async def wait(self, request: web.Request) -> object:
        """The same as soon as the chat is newer than `version`, or unchanged after `timeout` seconds."""
        chat = self._chat(request)
        await until_newer(request, chat)
        return self._view(chat, whole_in_query(request, "after"))

    async def subscribe(self, request: web.Request) -> object:
        """Post to `url` from now on, anywhere, with this `secret` or the twin's own; null: to nobody."""
        wishes = await object_in(request)
        url, secret = as_text(wishes.get("url")), as_text(wishes.get("secret"))
        bot = self._bot(as_text(wishes.get("bot")))
        await bot.subscribe(url, self._twin.settings.webhook_secret if secret is None else secret)
        return {"url": url}

    def _told(self) -> dict[str, object]:
        pending = sum(len(bot.updates) for bot in self._twin.bots.values())
        return {**self._twin.webhook_counts, "pending": pending}

    def _content(self, wishes: dict[str, object]) -> dict[str, object]:
        kind, content = as_text(wishes.get("type")) or MessageType.TEXT.value, wishes.get("content")
        if (encoded := as_text(wishes.get("file"))) is not None:
            return {kind: self._file(kind, encoded, as_object(content))}
        if content is None:
            content = as_text(wishes.get("text")) or refuse("there is no text")
        return {kind: content}

    def _file(self, kind: str, encoded: str, described: dict[str, object]) -> object:
        try:
            known, content = MessageType(kind), base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise Refused("it takes a kind of message, and a file in base64") from error
        kept = self._twin.files.keep(known, content, as_text(described.get("file_name")) or "")
        found = {**described, **kept.described}
        return [found] if known is MessageType.PHOTO else found

    def _bot(self, wished: str | None) -> Bot:
        bots = list(self._twin.bots.values())
        if wished is None:
            return bots[0]
        return next((each for each in bots if each.id == wished), None) or refuse("there is no such bot")

    def _dialogue(self, wishes: dict[str, object]) -> tuple[Bot, Chat]:
        bot = self._bot(as_text(wishes.get("bot")))
        return bot, bot.chats.find(_person(wishes).id) or refuse("this person never wrote to the bot")

    def _chat(self, request: web.Request) -> Chat:
        bot = self._bot(request.query.get("bot"))
        peer = whole(request.query.get("peer"))
        return bot.chats.find(peer) or refuse("this person never wrote to the bot")

    def _view(self, chat: Chat, after: int) -> object:
        return {
            **shown(chat, after),
            "presses": {key: asdict(press) for key, press in chat.presses.items()},
            "typing": chat.action_until > clock.now().timestamp(),
            "action": chat.action,
        }


def _person(wishes: dict[str, object]) -> Person:
    """Whoever is meant by `from`, a user id."""
    user_id = whole(wishes.get("from"))
    if user_id is None or user_id <= 0:
        refuse("it takes a user id")
    return Person(user_id, as_text(wishes.get("name")) or "", as_text(wishes.get("username")))


def _number(value: object) -> int | None:
    """A message's number, from itself or from `chat:number`."""
    return number_in(value) if isinstance(value, str) else whole(value)
