"""The twin itself: takes what a business sends, plays the person it is sent to, and tells the webhook."""

import asyncio
import base64
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lumi.core import clock
from lumi.core.outside_json import as_object
from lumi.integrations.graph.signature import HEADER, sign
from lumi.integrations.twin.faults import Dice
from lumi.integrations.twin.ledger import Ledger
from lumi.integrations.twin.poster import Poster
from lumi.integrations.whatsapp.fake.chats import Chat, Chats, Person
from lumi.integrations.whatsapp.fake.faults import Faults
from lumi.integrations.whatsapp.fake.graph import Outgoing, ReadNotice
from lumi.integrations.whatsapp.fake.ledger import Accepted
from lumi.integrations.whatsapp.fake.webhooks import Sender, message_event, status_event, to_bytes
from lumi.integrations.whatsapp.message_text import text_of


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    waba_id: str = "210000000000001"
    numbers: dict[str, str] = field(default_factory=lambda: {"310000000000001": "33100000001"})
    """Phone number ids and how each number is shown."""
    webhook_url: str | None = None
    statuses: tuple[str, ...] = ("sent", "delivered", "read")
    """Posted for each message taken, in this order; empty: none."""
    status_pause_ms: float = 150.0
    """Between a message and its first status, and from one status to the next."""
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
        self.chats = Chats()
        self.poster = Poster(lambda body: {HEADER: sign(settings.app_secret, body)})
        self.poster.url = settings.webhook_url
        self.counts: Counter[str] = Counter()
        self._timers: set[asyncio.TimerHandle] = set()

    async def close(self) -> None:
        """Stop: no status and no webhook follows."""
        for timer in self._timers:
            timer.cancel()
        await self.poster.close()
        self.ledger.close()

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        self.dice = Dice(seed)

    def accept(self, number: str, message: Outgoing) -> tuple[str, Person]:
        """Take a message: it is in the ledger, on the person's phone, and its statuses will follow."""
        message_id = _new_message_id()
        text = text_of(message.type, {message.type: message.content})
        now = clock.now().timestamp()
        entry = Accepted(
            n=self.ledger.count + 1,
            at=now,
            id=message_id,
            phone_number_id=number,
            to=message.address,
            type=message.type,
            text=text,
            callback_data=message.callback_data,
        )
        self.ledger.append(entry)
        chat = self._chat_at(number, message.address)
        chat.add(message_id, message.type, text, message.content, mine=False, reply_to=message.reply_to)
        self._plan_statuses(number, chat, entry)
        return message_id, chat.person

    def notice(self, notice: ReadNotice) -> None:
        """The business read a message: blue ticks for the person, and `typing` if it says so."""
        self.counts["read_notices"] += 1
        chat = self.chats.with_message(notice.message_id)
        if chat is None:
            return
        chat.mark(notice.message_id, "read", and_earlier=True)
        if notice.typing:
            chat.show_typing()

    def write(
        self,
        number: str,
        person: Person,
        kind: str,
        content: object,
        *,
        message_id: str | None = None,
        extra: dict[str, object],
    ) -> tuple[str, Chat]:
        """The person writes to the business: on the phone at once, posted to the webhook until it is taken.

        `extra` stands beside the content in the message, as `context` does. Returns the message's id.
        """
        chat = self.chats.with_person(number, person)
        message_id = message_id or _new_message_id()
        chat.add(message_id, kind, text_of(kind, {kind: content}), as_object(content), mine=True)
        self.chats.remember(message_id, chat)
        event = message_event(self._sender(number), chat.person, message_id, kind, content, extra)
        self._post(to_bytes(event), on_taken=partial(chat.mark, message_id, "delivered"))
        return message_id, chat

    def _post(self, body: bytes, on_taken: Callable[[], None] | None = None) -> None:
        self.poster.post(body, on_taken=on_taken)
        if self.dice.falls(self.faults.duplicate_webhooks):
            self.poster.post(body)

    def _chat_at(self, number: str, address: str) -> Chat:
        found = self.chats.find(number, address)
        if found is not None:
            return found
        is_phone = address.isdecimal()
        return self.chats.with_person(number, Person(address if is_phone else None, None if is_phone else address))

    def _plan_statuses(self, number: str, chat: Chat, entry: Accepted) -> None:
        statuses = self.settings.statuses
        if not statuses:
            return
        if self.dice.falls(self.faults.failed_statuses):
            statuses = ("failed",)
        elif self.dice.falls(self.faults.statuses_out_of_order):
            statuses = self.dice.shuffled(statuses)
        for place, status in enumerate(statuses, 1):
            if not self.dice.falls(self.faults.drop_statuses):
                seconds = place * self.settings.status_pause_ms / 1000
                self._later(seconds, partial(self._post_status, number, chat, entry, status))

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        def now() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(seconds, now)
        self._timers.add(timer)

    def _post_status(self, number: str, chat: Chat, entry: Accepted, status: str) -> None:
        failed = self.faults.failed_code if status == "failed" else None
        chat.mark(entry.id, status)
        event = status_event(
            self._sender(number),
            chat.person,
            entry.id,
            status,
            callback_data=entry.callback_data,
            error_code=failed,
        )
        body = to_bytes(event)
        self._post(body)

    def _sender(self, number: str) -> Sender:
        return Sender(self.settings.waba_id, number, self.settings.numbers[number])


def _new_message_id() -> str:
    return "wamid." + base64.b64encode(secrets.token_bytes(36)).decode()
