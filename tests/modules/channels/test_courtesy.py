"""Quiet hours, on clocks that are put forward and back; and the texts that were approved before."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.modules.channels.engine.courtesy import SPREAD_SECONDS, QuietHours, after_quiet, quiet_until
from lumi.modules.channels.engine.routes import first_facts, first_route, open_route
from lumi.modules.channels.engine.templates import LONGEST_BODY, PLACE, Approved, carrying, inviting
from lumi.modules.channels.rules import Route
from lumi.modules.channels.values.kinds import Author, Channel, Purpose, TemplateStatus

NIGHT = QuietHours(time(21), time(8))
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ZONES = ["Europe/Paris", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3 * 366 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
TIMES = st.times().map(lambda each: each.replace(second=0, microsecond=0))


@given(
    MOMENTS,
    TIMES, TIMES, st.sampled_from(ZONES),
)  # fmt: skip
def test_quiet_hours_end_soon_and_when_they_have_ended_it_is_not_quiet(
    now: datetime, begin: time, end: time, name: str
) -> None:
    hours, zone = QuietHours(begin, end), ZoneInfo(name)

    ends = quiet_until(now, hours, zone)

    if ends is None:
        assert not hours.cover(now.astimezone(zone).time())
    else:
        assert now < ends <= now + timedelta(hours=26)
        assert quiet_until(ends, hours, zone) is None


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-21T20:30", "2026-11-22T07:00"),  # winter, one hour ahead
        ("2026-11-22T06:59", "2026-11-22T07:00"),
        ("2026-03-28T22:00", "2026-03-29T06:00"),  # the night the clock goes forward is an hour shorter
        ("2026-10-24T22:00", "2026-10-25T07:00"),  # and the night it goes back an hour longer
    ],
)
def test_a_night_is_as_long_as_the_clock_on_the_wall_says(now: str, ends: str) -> None:
    found = quiet_until(datetime.fromisoformat(f"{now}+00:00"), NIGHT, PARIS)

    assert found == datetime.fromisoformat(f"{ends}+00:00")


def test_an_end_the_clock_skips_is_the_first_moment_after_it() -> None:
    night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    assert quiet_until(night, QuietHours(time(21), time(2, 30)), PARIS) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_the_same_time_twice_is_never_quiet() -> None:
    assert quiet_until(NOW, QuietHours(time(8), time(8)), PARIS) is None


@given(st.uuids())
def test_what_waited_leaves_within_ten_minutes_and_not_all_at_once(key: object) -> None:
    wait = after_quiet(NOW, key) - NOW  # type: ignore[arg-type] (an id)

    assert timedelta(0) <= wait < timedelta(seconds=SPREAD_SECONDS)


def template(body: str, language: str = "fr", *, status: TemplateStatus = TemplateStatus.APPROVED) -> Approved:
    return Approved(uuid4(), "t", language, body, status)


CARRIES = template("Une réponse pour vous : {{1}} À bientôt.")
INVITES = template("Écrivez-nous.")


@given(st.text(max_size=1200))
def test_a_template_carries_a_text_whole_and_as_the_provider_takes_it_or_not_at_all(text: str) -> None:
    found = carrying(text, [CARRIES, INVITES], ["fr"])

    if found is None:
        fits = len(PLACE.sub(lambda _: text.strip(), CARRIES.body)) <= LONGEST_BODY
        assert not text.strip() or not fits or any(each in text for each in "\n\r\t") or "     " in text
    else:
        assert found.template.fills == {"1": text.strip()}
        assert len(found.reads) <= LONGEST_BODY
        assert text.strip() in found.reads


@pytest.mark.parametrize("status", [each for each in TemplateStatus if each is not TemplateStatus.APPROVED])
def test_only_what_is_approved_is_sent(status: TemplateStatus) -> None:
    assert carrying("Oui", [template("{{1}} .", status=status)], ["fr"]) is None
    assert inviting([template("Écrivez.", status=status)], ["fr"]) is None


def test_the_persons_language_comes_first_then_the_organisations_then_any() -> None:
    german, french, english = template("Schreiben Sie.", "de"), template("Écrivez.", "fr"), template("Write.", "en_US")

    def read(*languages: str) -> str | None:
        found = inviting([german, french, english], languages)
        return found and found.reads

    assert (read("en", "fr"), read("it", "fr"), read("it", "pt")) == ("Write.", "Écrivez.", "Schreiben Sie.")


def test_a_template_that_needs_a_file_or_two_texts_is_not_sent_by_itself() -> None:
    with_file = Approved(uuid4(), "t", "fr", "Bonjour.", TemplateStatus.APPROVED, plain=False)

    assert inviting([with_file], ["fr"]) is None
    assert carrying("Oui", [template("{{1}} et {{2}}.")], ["fr"]) is None


def route(channel: Channel, hours: float, *, held: bool = False) -> Route:
    return Route(uuid4(), uuid4(), channel, held, NOW - timedelta(hours=hours))


FACTS = first_facts(Author.SYSTEM, Purpose.SERVICE)


def test_a_person_is_written_to_where_they_were_heard_last_and_it_is_still_allowed() -> None:
    closed, old, recent = route(Channel.WHATSAPP, 30), route(Channel.TELEGRAM, 400), route(Channel.MESSENGER, 2)

    assert open_route(FACTS, [old, closed, recent], NOW) == recent
    assert open_route(FACTS, [old, closed], NOW) == old
    assert open_route(FACTS, [closed], NOW) is None


def test_a_window_that_shows_only_to_who_looks_reaches_nobody() -> None:
    assert open_route(FACTS, [route(Channel.WEB, 0.1), route(Channel.TERMINAL, 0.1)], NOW) is None


def test_a_closed_thread_is_a_way_when_a_template_reopens_it() -> None:
    closed = route(Channel.WHATSAPP, 30)

    assert first_route(FACTS, [closed], {closed.account_id}, NOW) == closed
    assert first_route(FACTS, [closed], set(), NOW) is None
