"""The people at the other end of the line: what each sees on the phone, and who waits for news of it."""

from collections import deque
from dataclasses import dataclass, field

from lumi.core import clock
from lumi.integrations.twin.watching import Watched

_KEPT_CHATS = 20_000
_KEPT_MESSAGES = 100_000
_KEPT_ENTRIES = 300
TYPING_SECONDS = 25.0
_RANK = {"pending": 0, "sent": 1, "delivered": 2, "read": 3, "played": 4, "failed": 5}


@dataclass(slots=True)
class Person:
    """Who somebody is on WhatsApp. One with a user id and no phone number has a username."""

    phone: str | None
    user_id: str | None
    name: str = ""
    username: str | None = None
    hides_phone: bool = False
    """The business sees the phone number only where it used it itself."""

    @property
    def address(self) -> str:
        """The id by which this person is reached."""
        return self.phone or self.user_id or ""


@dataclass(slots=True)
class Entry:
    """One bubble: `mine` is what the person wrote, all else came from the business."""

    n: int
    id: str
    mine: bool
    type: str
    text: str | None
    content: dict[str, object]
    reply_to: str | None
    at: float
    state: str
    reaction: str = ""
    edited: bool = False
    revoked: bool = False


@dataclass(slots=True)
class Chat(Watched):
    """One person's dialogue with one business number."""

    person: Person
    entries: deque[Entry] = field(default_factory=lambda: deque[Entry](maxlen=_KEPT_ENTRIES))
    last: int = 0
    typing_until: float = 0.0
    last_written_at: float | None = None
    """When the person last wrote, in Unix seconds."""

    def add(
        self,
        message_id: str,
        kind: str,
        text: str | None,
        content: dict[str, object],
        *,
        mine: bool,
        reply_to: str | None = None,
    ) -> Entry:
        """A new bubble; one from the business ends its typing."""
        self.last += 1
        now = clock.now().timestamp()
        state = "pending" if mine else "sent"
        self.last_written_at = now if mine else self.last_written_at
        entry = Entry(self.last, message_id, mine, kind, text, content, reply_to, now, state)
        self.entries.append(entry)
        if not mine:
            self.typing_until = 0.0
        self.changed()
        return entry

    def find(self, message_id: str) -> Entry | None:
        """The bubble with this id, while it is kept."""
        return next((each for each in self.entries if each.id == message_id), None)

    def mark(self, message_id: str, state: str, *, and_earlier: bool = False) -> None:
        """Raise the state of a message, on request also of what the person wrote before; never lower one."""
        seen = False
        for entry in reversed(self.entries):
            seen = seen or entry.id == message_id
            concerned = entry.id == message_id or (and_earlier and seen and entry.mine)
            if concerned and _RANK.get(state, 0) > _RANK[entry.state]:
                entry.state = state
            if seen and not and_earlier:
                break
        self.changed()

    def show_typing(self) -> None:
        """The business is typing, until it writes or 25 s are over."""
        self.typing_until = clock.now().timestamp() + TYPING_SECONDS
        self.changed()


class Chats:
    """All dialogues by business number and address; beyond 20,000 addresses the oldest make room."""

    def __init__(self) -> None:
        self._by_address: dict[tuple[str, str], Chat] = {}
        self._by_message: dict[str, Chat] = {}

    def with_person(self, number: str, person: Person) -> Chat:
        """The dialogue with this person, whose two addresses are the same one from now on."""
        chat = self.find(number, person.phone or "") or self.find(number, person.user_id or "") or Chat(person)
        chat.person.phone = chat.person.phone or person.phone
        chat.person.user_id = chat.person.user_id or person.user_id
        chat.person.name = person.name or chat.person.name
        chat.person.username = person.username or chat.person.username
        chat.person.hides_phone = person.hides_phone or chat.person.hides_phone
        for address in (person.phone, person.user_id):
            if address:
                self._by_address[number, address] = chat
        if len(self._by_address) > _KEPT_CHATS:
            del self._by_address[next(iter(self._by_address))]
        return chat

    def find(self, number: str, address: str) -> Chat | None:
        """The dialogue with whoever has this address, if there is one."""
        return self._by_address.get((number, address))

    def remember(self, message_id: str, chat: Chat) -> None:
        """Somebody wrote this message here: it may be marked as read."""
        self._by_message[message_id] = chat
        if len(self._by_message) > _KEPT_MESSAGES:
            del self._by_message[next(iter(self._by_message))]

    def with_message(self, message_id: str) -> Chat | None:
        """The dialogue in which somebody wrote this message, while it is remembered."""
        return self._by_message.get(message_id)
