"""One bot of the twin: its chats, its updates and the webhook that gets them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable

from lumi.core import clock
from lumi.integrations.telegram.fake.chats import Chat, Chats, Entry, Person
from lumi.integrations.telegram.fake.outgoing import Outgoing
from lumi.integrations.telegram.fake.refusal import ApiError, bad
from lumi.integrations.telegram.fake.updates import Updates
from lumi.integrations.telegram.fake.webhook import Webhook
from lumi.integrations.telegram.shapes import MessageType

_FIRST_IDS = 1_000_000_000


class Bot:
    """What people write becomes an update; what the bot sends, a bubble on a person's phone."""

    def __init__(self, token: str, counts: Counter[str], falls_twice: Callable[[], bool]) -> None:
        self.token = token
        self.id = token.partition(":")[0]
        self.username = f"twin_{self.id[-6:]}_bot"
        self.chats = Chats()
        # Ids start anywhere: what a subscriber remembers of an earlier twin must not look like a repetition.
        self.updates = Updates(1 + secrets.randbelow(_FIRST_IDS))
        self.webhook: Webhook | None = None
        self._counts = counts
        self._falls_twice = falls_twice
        self._next_message_id = 1 + secrets.randbelow(_FIRST_IDS)

    @property
    def described(self) -> dict[str, object]:
        """As a user."""
        return {"id": int(self.id), "is_bot": True, "first_name": f"Twin {self.id[-4:]}", "username": self.username}

    async def subscribe(self, url: str | None, secret: str) -> None:
        """Have updates posted to `url`, first those that wait; None: to nobody."""
        if self.webhook is not None:
            await self.webhook.close()
        self.webhook = Webhook(url, secret, self.updates, self._counts, self._falls_twice) if url else None

    def chat_for(self, chat_id: int | None) -> Chat:
        """The chat the bot may write in; ApiError when it knows none, or nobody hears it there."""
        chat = self.chats.find(chat_id)
        if chat is None:
            raise bad("chat not found")
        if chat.person.refusal is not None and chat.id == chat.person.id:
            raise ApiError(403, chat.person.refusal)
        return chat

    def send(self, chat: Chat, message: Outgoing) -> Entry:
        """The message is on the person's phone; ApiError when it quotes one that is not there."""
        reply_to = message.reply_to
        if reply_to is not None and chat.find(reply_to) is None:
            if not message.may_lose_reply:
                raise bad("message to be replied not found")
            reply_to = None
        message_id = self._new_message_id()
        return chat.add(message_id, message.type, message.text, message.content, mine=False, reply_to=reply_to)

    def write(
        self, chat: Chat, person: Person, content: dict[str, object], *,
        message_id: int | None = None, reply_to: int | None = None,
    ) -> Entry:  # fmt: skip
        """The person writes; `content` is all of the message but its envelope. Whoever writes hears the bot."""
        person.refusal = None
        kind = next((each for each in MessageType if each.value in content), MessageType.WORDLESS)
        text = content.get("text") or content.get("caption")
        words = text if isinstance(text, str) else None
        number = message_id or self._new_message_id()
        entry = chat.add(number, kind, words, content, mine=True, reply_to=reply_to)
        self.tell("message", self.shown(chat, entry, person), chat, lambda: chat.delivered(entry))
        return entry

    def rewrite(self, chat: Chat, entry: Entry, person: Person, text: str) -> None:
        """The person changes the words of an earlier message."""
        key = MessageType.TEXT.value if MessageType.TEXT in entry.content else "caption"
        entry.text, entry.content = text, entry.content | {key: text}
        chat.changed()
        self.tell("edited_message", self.shown(chat, entry, person) | {"edit_date": _now()}, chat)

    def press(self, chat: Chat, data: str, entry: Entry | None) -> str:
        """The person presses a button, under a message or, without one, under something sent inline."""
        press_id = str(secrets.randbits(62) | 1 << 61)
        chat.pressed(press_id, data)
        self.chats.remember(press_id, chat)
        query: dict[str, object] = {"id": press_id, "from": chat.person.described, "chat_instance": str(-chat.id)}
        if entry is None:
            query["inline_message_id"] = secrets.token_urlsafe(20)
        else:
            query["message"] = self.shown(chat, entry, chat.person)
        self.tell("callback_query", query | {"data": data}, chat)
        return press_id

    def change_membership(self, chat: Chat, refusal: str | None) -> None:
        """The person blocks the bot, for the reason that it will be told, or hears it again."""
        statuses = ("member", "kicked") if refusal else ("kicked", "member")
        chat.person.refusal = refusal
        old, new = ({"user": self.described, "status": status} for status in statuses)
        event = {"chat": chat.described, "from": chat.person.described, "date": _now()}
        self.tell("my_chat_member", event | {"old_chat_member": old, "new_chat_member": new}, chat)

    def tell(self, kind: str, item: object, chat: Chat, on_taken: Callable[[], None] | None = None) -> None:
        """An update: it waits until somebody takes it."""
        update = self.updates.add(kind, item, chat.id, on_taken)
        if update is not None and self.webhook is not None:
            self.webhook.post(update)

    def shown(self, chat: Chat, entry: Entry, person: Person) -> dict[str, object]:
        """The message as it stands in updates and answers."""
        sender = person.described if entry.mine else self.described
        envelope = {"message_id": entry.message_id, "from": sender, "chat": chat.described, "date": int(entry.at)}
        quoted = chat.find(entry.reply_to)
        if quoted is not None and quoted is not entry:
            bare = {"message_id": quoted.message_id, "chat": chat.described, "date": int(quoted.at)}
            envelope["reply_to_message"] = bare | quoted.content
        return envelope | entry.content

    def _new_message_id(self) -> int:
        self._next_message_id += 1
        return self._next_message_id


def _now() -> int:
    return int(clock.now().timestamp())
