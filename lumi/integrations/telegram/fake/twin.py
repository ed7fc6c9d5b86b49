"""The twin itself: its bots, and what they share."""

from __future__ import annotations

import secrets
import string
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lumi.core import clock
from lumi.integrations.telegram.fake.bot import Bot
from lumi.integrations.telegram.fake.chats import Chat, Entry
from lumi.integrations.telegram.fake.faults import Faults
from lumi.integrations.telegram.fake.files import Files
from lumi.integrations.telegram.fake.ledger import Accepted
from lumi.integrations.telegram.fake.outgoing import Outgoing
from lumi.integrations.telegram.fake.webhook import Webhook
from lumi.integrations.twin.faults import Dice
from lumi.integrations.twin.ledger import Ledger

_LETTERS = string.ascii_letters + string.digits + "_-"


def new_token() -> str:
    """An invented token of the original's form."""
    return f"{secrets.randbelow(9_000_000_000) + 1_000_000_000}:AA" + "".join(
        secrets.choice(_LETTERS) for _ in range(33)
    )


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    tokens: tuple[str, ...] = field(default_factory=lambda: (new_token(),))
    """Each makes a bot."""
    webhook_url: str | None = None
    """Where the updates of every bot are posted from the start, with `webhook_secret`."""
    webhook_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    log_path: Path | None = None
    """Where every message taken is written, one JSON object a line."""
    seed: int = 1


class Twin:
    """All of the twin but its HTTP: one object, one event loop."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.faults = Faults()
        self.dice = Dice(settings.seed)
        self.ledger: Ledger[Accepted] = Ledger(settings.log_path)
        self.files = Files()
        self.counts: Counter[str] = Counter()
        self.webhook_counts: Counter[str] = Counter()
        self.bots = {token: Bot(token, self.webhook_counts, self._falls_twice) for token in settings.tokens}
        for bot in self.bots.values():
            if settings.webhook_url:
                bot.webhook = Webhook(
                    settings.webhook_url, settings.webhook_secret, bot.updates, self.webhook_counts, self._falls_twice
                )

    async def close(self) -> None:
        """Stop: no update follows."""
        for bot in self.bots.values():
            await bot.subscribe(None, "")
        self.ledger.close()

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        self.dice = Dice(seed)

    def accept(self, bot: Bot, chat: Chat, message: Outgoing) -> Entry:
        """Take a message: it is in the ledger and on the person's phone."""
        entry = bot.send(chat, message)
        self.ledger.append(
            Accepted(
                n=self.ledger.count + 1,
                at=clock.now().timestamp(),
                id=entry.id,
                to=str(chat.id),
                type=message.type,
                text=message.text,
                bot_id=bot.id,
                reply_to=entry.reply_to,
            )
        )
        return entry

    def _falls_twice(self) -> bool:
        return self.dice.falls(self.faults.duplicate_webhooks)
