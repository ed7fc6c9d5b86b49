"""Why something did not leave or arrive, as it is written down: a word of ours, then what the provider said.

noted(Failure.RECIPIENT, "131026 Message undeliverable") == "recipient: 131026 Message undeliverable"
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lumi.modules.channels.values.kinds import Failure

# What integrations call a refusal.
_CALLED = {
    "auth": Failure.TOKEN,
    "policy": Failure.POLICY,
    "window": Failure.WINDOW,
    "recipient": Failure.RECIPIENT,
    "payload": Failure.CONTENT,
    "file": Failure.CONTENT,
    "template": Failure.TEMPLATE,
    "registration": Failure.REGISTRATION,
}
_WORDS = {each.value: each for each in Failure}
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Unread:
    """An account that could not be read so many `times` in a row, and why it was not the last time, in one line."""

    times: int
    at: datetime
    error: str


def called(reason: str) -> Failure:
    """What an integration's word for a refusal means; OTHER for one that nobody knows."""
    return _CALLED.get(reason, Failure.OTHER)


def noted(why: Failure, said: str = "") -> str:
    """One line; what the provider said is cut."""
    return f"{why.value}: {said[:LONGEST_WORDS]}" if said else why.value


def taken_apart(error: str) -> tuple[Failure | None, str]:
    """The word and what the provider said; no word where the line does not begin with one."""
    word, _, said = error.partition(": ")
    why = _WORDS.get(word)
    return (None, error) if why is None else (why, said)
