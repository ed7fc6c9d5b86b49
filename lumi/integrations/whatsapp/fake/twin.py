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
from lumi.integrations.whatsapp.fake.graph import GraphError, Outgoing, ReadNotice, unknown_media
from lumi.integrations.whatsapp.fake.ledger import Accepted
from lumi.integrations.whatsapp.fake.limits import OUTSIDE_WINDOW, Gate, Limits, is_open
from lumi.integrations.whatsapp.fake.media import Files
from lumi.integrations.whatsapp.fake.templates import DEFAULT, Template, Templates
from lumi.integrations.whatsapp.fake.webhooks import Sender, message_event, status_event, to_bytes
from lumi.integrations.whatsapp.message_text import text_of

_KEPT_TAKEN = 100_000
_WRONG_MEDIA = 131053
_FAILED = "failed"
_PLAYED = "played"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A message of the business, and where it went."""

    number: str
    chat: Chat
    entry: Accepted


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    waba_id: str = "210000000000001"
    app_id: str = "220000000000002"
    token_expires_at: int = 0
    """In seconds; 0: never, as a system user's."""
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
    limits: Limits = field(default_factory=Limits)
    templates: tuple[Template, ...] = DEFAULT


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
        self.files = Files()
        self.templates = Templates(settings.templates)
        self._gate = Gate()
        self._taken: dict[str, _Taken] = {}
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
        """Take a message: it is in the ledger, on the person's phone, and its statuses will follow.

        GraphError when it is too much, too late, or made of a template or file that is not there.
        """
        limits = self.settings.limits
        chat = self.chats.find(number, message.address)
        text, failure = self._look_through(number, chat, message)
        self._gate.admit(limits, number, message)
        message_id = new_message_id()
        entry = Accepted(
            n=self.ledger.count + 1,
            at=clock.now().timestamp(),
            id=message_id,
            phone_number_id=number,
            to=message.address,
            type=message.type,
            text=text,
            callback_data=message.callback_data,
        )
        self.ledger.append(entry)
        chat = chat or self._first_chat(number, message.address)
        chat.add(message_id, message.type, text, message.content, mine=False, reply_to=message.reply_to)
        taken = self._taken[message_id] = _Taken(number, chat, entry)
        if len(self._taken) > _KEPT_TAKEN:
            del self._taken[next(iter(self._taken))]
        self._plan_statuses(taken, message, failure)
        return message_id, chat.person

    def _look_through(self, number: str, chat: Chat | None, message: Outgoing) -> tuple[str | None, int | None]:
        """The words of a message and the code it will fail with, if it will; GraphError when it is refused."""
        limits = self.settings.limits
        if message.is_template:
            return self.templates.admit(message.content, has_phone=message.address.isdecimal()), None
        text, failure = text_of(message.type, {message.type: message.content}), None
        if message.media_id is not None:
            file = self.files.find(message.media_id)
            if file is None or file.number != number:
                raise unknown_media(message.type)
            if not file.is_sent_as(message.type):
                failure = _WRONG_MEDIA
        if not is_open(limits, chat):
            if not limits.window_as_status:
                raise GraphError(400, OUTSIDE_WINDOW, "More than 24 hours have passed since the person last wrote.")
            failure = OUTSIDE_WINDOW
        return text, failure

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
        message_id = message_id or new_message_id()
        chat.add(message_id, kind, text_of(kind, {kind: content}), as_object(content), mine=True)
        self.chats.remember(message_id, chat)
        self.tell(number, chat, message_id, kind, content, extra, on_taken=partial(chat.mark, message_id, "delivered"))
        return message_id, chat

    def tell(
        self,
        number: str,
        chat: Chat,
        message_id: str,
        kind: str,
        content: object,
        extra: dict[str, object],
        on_taken: Callable[[], None] | None = None,
    ) -> None:
        """Post what the person did, whether or not there is a bubble for it."""
        self._gate.count(self.settings.limits, number)
        event = message_event(self.sender(number), chat.person, message_id, kind, content, extra)
        self.post(event, on_taken=on_taken)

    def report(self, message_id: str, status: str) -> bool:
        """Post this status of a message the business sent, now; False when there is no such message."""
        taken = self._taken.get(message_id)
        if taken is not None:
            self._post_status(taken, status, self.faults.failed_code)
        return taken is not None

    def post(self, event: dict[str, object], on_taken: Callable[[], None] | None = None) -> None:
        """Have the subscriber told, twice when that fault is on."""
        body = to_bytes(event)
        self.poster.post(body, on_taken=on_taken)
        if self.dice.falls(self.faults.duplicate_webhooks):
            self.poster.post(body)

    def sender(self, number: str) -> Sender:
        """The business number as events name it."""
        return Sender(self.settings.waba_id, number, self.settings.numbers[number])

    def _first_chat(self, number: str, address: str) -> Chat:
        is_phone = address.isdecimal()
        return self.chats.with_person(number, Person(address if is_phone else None, None if is_phone else address))

    def _plan_statuses(self, taken: _Taken, message: Outgoing, failure: int | None) -> None:
        statuses = self.settings.statuses
        if not message.is_voice:
            statuses = tuple(each for each in statuses if each != _PLAYED)
        if failure is not None:
            statuses = (_FAILED,)
        elif not statuses:
            return
        elif self.dice.falls(self.faults.failed_statuses):
            statuses, failure = (_FAILED,), self.faults.failed_code
        elif self.dice.falls(self.faults.statuses_out_of_order):
            statuses = self.dice.shuffled(statuses)
        for place, status in enumerate(statuses, 1):
            if not self.dice.falls(self.faults.drop_statuses):
                seconds = place * self.settings.status_pause_ms / 1000
                self._later(seconds, partial(self._post_status, taken, status, failure))

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        def now() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(seconds, now)
        self._timers.add(timer)

    def _post_status(self, taken: _Taken, status: str, failure: int | None) -> None:
        entry = taken.entry
        taken.chat.mark(entry.id, status)
        event = status_event(
            self.sender(taken.number),
            taken.chat.person,
            entry.id,
            status,
            to=entry.to,
            callback_data=entry.callback_data,
            error_code=failure if status == _FAILED else None,
        )
        self.post(event)


def new_message_id() -> str:
    """An id as the original's are, to look at."""
    return "wamid." + base64.b64encode(secrets.token_bytes(36)).decode()
