"""The people at the other end of the line: what each sees on the phone, and who waits for news of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from lumi.core import clock
from lumi.integrations.twin.watching import Watched

TYPING_SECONDS = 5.0
_KEPT_CHATS = 20_000
_KEPT_ENTRIES = 300
_KEPT_PRESSES = 100


@dataclass(slots=True)
class Person:
    """Who somebody is on Telegram. `refusal` is what the bot is told that writes to somebody who is gone."""

    id: int
    name: str = ""
    username: str | None = None
    refusal: str | None = None

    @property
    def described(self) -> dict[str, object]:
        """As a user in an update."""
        known: dict[str, object] = {"id": self.id, "is_bot": False, "first_name": self.name or "Guest"}
        return known | ({"username": self.username} if self.username else {}) | {"language_code": "en"}


@dataclass(slots=True)
class Entry:
    """One bubble: `mine` is what the person wrote, all else came from the bot."""

    n: int
    id: str
    message_id: int
    mine: bool
    type: str
    text: str | None
    content: dict[str, object]
    reply_to: int | None
    at: float
    state: str


@dataclass(slots=True)
class Press:
    """A button the person pressed; `answer` is what was shown in return, once it was."""

    data: str
    is_answered: bool = False
    answer: str | None = None


@dataclass(slots=True)
class Chat(Watched):
    """One dialogue, or a group."""

    id: int
    kind: str
    person: Person
    entries: deque[Entry] = field(default_factory=lambda: deque[Entry](maxlen=_KEPT_ENTRIES))
    presses: dict[str, Press] = field(default_factory=dict[str, Press])
    last: int = 0
    action: str | None = None
    action_until: float = 0.0

    @property
    def described(self) -> dict[str, object]:
        """As a chat in an update or an answer."""
        if self.kind != "private":
            return {"id": self.id, "title": f"Group {self.id}", "type": self.kind}
        named: dict[str, object] = {"first_name": self.person.name or "Guest"}
        if self.person.username:
            named["username"] = self.person.username
        return {"id": self.id, **named, "type": self.kind}

    def add(
        self, message_id: int, kind: str, text: str | None, content: dict[str, object], *,
        mine: bool, reply_to: int | None = None,
    ) -> Entry:  # fmt: skip
        """A new bubble; one from the bot ends its typing."""
        self.last += 1
        now = clock.now().timestamp()
        name, state = f"{self.id}:{message_id}", "pending" if mine else "sent"
        entry = Entry(self.last, name, message_id, mine, kind, text, content, reply_to, now, state)
        self.entries.append(entry)
        if not mine:
            self.action_until = 0.0
        self.changed()
        return entry

    def find(self, message_id: int | None) -> Entry | None:
        """The bubble of this message, while it is kept."""
        return next((each for each in self.entries if each.message_id == message_id), None)

    def delivered(self, entry: Entry) -> None:
        """The bot has it."""
        entry.state = "delivered"
        self.changed()

    def show_action(self, action: str) -> None:
        """The bot is busy, until it writes or 5 s are over."""
        self.action = action
        self.action_until = clock.now().timestamp() + TYPING_SECONDS
        self.changed()

    def pressed(self, press_id: str, data: str) -> None:
        """The person pressed a button and waits."""
        self.presses[press_id] = Press(data)
        if len(self.presses) > _KEPT_PRESSES:
            del self.presses[next(iter(self.presses))]
        self.changed()


class Chats:
    """All chats of a bot; beyond 20,000 the oldest make room."""

    def __init__(self) -> None:
        self._by_id: dict[int, Chat] = {}
        self._by_press: dict[str, Chat] = {}

    def with_person(self, person: Person) -> Chat:
        """The dialogue with this person, whose name may have changed."""
        chat = self._by_id.get(person.id) or self._add(Chat(person.id, "private", person))
        chat.person.name = person.name or chat.person.name
        chat.person.username = person.username or chat.person.username
        return chat

    def group(self, chat_id: int, kind: str, person: Person) -> Chat:
        """A group or channel in which this person writes."""
        return self._by_id.get(chat_id) or self._add(Chat(chat_id, kind, person))

    def find(self, chat_id: int | None) -> Chat | None:
        """The chat with this id, if the bot knows it."""
        return None if chat_id is None else self._by_id.get(chat_id)

    def with_press(self, press_id: str) -> Chat | None:
        """The chat in which a button was pressed, while it is remembered."""
        return self._by_press.get(press_id)

    def remember(self, press_id: str, chat: Chat) -> None:
        """A button was pressed here: the bot may answer."""
        self._by_press[press_id] = chat
        if len(self._by_press) > _KEPT_CHATS:
            del self._by_press[next(iter(self._by_press))]

    def _add(self, chat: Chat) -> Chat:
        self._by_id[chat.id] = chat
        if len(self._by_id) > _KEPT_CHATS:
            del self._by_id[next(iter(self._by_id))]
        return chat
