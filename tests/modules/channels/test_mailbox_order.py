"""What came into a mailbox and what left from it, told as one story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lumi.core import clock
from lumi.integrations.mail.reader import read
from lumi.integrations.mailbox.shapes import EVER, Fetched, FetchedMail, Position, moments
from lumi.modules.channels.adapters.mailbox_order import SPARED_FOR, Laid, Spared, in_order, laid

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = UUID(int=1)


def mail(name: str, minute: int | None, *, about: str | None = None) -> FetchedMail:
    """A mail of this subject and id, so many minutes after noon."""
    answers = f"In-Reply-To: <{about}@h>\r\n" if about else ""
    raw = f"Subject: {name}\r\nMessage-ID: <{name}@h>\r\n{answers}\r\n".encode()
    return FetchedMail(0, raw, None if minute is None else NOON + timedelta(minutes=minute), len(raw), False)


def folder(*mails: FetchedMail, has_left: bool) -> list[Laid]:
    """They lie there in this order."""
    fetched = Fetched(7, mails, False, Position(7, 0), False, ())
    return list(laid(fetched, [read(each.raw) for each in mails], has_left=has_left))


def told(came: list[FetchedMail], left: list[FetchedMail]) -> list[str]:
    """The subjects, as both folders are told together."""
    one = in_order(folder(*came, has_left=False), folder(*left, has_left=True))
    return [each.mail.subject for each in one]


def test_both_folders_are_told_by_the_clock() -> None:
    assert told([mail("a", 1), mail("c", 3)], [mail("b", 2), mail("d", 4)]) == ["a", "b", "c", "d"]


def test_in_the_same_second_what_left_does_not_answer_what_came() -> None:
    assert told([mail("came", 1)], [mail("left", 1)]) == ["left", "came"]


def test_an_answer_stands_behind_its_question_whatever_the_clock_of_its_program_says() -> None:
    assert told([mail("question", 5), mail("later", 6)], [mail("answer", 2, about="question")]) == [
        "question", "answer", "later",
    ]  # fmt: skip


def test_a_folder_keeps_its_own_order() -> None:
    moved = [mail("first", 5), mail("moved here", -900), mail("third", 6)]

    assert told(moved, [mail("answer", 5, about="first")])[1:] == ["moved here", "answer", "third"]
    assert told([mail("question", 5)], [mail("answer", 2, about="question"), mail("next", 3)])[0] == "question"


def test_what_has_no_date_came_with_the_one_before_it() -> None:
    assert moments([None, NOON, None, NOON - timedelta(days=1)]) == [EVER, NOON, NOON, NOON]


def test_one_failure_may_happen_a_second_spares_the_folder_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = NOON
    monkeypatch.setattr(clock, "now", lambda: now)
    spared = Spared()
    spared.note_failed(ACCOUNT)
    assert not spared.holds(ACCOUNT)

    spared.note_failed(ACCOUNT)
    assert spared.holds(ACCOUNT)
    now += SPARED_FOR
    assert not spared.holds(ACCOUNT)


def test_who_was_read_in_between_begins_anew() -> None:
    spared = Spared()
    for _ in range(3):
        spared.note_failed(ACCOUNT)
        spared.note_read(ACCOUNT)
        assert not spared.holds(ACCOUNT)
