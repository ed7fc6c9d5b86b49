"""One mailbox of the twin: its mail, in threads, and the history of what was added to it."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from lumi.core import clock
from lumi.integrations.gmail.fake.google import ApiError, not_found
from lumi.integrations.gmail.shapes import Label
from lumi.integrations.mail.composing import answer_subject
from lumi.integrations.mail.reader import read
from lumi.integrations.mail.shapes import Mail
from lumi.integrations.twin.watching import Watched

_FIRST_HISTORY_ID = 1_000_000
_EITHER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it lies there; `n` counts from 1 in its mailbox, `at` is in milliseconds."""

    n: int
    id: str
    thread_id: str
    labels: tuple[str, ...]
    at: int
    history_id: int
    raw: bytes = field(repr=False)
    mail: Mail = field(repr=False)


class Mailbox(Watched):
    """All mail of one address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.letters: dict[str, Letter] = {}
        self.history_id = _FIRST_HISTORY_ID
        self.oldest_history_id = _FIRST_HISTORY_ID
        self.watched_until = 0.0
        self._by_message_id: dict[str, Letter] = {}
        self._by_own_key: dict[str, Letter] = {}
        self._threads: set[str] = set()
        self._added: list[tuple[int, Letter]] = []
        self._count = 0

    def add(
        self, raw: bytes, labels: tuple[str, ...], *, thread_id: str | None = None, mail_id: str | None = None,
        at: float | None = None,
    ) -> Letter:  # fmt: skip
        """Put a mail in, in the thread its headers name; one that is named is refused when it does not exist.

        It came `at` this time (Unix seconds), or now.
        """
        if thread_id is not None and thread_id not in self._threads:
            raise not_found()
        if mail_id is not None and mail_id in self.letters:
            raise ApiError(400, "there is a mail of this id already")
        mail = read(raw)
        mail_id = mail_id or secrets.token_hex(8)
        self._count += 1
        self.history_id += 1 + self._count % 5
        thread = self._thread_of(mail, thread_id) or mail_id
        now = int((clock.now().timestamp() if at is None else at) * 1000)
        letter = Letter(self._count, mail_id, thread, labels, now, self.history_id, raw, mail)
        self.letters[mail_id] = letter
        self._threads.add(thread)
        if mail.message_id:
            self._by_message_id[mail.message_id] = letter
        if mail.own_key:
            self._by_own_key[mail.own_key] = letter
        self._added.append((self.history_id, letter))
        self.changed()
        return letter

    def remove(self, mail_id: str) -> None:
        """The mail is gone; history still tells that it came."""
        self.letters.pop(mail_id, None)
        self.changed()

    def with_message_id(self, message_id: str) -> Letter | None:
        """The mail that carries this Message-ID, or that was composed under it."""
        return self._by_message_id.get(message_id) or self._by_own_key.get(message_id)

    def added_since(self, history_id: int, label: str | None) -> list[tuple[int, Letter]]:
        """What was added after this history id; refused like its original when that is too old."""
        if history_id < self.oldest_history_id:
            raise not_found()
        return [each for each in self._added if each[0] > history_id and (label is None or label in each[1].labels)]

    def forget_history(self) -> None:
        """What happened so far is told no more."""
        self.oldest_history_id = self.history_id
        self._added.clear()

    def search(self, query: str, *, everywhere: bool = False) -> list[Letter]:
        """The mails that a search finds, newest first."""
        found = (each for each in reversed(self.letters.values()) if everywhere or not _is_hidden(each))
        return [each for each in found if _satisfies(query, each)]

    def with_peer(self, peer: str, after: int) -> Iterator[Letter]:
        """The mails from and to this address, oldest first."""
        for each in self.letters.values():
            addresses = {other.address for other in (each.mail.sender, *each.mail.recipients) if other}
            if each.n > after and peer in addresses:
                yield each

    def _thread_of(self, mail: Mail, wished: str | None) -> str | None:
        """The thread of a mail it refers to, if the subject is the same; Gmail asks for both, and for its own id."""
        for each in reversed(mail.chain):
            known = self.with_message_id(each)
            if known is not None and wished in (None, known.thread_id):
                same = answer_subject(known.mail.subject).lower() == answer_subject(mail.subject).lower()
                return known.thread_id if same else None
        return None


def _is_hidden(letter: Letter) -> bool:
    return Label.SPAM in letter.labels or Label.TRASH in letter.labels


def _satisfies(query: str, letter: Letter) -> bool:
    """Whether all words of a search are true of a mail; of those between braces one is enough."""
    groups = _EITHER.findall(query)
    return all(_matches(word, letter) for word in _EITHER.sub(" ", query).split()) and all(
        any(_matches(word, letter) for word in group.split()) for group in groups
    )


def _matches(word: str, letter: Letter) -> bool:
    """Whether a word of a search is true of a mail; the few operators we use, else words in its text."""
    operator, colon, value = word.partition(":")
    value = value.strip("<>\"'").lower()
    match operator.lower() if colon else "":
        case "rfc822msgid":
            return (letter.mail.message_id or "").strip("<>").lower() == value
        case "in":
            return value == "anywhere" or value.upper() in letter.labels
        case "to":
            return any(each.address == value for each in letter.mail.recipients)
        case "from":
            return letter.mail.sender is not None and letter.mail.sender.address == value
        case "after":
            return letter.at > _whole(value) * 1000
        case "newer_than":
            seconds = _whole(value[:-1]) * {"d": 86_400, "h": 3600}.get(value[-1:], 0)
            return letter.at > (clock.now().timestamp() - seconds) * 1000
        case _:
            return word.lower() in f"{letter.mail.subject} {letter.mail.full_text}".lower()


def _whole(value: str) -> int:
    return int(value) if value.isdecimal() else 0
