"""The twin itself: takes what an account sends, and plays the people it writes to and who write to it."""

import secrets
import ssl
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lumi.core import clock
from lumi.integrations.mailbox.fake.faults import Faults
from lumi.integrations.mailbox.fake.grants import Grants
from lumi.integrations.mailbox.fake.inboxes import Mailbox
from lumi.integrations.mailbox.fake.ledger import Accepted
from lumi.integrations.mailbox.fake.letters import Correspondences, Words, compose, read
from lumi.integrations.twin.faults import Dice
from lumi.integrations.twin.ledger import Ledger

NOWHERE = ".invalid"
"""No address under this name exists, as its standard says."""


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    accounts: tuple[str, ...] = ("salon@twin.example",)
    """Their addresses are their user names."""
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    access_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """One that opens every account and never ends."""
    client_id: str = "7a1e0000-0000-4000-8000-00000000071e"
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(30))
    """Empty: the client is a public one."""
    token_seconds: int = 3599
    """How long an access token lives that was given for a refresh token."""
    certificate: tuple[Path, Path] | None = None
    """Files of a certificate and its key. With them, passwords are taken in TLS only."""
    has_idle: bool = True
    has_sasl: bool = True
    """Without, IMAP takes LOGIN only."""
    keeps_copies: bool = False
    """Whether what is handed over by SMTP is put among what was sent, as Gmail and Microsoft do."""
    says_which_is_sent: bool = True
    """Without, no folder is marked as the one of what was sent."""
    largest_mail_bytes: int = 25 << 20
    log_path: Path | None = None
    """Where every mail taken is written, one JSON object a line."""
    seed: int = 1


class Twin:
    """All of the twin but its servers: one object, one event loop."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.faults = Faults()
        self.dice = Dice(settings.seed)
        self.ledger: Ledger[Accepted] = Ledger(settings.log_path)
        self.mailboxes = {account: Mailbox() for account in settings.accounts}
        self.sent = {account: Mailbox() for account in settings.accounts}
        self.letters = Correspondences()
        self.counts: Counter[str] = Counter()
        """What was refused, the mails that came in from outside, and the connections open now, of both kinds."""
        self.grants = Grants(self)
        self.tls = _context(settings.certificate) if settings.certificate else None

    async def close(self) -> None:
        """Give the log file back."""
        self.ledger.close()

    @property
    def connections(self) -> int:
        """How many are open now, of both kinds."""
        return self.counts["connections"]

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        self.dice = Dice(seed)

    def admits(self, user: str, secret: str, *, token: bool) -> bool:
        """Whether this is an account and its password, or an access token of it."""
        if token and user in self.mailboxes and self.grants.opened_by(secret) == user:
            return True
        wanted = self.settings.access_token if token else self.settings.password
        return user in self.mailboxes and secrets.compare_digest(secret.encode(), wanted.encode())

    def owns(self, account: str, sender: str) -> bool:
        """Whether the account may write from this address: any of its domain, or none at all."""
        return not sender or sender.rpartition("@")[2].casefold() == account.rpartition("@")[2].casefold()

    def accept(self, account: str, sender: str, recipients: tuple[str, ...], raw: bytes) -> str:
        """Take a mail: it is in the ledger and on its recipients' screens. Returns the id it is queued under."""
        words = read(raw)
        entry = Accepted(
            n=self.ledger.count + 1,
            at=clock.now().timestamp(),
            id=secrets.token_hex(5).upper(),
            to=recipients[0],
            type="mail",
            text=words.text,
            sender=sender,
            recipients=recipients,
            subject=words.subject,
            message_id=words.message_id,
            size=len(raw),
        )
        self.ledger.append(entry)
        self._hand_out(account, recipients, raw, words)
        if self.settings.keeps_copies:
            self.sent[account].deliver(raw)
        return entry.id

    def answer(self, account: str, person: str, subject: str, text: str, headers: dict[str, str]) -> str:
        """Somebody of the account writes to a person in a mail program of their own; returns the Message-ID."""
        raw = compose(account, "", person, subject, text, headers).as_bytes()
        words = read(raw)
        self.sent[account].deliver(raw)
        self._hand_out(account, (person,), raw, words)
        return words.message_id

    def _hand_out(self, account: str, recipients: tuple[str, ...], raw: bytes, words: Words) -> None:
        for recipient in recipients:
            self.letters.between(account, recipient).add(words, mine=False)
            if recipient in self.mailboxes:
                self.mailboxes[recipient].deliver(raw)

    def write(self, account: str, sender: str, name: str, subject: str, text: str, headers: dict[str, str]) -> str:
        """A person writes to the account; returns the Message-ID."""
        mail = compose(sender, name, account, subject, text, headers)
        return self.receive(account, mail.as_bytes())

    def receive(self, account: str, raw: bytes, at: datetime | None = None) -> str:
        """A mail comes in as it is; returns its Message-ID, if it has one."""
        self.mailboxes[account].deliver(raw, at)
        if self.dice.falls(self.faults.duplicate_webhooks):
            self.mailboxes[account].deliver(raw, at)
        self.counts["inbound"] += 1
        words = read(raw)
        self.letters.between(account, words.sender).add(words, mine=True)
        return words.message_id


def _context(files: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context
