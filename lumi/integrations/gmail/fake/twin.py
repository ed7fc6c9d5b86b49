"""The twin itself: takes what a business sends, plays the people it writes to, and tells that its mailbox changed."""

import secrets
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from lumi.core import clock
from lumi.integrations.gmail.fake.faults import Faults
from lumi.integrations.gmail.fake.google import ApiError, TokenError
from lumi.integrations.gmail.fake.ledger import SentEntry
from lumi.integrations.gmail.fake.letters import undeliverable, with_message_id
from lumi.integrations.gmail.fake.mailbox import Letter, Mailbox
from lumi.integrations.gmail.fake.pushes import proof, push
from lumi.integrations.gmail.shapes import Label
from lumi.integrations.mail.reader import read
from lumi.integrations.twin.faults import Dice
from lumi.integrations.twin.ledger import Ledger
from lumi.integrations.twin.poster import Poster

WATCH_SECONDS = 7 * 86_400


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    mailboxes: dict[str, str] = field(default_factory=lambda: {"salon@lumi.example": secrets.token_urlsafe(32)})
    """Addresses, and the refresh token that opens each."""
    client_id: str = "100000000001-twin.apps.googleusercontent.com"
    client_secret: str = field(default_factory=lambda: f"GOCSPX-{secrets.token_urlsafe(20)}")
    service_account: str = "pusher@twin-project.iam.gserviceaccount.com"
    topic: str = "projects/twin-project/topics/gmail"
    subscription: str = "projects/twin-project/subscriptions/lumi"
    webhook_url: str | None = None
    audience: str | None = None
    """What pushes are signed for; the webhook's address unless it is set."""
    keeps_message_ids: bool = False
    """Whether the Message-ID it is given stays; Gmail's API has been seen to replace it."""
    token_seconds: int = 3599
    units_per_minute: int = 0
    """The quota of each mailbox; 0: none. Gmail's is 6000, which is 60 sends."""
    log_path: Path | None = None
    """Where every mail taken is written, one JSON object a line."""
    seed: int = 1


class Twin:
    """All of the twin but its HTTP: one object, one event loop."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.faults = Faults()
        self.dice = Dice(settings.seed)
        self.ledger: Ledger[SentEntry] = Ledger(settings.log_path)
        self.mailboxes = {address.lower(): Mailbox(address.lower()) for address in settings.mailboxes}
        self.poster = Poster(lambda _body: proof(settings.service_account, settings.audience or self.poster.url or ""))
        self.poster.url = settings.webhook_url
        self.counts: Counter[str] = Counter()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._used: dict[str, deque[tuple[float, int]]] = {}

    async def close(self) -> None:
        """Stop: no push follows."""
        await self.poster.close()
        self.ledger.close()

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        self.dice = Dice(seed)

    def grant(self, client_id: str, client_secret: str, refresh_token: str) -> str:
        """An access token for the mailbox of this refresh token."""
        settings = self.settings
        if client_id != settings.client_id:
            raise TokenError(401, "invalid_client", "The OAuth client was not found.")
        if not secrets.compare_digest(client_secret.encode(), settings.client_secret.encode()):
            raise TokenError(401, "invalid_client", "Unauthorized")
        for address, known in settings.mailboxes.items():
            if known and secrets.compare_digest(refresh_token.encode(), known.encode()):
                token = f"ya29.{secrets.token_urlsafe(48)}"
                self._tokens[token] = (address.lower(), clock.now().timestamp() + settings.token_seconds)
                self.counts["tokens"] += 1
                return token
        raise TokenError(400, "invalid_grant", "Token has been expired or revoked.")

    def opened_by(self, token: str) -> Mailbox | None:
        """The mailbox that this access token opens, while it is valid."""
        address, until = self._tokens.get(token, ("", 0.0))
        return self.mailboxes.get(address) if clock.now().timestamp() < until else None

    def revoke(self, address: str, *, refresh_token: bool) -> None:
        """Take back the access tokens of a mailbox, and on request the grant itself."""
        self._tokens = {token: each for token, each in self._tokens.items() if each[0] != address}
        if refresh_token:
            self.settings.mailboxes[address] = ""

    def charge(self, mailbox: Mailbox, units: int) -> None:
        """Count a call against the quota of the minute; refused once that is used up."""
        allowed = self.settings.units_per_minute
        if not allowed:
            return
        now = clock.now().timestamp()
        used = self._used.setdefault(mailbox.address, deque())
        while used and used[0][0] <= now - 60:
            used.popleft()
        if sum(each for _, each in used) + units > allowed:
            raise ApiError(
                429, "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service."
            )
        used.append((now, units))

    def watch(self, mailbox: Mailbox) -> None:
        """Push what changes from now on, and once at once."""
        mailbox.watched_until = clock.now().timestamp() + WATCH_SECONDS
        self._push(mailbox)

    def receive(
        self, mailbox: Mailbox, raw: bytes, mail_id: str | None = None, label: str = Label.INBOX,
        at: float | None = None,
    ) -> Letter:  # fmt: skip
        """Somebody's mail arrives, or had arrived `at` a time (Unix seconds)."""
        letter = mailbox.add(raw, (label, "UNREAD"), mail_id=mail_id, at=at)
        if label == Label.INBOX:
            self._push(mailbox)
        return letter

    def send(self, mailbox: Mailbox, raw: bytes, thread_id: str | None) -> Letter:
        """Take a mail: it is in the ledger and among what was sent, and may come back."""
        given = read(raw)
        if not given.recipients:
            raise ApiError(400, "Recipient address required")
        if not self.settings.keeps_message_ids or given.message_id is None:
            raw = with_message_id(raw, f"<CA+{secrets.token_urlsafe(30)}@mail.gmail.com>")
        letter = mailbox.add(raw, (Label.SENT,), thread_id=thread_id)
        entry = SentEntry(
            n=self.ledger.count + 1,
            at=letter.at / 1000,
            id=letter.id,
            to=given.recipients[0].address,
            type="mail",
            text=given.full_text,
            account=mailbox.address,
            subject=given.subject,
            message_id=given.message_id,
            shown_id=letter.mail.message_id,
            thread_id=letter.thread_id,
        )
        self.ledger.append(entry)
        if self.dice.falls(self.faults.bounce_rate):
            self.receive(mailbox, undeliverable(raw, entry.to, mailbox.address))
        return letter

    def _push(self, mailbox: Mailbox) -> None:
        if mailbox.watched_until <= clock.now().timestamp():
            return
        if self.dice.falls(self.faults.drop_pushes):
            self.counts["dropped_pushes"] += 1
            return
        body = push(mailbox.address, mailbox.history_id, self.settings.subscription)
        self.poster.post(body)
        if self.dice.falls(self.faults.duplicate_webhooks):
            self.poster.post(body)
