"""The twin itself: takes what an account sends, plays the person it is sent to, and tells the webhook."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lumi.core import clock
from lumi.integrations.graph.messaging_content import identifier
from lumi.integrations.graph.signature import HEADER, sign
from lumi.integrations.messenger.fake.chats import Chat, Chats, Entry
from lumi.integrations.messenger.fake.faults import Faults
from lumi.integrations.messenger.fake.graph_error import invalid, window_closed
from lumi.integrations.messenger.fake.inbound import Deed
from lumi.integrations.messenger.fake.ledger import Accepted
from lumi.integrations.messenger.fake.send import HUMAN_AGENT, Action, Outgoing
from lumi.integrations.messenger.fake.surface import MESSENGER, Surface
from lumi.integrations.messenger.fake.webhooks import Happened, event, milliseconds
from lumi.integrations.twin.faults import Dice
from lumi.integrations.twin.ledger import Ledger
from lumi.integrations.twin.poster import Poster

_WINDOW_SECONDS = 24 * 3600
_HUMAN_WINDOW_SECONDS = 7 * 24 * 3600
_ECHO_PATIENCE_SECONDS = 5.0
_RECEIPTS = {"delivered": "delivery", "read": "read"}
# The app through which people answer in Meta's own inbox.
_INBOX_APP_ID = 26390203743090


@dataclass(slots=True)
class TwinSettings:
    """What the twin is told at its start; all of it invented, none of it anybody's."""

    surface: Surface = MESSENGER
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    account_id: str = "410000000000001"
    account_name: str = "Twin"
    page_id: str | None = None
    """Instagram only: the page whose token this is (Facebook Login); None: the account's own (Instagram Login)."""
    app_id: str = "220000000000001"
    token_expires_at: int = 0
    """In seconds; 0: never, as a page's."""
    token_age_hours: float = 48.0
    """Instagram Login only: a token is renewed from its second day on."""
    webhook_url: str | None = None
    statuses: tuple[str, ...] = ("delivered", "read")
    """Posted for each message taken, in this order; empty: none. Instagram tells no delivery."""
    status_pause_ms: float = 150.0
    """Between a message and its echo, from there to its first receipt, and from one to the next."""
    log_path: Path | None = None
    """Where every message taken is written, one JSON object a line."""
    seed: int = 1


class Twin:
    """All of the twin but its HTTP: one object, one event loop."""

    def __init__(self, settings: TwinSettings) -> None:
        self.settings = settings
        self.surface = settings.surface
        self.faults = Faults()
        self.dice = Dice(settings.seed)
        self.ledger: Ledger[Accepted] = Ledger(settings.log_path)
        self.chats = Chats()
        self.fields: frozenset[str] = frozenset(self.page_fields.values())
        self.poster = Poster(lambda body: {HEADER: sign(settings.app_secret, body)})
        self.poster.url = settings.webhook_url
        self.counts: Counter[str] = Counter()
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def page_fields(self) -> dict[str, str]:
        """What can be subscribed to: of a page, even where it stands for Instagram."""
        return dict(MESSENGER.fields if self.settings.page_id else self.surface.fields)

    async def close(self) -> None:
        """Stop: no echo, no receipt and no webhook follows."""
        for timer in self._timers:
            timer.cancel()
        await self.poster.close()
        self.ledger.close()

    def reseed(self, seed: int) -> None:
        """Start the die anew."""
        self.dice = Dice(seed)

    def admit(self, message: Outgoing) -> None:
        """Refuse what is for somebody who never wrote, or not for so long."""
        wrote_at = self._known(message.person_id).wrote_at or 0.0
        window = _HUMAN_WINDOW_SECONDS if message.tag == HUMAN_AGENT else _WINDOW_SECONDS
        if clock.now().timestamp() - wrote_at > window:
            raise window_closed(self.surface.window_subcode)

    async def accept(self, message: Outgoing) -> str:
        """Take a message: it is in the ledger and on the person's phone, its echo and receipts will follow."""
        now = clock.now().timestamp()
        entry = Accepted(
            n=self.ledger.count + 1,
            at=now,
            id=self.surface.new_message_id(),
            to=message.person_id,
            type=message.type,
            text=message.text,
            account_id=self.settings.account_id,
            tag=message.tag,
            reply_to=message.reply_to,
            metadata=message.metadata,
        )
        self.ledger.append(entry)
        bubble = self._show(message, entry.id, now)
        self._plan_receipts(message.person_id, bubble)
        await self._echo(message, entry.id, now)
        return entry.id

    def act(self, action: Action) -> None:
        """The person sees that the account read, or types."""
        chat = self._known(action.person_id)
        self.counts[action.action] += 1
        if action.action == "mark_seen":
            chat.mark_seen()
        else:
            chat.show_typing(action.action == "typing_on")

    def speak(self, message: Outgoing) -> str:
        """Somebody at the business answers in Meta's own app: the person sees it, and the echo names that app."""
        now = clock.now().timestamp()
        message_id = self.surface.new_message_id()
        self._show(message, message_id, now)
        self._post("echo", self._echo_of(message, message_id, now, _INBOX_APP_ID))
        return message_id

    def write(self, person_id: str, name: str, kind: str, message_id: str, deed: Deed, at: float) -> Chat:
        """The person does something: on the phone at once, posted to the webhook until it is taken."""
        chat = self.chats.of(person_id, name)
        on_taken: Callable[[], None] | None = None
        if deed.writes:
            entry = chat.add(message_id, kind, deed.text, deed.content, at, mine=True)
            self.chats.remember(chat, entry)
            on_taken = partial(chat.mark, entry, "delivered")
        else:
            self._change_bubble(deed)
        self._post(deed.key, Happened(deed.key, deed.content, person_id, at, anonymous=deed.announced), on_taken)
        return chat

    def _change_bubble(self, deed: Deed) -> None:
        found = self.chats.with_message(identifier(deed.content.get("mid")) or "")
        if found is None:
            return
        chat, entry = found
        if deed.key == "message":
            entry.text = None
            chat.mark(entry, "deleted")
        elif deed.key == "message_edit":
            entry.text = str(deed.content.get("text"))
            chat.changed()

    def _known(self, person_id: str) -> Chat:
        chat = self.chats.find(person_id)
        if chat is None:
            raise invalid(self.surface.stranger_words, self.surface.stranger_subcode)
        return chat

    def _show(self, message: Outgoing, message_id: str, at: float) -> Entry:
        chat = self.chats.of(message.person_id)
        entry = chat.add(
            message_id, message.type, message.text, message.content, at, mine=False, reply_to=message.reply_to
        )
        self.chats.remember(chat, entry)
        return entry

    async def _echo(self, message: Outgoing, message_id: str, at: float) -> None:
        """Post the echo: soon, now and waiting until it is taken, or not at all."""
        if self.dice.falls(self.faults.drop_echoes):
            return
        echo = self._echo_of(message, message_id, at, int(self.settings.app_id))
        if not self.dice.falls(self.faults.echo_first):
            self._later(self.settings.status_pause_ms / 1000, partial(self._post, "echo", echo))
            return
        taken = asyncio.Event()
        self._post("echo", echo, taken.set)
        try:
            async with asyncio.timeout(_ECHO_PATIENCE_SECONDS):
                await taken.wait()
        except TimeoutError:
            self.counts["echo_too_late"] += 1

    def _echo_of(self, message: Outgoing, message_id: str, at: float, app_id: int) -> Happened:
        content: dict[str, object] = {"mid": message_id, "is_echo": True}
        if message.text is not None:
            content["text"] = message.text
        else:
            content["attachments"] = [{"type": message.type, **message.content}]
        if message.reply_to is not None:
            content["reply_to"] = {"mid": message.reply_to}
        if self.surface.names_apps:
            content["app_id"] = app_id
            if message.metadata is not None:
                content["metadata"] = message.metadata
        return Happened("message", content, message.person_id, at, by_account=True)

    def _plan_receipts(self, person_id: str, entry: Entry) -> None:
        told = [each for each in self.settings.statuses if _RECEIPTS.get(each) in self.surface.fields]
        for place, state in enumerate(told, 2):
            if not self.dice.falls(self.faults.drop_statuses):
                seconds = place * self.settings.status_pause_ms / 1000
                self._later(seconds, partial(self._post_receipt, person_id, entry, state))

    def _post_receipt(self, person_id: str, entry: Entry, state: str) -> None:
        self.chats.of(person_id).mark(entry, state)
        content: dict[str, object] = {"mid": entry.id}
        if self.surface.delivers:
            content = {"watermark": milliseconds(entry.at)}
        key = _RECEIPTS[state]
        if key == "delivery":
            content["mids"] = [entry.id]
        self._post(key, Happened(key, content, person_id, clock.now().timestamp()))

    def _post(self, kind: str, what: Happened, on_taken: Callable[[], None] | None = None) -> None:
        # What of Instagram reaches an app through a page is chosen in the app; the page only has to be subscribed.
        asked_for = bool(self.fields) if self.settings.page_id else self.surface.fields[kind] in self.fields
        if not asked_for:
            self.counts["not_subscribed"] += 1
            return
        body = event(self.surface.object, self.settings.account_id, what)
        self.poster.post(body, on_taken=on_taken)
        if self.dice.falls(self.faults.duplicate_webhooks):
            self.poster.post(body)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        def now() -> None:
            self._timers.discard(timer)
            call()

        timer = asyncio.get_running_loop().call_later(seconds, now)
        self._timers.add(timer)
