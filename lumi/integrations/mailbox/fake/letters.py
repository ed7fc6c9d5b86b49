"""The mails between the twin's accounts and the people at the other end, as those people see them."""

import email
import email.policy
from collections import deque
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from lumi.core import clock
from lumi.core.ids import new_id
from lumi.integrations.twin.watching import Watched

_KEPT_PEERS = 20_000
_KEPT_LETTERS = 300


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail program shows of a mail; nothing of what cannot be read."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail on somebody's screen: `mine` is what the person wrote, all else came from an account."""

    n: int
    id: str
    mine: bool
    subject: str
    text: str
    at: float


@dataclass(slots=True)
class Correspondence(Watched):
    """One person's mails with one account: `version` is the number of the last."""

    letters: deque[Letter] = field(default_factory=lambda: deque[Letter](maxlen=_KEPT_LETTERS))

    def add(self, words: Words, *, mine: bool) -> Letter:
        """A new mail, written or received by the person."""
        now = clock.now().timestamp()
        letter = Letter(self.version + 1, words.message_id, mine, words.subject, words.text, now)
        self.letters.append(letter)
        self.changed()
        return letter


class Correspondences:
    """All of them by account and person; beyond 20,000 the oldest make room."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Correspondence] = {}

    def between(self, account: str, person: str) -> Correspondence:
        """What this person and this account wrote to each other."""
        found = self._kept.setdefault((account, person.casefold()), Correspondence())
        if len(self._kept) > _KEPT_PEERS:
            del self._kept[next(iter(self._kept))]
        return found


def compose(sender: str, name: str, recipient: str, subject: str, text: str, headers: dict[str, str]) -> EmailMessage:
    """A mail as a person's program writes it; `headers` are added, or take the place of the usual ones."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = str(Address(name, addr_spec=sender)) if name else sender
    mail["To"] = recipient
    mail["Subject"] = subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{new_id()}@{sender.rpartition('@')[2]}>"
    mail.set_content(text)
    for key, value in headers.items():
        del mail[key]
        mail[key] = value
    return mail


def read(raw: bytes) -> Words:
    """The words of a mail, as far as it has them."""
    mail = email.message_from_bytes(raw, policy=email.policy.SMTP)
    try:
        sender = parseaddr(str(mail.get("From", "")))[1]
        message_id, subject = str(mail.get("Message-ID", "")).strip(), str(mail.get("Subject", ""))
        body = mail.get_body(("plain", "html"))
        return Words(message_id, sender, subject, str(body.get_content()).strip() if body is not None else "")
    except (LookupError, ValueError, TypeError, AttributeError):
        # The parser of the standard library stumbles over what nobody should have sent.
        return Words()
