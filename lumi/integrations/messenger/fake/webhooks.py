"""The bodies the twin posts to its subscriber."""

import json
from dataclasses import dataclass

from lumi.core import clock


@dataclass(frozen=True, slots=True)
class Happened:
    """Something between the account and a person; `by_account` says whose doing it is, `at` is Unix seconds."""

    kind: str
    content: dict[str, object]
    person_id: str
    at: float
    by_account: bool = False
    anonymous: bool = False
    """Without sender and recipient, as Instagram announces messages."""


def event(surface: str, account_id: str, what: Happened) -> bytes:
    """The bytes that are signed and posted: everything beyond ASCII is escaped, as the original does."""
    item: dict[str, object] = {"timestamp": milliseconds(what.at), what.kind: what.content}
    if not what.anonymous:
        person, account = {"id": what.person_id}, {"id": account_id}
        sender, recipient = (account, person) if what.by_account else (person, account)
        item = {"sender": sender, "recipient": recipient, **item}
    entry = {"id": account_id, "time": milliseconds(clock.now().timestamp()), "messaging": [item]}
    return json.dumps({"object": surface, "entry": [entry]}, separators=(",", ":")).encode()


def milliseconds(at: float) -> int:
    """A moment as the original tells it."""
    return int(at * 1000)
