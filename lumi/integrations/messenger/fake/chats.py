"""The people at the other end of the line: what each sees on the phone, and who waits for news of it."""

from collections import deque
from dataclasses import dataclass, field

from lumi.core import clock
from lumi.integrations.twin.watching import Watched

_KEPT_CHATS = 20_000
_KEPT_MESSAGES = 100_000
_KEPT_ENTRIES = 300
TYPING_SECONDS = 20.0
_RANK = {"pending": 0, "sent": 1, "delivered": 2, "read": 3, "deleted": 4}


@dataclass(slots=True)
class Entry:
    """One bubble: `mine` is what the person wrote, all else came from the account."""

    n: int
    id: str
    mine: bool
    type: str
    text: str | None
    content: dict[str, object]
    reply_to: str | None
    at: float
    state: str


@dataclass(slots=True)
class Chat(Watched):
    """One person's dialogue with the account."""

    person_id: str
    name: str = ""
    wrote_at: float | None = None
    """When the person last wrote, in Unix seconds: the window is counted from here."""
    entries: deque[Entry] = field(default_factory=lambda: deque[Entry](maxlen=_KEPT_ENTRIES))
    last: int = 0
    typing_until: float = 0.0

    def add(
        self,
        message_id: str,
        kind: str,
        text: str | None,
        content: dict[str, object],
        at: float,
        *,
        mine: bool,
        reply_to: str | None = None,
    ) -> Entry:
        """A new bubble; one from the account ends its typing, one of the person's opens the window."""
        self.last += 1
        state = "pending" if mine else "sent"
        entry = Entry(self.last, message_id, mine, kind, text, content, reply_to, at, state)
        self.entries.append(entry)
        if mine:
            self.wrote_at = max(at, self.wrote_at or 0.0)
        else:
            self.typing_until = 0.0
        self.changed()
        return entry

    def mark(self, entry: Entry, state: str) -> None:
        """Raise the state of a message; never lower it."""
        if _RANK[state] > _RANK[entry.state]:
            entry.state = state
        self.changed()

    def mark_seen(self) -> None:
        """The account has read all that the person wrote."""
        for entry in self.entries:
            if entry.mine:
                self.mark(entry, "read")

    def show_typing(self, on: bool) -> None:
        """The account is typing, until it writes or 20 s are over; or no longer."""
        self.typing_until = clock.now().timestamp() + TYPING_SECONDS if on else 0.0
        self.changed()


class Chats:
    """All dialogues by person; beyond 20,000 people the oldest make room."""

    def __init__(self) -> None:
        self._by_person: dict[str, Chat] = {}
        self._by_message: dict[str, tuple[Chat, Entry]] = {}

    def of(self, person_id: str, name: str = "") -> Chat:
        """The dialogue with this person, begun if there is none."""
        chat = self._by_person.setdefault(person_id, Chat(person_id))
        chat.name = name or chat.name
        if len(self._by_person) > _KEPT_CHATS:
            del self._by_person[next(iter(self._by_person))]
        return chat

    def find(self, person_id: str) -> Chat | None:
        """The dialogue with this person, if there is one."""
        return self._by_person.get(person_id)

    def remember(self, chat: Chat, entry: Entry) -> None:
        """This message may be asked for by its id."""
        self._by_message[entry.id] = (chat, entry)
        if len(self._by_message) > _KEPT_MESSAGES:
            del self._by_message[next(iter(self._by_message))]

    def with_message(self, message_id: str) -> tuple[Chat, Entry] | None:
        """The message and its dialogue, while it is remembered."""
        return self._by_message.get(message_id)
