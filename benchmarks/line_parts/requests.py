"""WhatsApp's webhooks as bytes on the wire, signed before they are needed."""

from __future__ import annotations

import secrets
import time
from collections import deque

from lumi.integrations.graph import signature

_BODY = (
    '{"object":"whatsapp_business_account","entry":[{"id":"210000000000001","changes":[{"value":{'
    '"messaging_product":"whatsapp","metadata":{"display_phone_number":"33100000001","phone_number_id":"%(number)s"},'
    '"contacts":[{"profile":{"name":"Guest %(person)s"},"wa_id":"%(person)s"}],'
    '"messages":[{"from":"%(person)s","id":"wamid.%(id)s","timestamp":"%(at)d","type":"text",'
    '"text":{"body":"%(text)s"}}]},"field":"messages"}]}]}'
)
_HEAD = (
    "POST %(path)s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "X-Hub-Signature-256: %(signature)s\r\nContent-Length: %(length)d\r\n\r\n"
)


class Stock:
    """Requests of numbered people, made ahead; one more is made when somebody's are used up."""

    def __init__(self, *, path: str, secret: str, number: str, first: int, texts: list[str]) -> None:
        """`first` is the phone number of person 0; the others follow."""
        self._path, self._secret, self._number, self._first, self._texts = path, secret, number, first, texts
        self._run = secrets.token_hex(6)
        self._made = 0
        self._ahead: dict[int, deque[bytes]] = {}

    def fill(self, people: int, each: int) -> None:
        """Make so many requests of each of so many people."""
        for person in range(people):
            self._ahead[person] = deque(self._make(person) for _ in range(each))

    def take(self, person: int) -> bytes:
        """A request of this person that was never used."""
        ahead = self._ahead.get(person)
        return ahead.popleft() if ahead else self._make(person)

    def phone(self, person: int) -> str:
        """The number a person writes from."""
        return str(self._first + person)

    def _make(self, person: int) -> bytes:
        self._made += 1
        body = (_BODY % {
            "number": self._number, "person": self.phone(person), "id": f"{self._run}{self._made:010d}",
            "at": time.time(), "text": self._texts[self._made % len(self._texts)],
        }).encode()  # fmt: skip
        head = _HEAD % {"path": self._path, "signature": signature.sign(self._secret, body), "length": len(body)}
        return head.encode() + body
