"""In which order the two folders of a mailbox are told, and when the second is left alone for a while."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from lumi.core import clock
from lumi.integrations.mail.shapes import Mail
from lumi.integrations.mailbox.shapes import EVER, Fetched, FetchedMail, moments

SPARED_FOR = timedelta(minutes=5)
FAILURES_TO_SPARE = 2
# Of the same second, which is all that servers tell: nobody has read a mail in it and answered it.
_LEFT, _CAME, _ANSWERED = range(3)


@dataclass(frozen=True, slots=True)
class Laid:
    """A mail in its folder, and when it came there by the server's clock."""

    fetched: FetchedMail
    mail: Mail
    at: datetime
    has_left: bool


def laid(fetched: Fetched, opened: Sequence[Mail], *, has_left: bool) -> Sequence[Laid]:
    """The mails of a folder, each with when it came there."""
    dates = moments(each.internal_date for each in fetched.messages)
    return [Laid(*each, has_left) for each in zip(fetched.messages, opened, dates, strict=True)]


def in_order(came: Sequence[Laid], left: Sequence[Laid]) -> Sequence[Laid]:
    """Both folders as one, by the server's clock, but an answer never before what it answers.

    Some programs date what they put among what was sent by a clock of their own, and that may be slow.
    """
    asked = {each.mail.message_id: each.at for each in came}
    answers: list[tuple[tuple[datetime, int], Laid]] = []
    reached = (EVER, _LEFT)
    for each in left:
        named = (each.mail.in_reply_to, *each.mail.references)
        reached = max(reached, (each.at, _LEFT), *((asked[one], _ANSWERED) for one in named if one and one in asked))
        answers.append((reached, each))
    questions = [((each.at, _CAME), each) for each in came]
    return [each for _, each in heapq.merge(answers, questions, key=lambda pair: pair[0])]


class Spared:
    """Accounts whose folder of what was sent is left alone: reading it failed, and did so before.

    What comes in is read meanwhile, and what left is told late. Each process finds that out by itself.
    """

    def __init__(self) -> None:
        self._failures: dict[UUID, int] = {}
        self._until: dict[UUID, datetime] = {}

    def holds(self, account_id: UUID) -> bool:
        """Whether it is to be left alone now."""
        return clock.now() < self._until.get(account_id, EVER)

    def note_read(self, account_id: UUID) -> None:
        """It was read, or is not there: all is well."""
        self._failures.pop(account_id, None)

    def note_failed(self, account_id: UUID) -> None:
        """It could not be read; once may happen, and the connection may have been broken before."""
        self._failures[account_id] = self._failures.get(account_id, 0) + 1
        if self._failures[account_id] >= FAILURES_TO_SPARE:
            self._until[account_id] = clock.now() + SPARED_FOR
