"""The bodies the twin posts to its subscriber, signed, and posted again until they are answered with 200."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import orjson

from lumi.core import clock
from lumi.integrations.whatsapp.fake.chats import Person
from lumi.integrations.whatsapp.signature import HEADER, sign

_POSTERS = 16
_POST_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 30.0
_MOST_ATTEMPTS = 30
_PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}


@dataclass(frozen=True, slots=True)
class Sender:
    """The business number an event is about."""

    waba_id: str
    phone_number_id: str
    display_phone_number: str


def message_event(
    sender: Sender,
    person: Person,
    message_id: str,
    kind: str,
    content: object,
    extra: dict[str, object],
) -> dict[str, object]:
    """The event of a person's message; `extra` holds what stands beside it, as `context`."""
    message: dict[str, object] = {"id": message_id, "timestamp": _now(), "type": kind, kind: content, **extra}
    if person.phone:
        message["from"] = person.phone
    if person.user_id:
        message["from_user_id"] = person.user_id
    return _envelope(sender, {"contacts": [_contact(person)], "messages": [message]})


def status_event(
    sender: Sender,
    person: Person,
    message_id: str,
    status: str,
    *,
    callback_data: str | None,
    error_code: int | None = None,
) -> dict[str, object]:
    """The event of a status of a message the business sent."""
    entry: dict[str, object] = {"id": message_id, "status": status, "timestamp": _now()}
    if person.phone:
        entry["recipient_id"] = person.phone
    if person.user_id:
        entry["recipient_user_id"] = person.user_id
    if callback_data is not None:
        entry["biz_opaque_callback_data"] = callback_data
    if error_code is not None:
        details = {"details": f"Simulated failure {error_code}."}
        entry["errors"] = [{"code": error_code, "title": "Message not delivered", "error_data": details}]
        return _envelope(sender, {"statuses": [entry]})
    if status != "read":
        entry["pricing"] = _PRICING
    return _envelope(sender, {"contacts": [_contact(person)], "statuses": [entry]})


def to_bytes(event: dict[str, object]) -> bytes:
    """The bytes that are signed and posted: everything beyond ASCII is escaped, as the original does."""
    body = orjson.dumps(event)
    return body if body.isascii() else json.dumps(event, separators=(",", ":")).encode()


class Poster:
    """Posts several at a time, so that order is not promised, and repeats with growing pauses."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.url: str | None = None
        self.counts: Counter[str] = Counter()
        self._waiting: asyncio.Queue[_Post] = asyncio.Queue()
        self._posters: list[asyncio.Task[None]] = []
        self._repeats: set[asyncio.TimerHandle] = set()

    def post(self, body: bytes, *, on_taken: Callable[[], None] | None = None) -> None:
        """Have it posted soon; `on_taken` is called once, when it was answered with 200."""
        if self.url is None:
            self.counts["no_subscriber"] += 1
            return
        if not self._posters:
            session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_POST_SECONDS))
            self._posters = [asyncio.create_task(self._work(session)) for _ in range(_POSTERS)]
            self._session = session
        self._waiting.put_nowait(_Post(body, on_taken))

    @property
    def pending(self) -> int:
        """How many wait to be posted, or posted again."""
        return self._waiting.qsize() + len(self._repeats)

    async def close(self) -> None:
        """Stop posting; what is still waiting is lost."""
        for timer in self._repeats:
            timer.cancel()
        for task in self._posters:
            task.cancel()
        await asyncio.gather(*self._posters, return_exceptions=True)
        if self._posters:
            await self._session.close()
        self._posters = []

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            post = await self._waiting.get()
            if await self._try(session, post):
                self.counts["taken"] += 1
                if post.on_taken is not None:
                    post.on_taken()
            else:
                self._repeat_later(post)

    async def _try(self, session: aiohttp.ClientSession, post: "_Post") -> bool:
        headers = {"Content-Type": "application/json", HEADER: sign(self.secret, post.body)}
        self.counts["posts"] += 1
        try:
            async with session.post(self.url or "", data=post.body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    def _repeat_later(self, post: "_Post") -> None:
        post.attempts += 1
        if post.attempts >= _MOST_ATTEMPTS:
            self.counts["given_up"] += 1
            return
        self.counts["repeated"] += 1
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (post.attempts - 1), _LONGEST_PAUSE_SECONDS)

        def again() -> None:
            self._repeats.discard(timer)
            self._waiting.put_nowait(post)

        timer = asyncio.get_running_loop().call_later(pause, again)
        self._repeats.add(timer)


@dataclass(slots=True)
class _Post:
    body: bytes
    on_taken: Callable[[], None] | None
    attempts: int = 0


def _now() -> str:
    return str(int(clock.now().timestamp()))


def _contact(person: Person) -> dict[str, object]:
    profile: dict[str, object] = {"name": person.name or "Guest"}
    if person.username:
        profile["username"] = person.username
    contact: dict[str, object] = {"profile": profile}
    if person.phone:
        contact["wa_id"] = person.phone
    if person.user_id:
        contact["user_id"] = person.user_id
    return contact


def _envelope(sender: Sender, value: dict[str, object]) -> dict[str, object]:
    metadata = {
        "display_phone_number": sender.display_phone_number,
        "phone_number_id": sender.phone_number_id,
    }
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    change = {"value": whole, "field": "messages"}
    return {"object": "whatsapp_business_account", "entry": [{"id": sender.waba_id, "changes": [change]}]}
