"""The send gate: what may leave, decided from facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.modules.channels import rules
from lumi.modules.channels.rules import Facts, Verdict, gate
from lumi.modules.channels.values.kinds import Author, Channel, DeliveryState, Purpose, TextUnit
from lumi.modules.channels.values.outgoing import Capabilities

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WHATSAPP = rules.CAPABILITIES[Channel.WHATSAPP]
SURFACE = rules.CAPABILITIES[Channel.WEB]
READY = Facts(
    author=Author.ASSISTANT,
    state=DeliveryState.COMMITTED,
    held=False,
    stopped=False,
    confirms_stop=False,
    last_inbound_at=NOW - timedelta(minutes=1),
    valid_until=NOW + timedelta(minutes=9),
    newer_open=False,
    next_try_at=None,
    sending_at=None,
)


def test_an_answer_leaves_when_nothing_speaks_against_it() -> None:
    assert gate(READY, WHATSAPP, NOW) is Verdict.GO


def test_the_bot_is_silent_while_a_person_holds_the_thread() -> None:
    assert gate(replace(READY, held=True), WHATSAPP, NOW) is Verdict.HUMAN_HOLDS


def test_a_person_who_holds_the_thread_may_speak() -> None:
    assert gate(replace(READY, held=True, author=Author.STAFF), WHATSAPP, NOW) is Verdict.GO


@pytest.mark.parametrize("author", [Author.ASSISTANT, Author.STAFF])
def test_nobody_writes_to_somebody_who_wants_nothing_more(author: Author) -> None:
    assert gate(replace(READY, stopped=True, author=author), WHATSAPP, NOW) is Verdict.STOPPED


def test_only_the_confirmation_of_a_stop_word_still_leaves() -> None:
    assert gate(replace(READY, stopped=True, confirms_stop=True), WHATSAPP, NOW) is Verdict.GO


@pytest.mark.parametrize(
    ("hours", "verdict"), [(23.9, Verdict.GO), (23.92, Verdict.WINDOW_CLOSED), (30, Verdict.WINDOW_CLOSED)]
)
def test_the_window_closes_five_minutes_before_the_providers_does(hours: float, verdict: Verdict) -> None:
    facts = replace(READY, last_inbound_at=NOW - timedelta(hours=hours))

    assert gate(facts, WHATSAPP, NOW) is verdict


def test_the_window_is_closed_for_somebody_who_never_wrote() -> None:
    assert gate(replace(READY, last_inbound_at=None), WHATSAPP, NOW) is Verdict.WINDOW_CLOSED


def test_our_own_surfaces_have_no_window() -> None:
    assert gate(replace(READY, last_inbound_at=None), SURFACE, NOW) is Verdict.GO


def test_a_refused_delivery_waits_until_its_next_try() -> None:
    facts = replace(READY, next_try_at=NOW + timedelta(seconds=3))

    assert gate(facts, WHATSAPP, NOW) is Verdict.WAIT
    assert gate(facts, WHATSAPP, NOW + timedelta(seconds=3)) is Verdict.GO


def test_an_answer_that_is_too_late_is_withdrawn_when_something_newer_was_asked() -> None:
    late = NOW + timedelta(minutes=10)

    assert gate(replace(READY, newer_open=True), WHATSAPP, late) is Verdict.TOO_LATE
    assert gate(replace(READY, newer_open=False), WHATSAPP, late) is Verdict.GO


def test_a_send_with_unknown_outcome_is_awaited_and_then_shown_as_unknown() -> None:
    sending = replace(READY, state=DeliveryState.SENDING, sending_at=NOW)

    assert gate(sending, WHATSAPP, NOW + timedelta(seconds=14)) is Verdict.WAIT
    assert gate(sending, WHATSAPP, NOW + timedelta(seconds=15)) is Verdict.OUTCOME_UNKNOWN


def test_a_surface_that_shows_a_message_once_may_be_told_twice() -> None:
    assert gate(replace(READY, state=DeliveryState.SENDING, sending_at=NOW), SURFACE, NOW) is Verdict.GO


@given(
    state=st.sampled_from(DeliveryState),
    held=st.booleans(),
    stopped=st.booleans(),
    newer=st.booleans(),
    inbound=st.one_of(st.none(), st.integers(0, 200_000)),
    sending=st.one_of(st.none(), st.integers(0, 60)),
)
def test_no_facts_let_a_bot_speak_over_a_person_or_post_a_sending_message_again(
    state: DeliveryState, held: bool, stopped: bool, newer: bool, inbound: int | None, sending: int | None
) -> None:
    facts = replace(
        READY,
        state=state,
        held=held,
        stopped=stopped,
        newer_open=newer,
        last_inbound_at=None if inbound is None else NOW - timedelta(seconds=inbound),
        sending_at=None if sending is None else NOW - timedelta(seconds=sending),
    )

    verdict = gate(facts, WHATSAPP, NOW)

    assert not (verdict is Verdict.GO and (held or stopped or state is DeliveryState.SENDING))


def test_pauses_between_tries_grow_and_end() -> None:
    pauses = [rules.retry_pause(attempt, None) for attempt in range(1, rules.MAX_ATTEMPTS + 1)]

    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, None]


def test_the_providers_own_pause_is_obeyed() -> None:
    assert rules.retry_pause(1, 90.0) == 90.0


def test_where_the_provider_lets_people_write_longer_only_people_do() -> None:
    can = rules.CAPABILITIES[Channel.MESSENGER]
    late = replace(READY, last_inbound_at=NOW - timedelta(days=3))

    assert gate(late, can, NOW) is Verdict.WINDOW_CLOSED
    assert gate(replace(late, author=Author.STAFF), can, NOW) is Verdict.GO
    assert gate(replace(late, author=Author.STAFF), can, NOW + timedelta(days=4)) is Verdict.WINDOW_CLOSED


TEXTS = st.text(alphabet=st.sampled_from("ab éä سل👍🏽👩\u200d🚒.!?\n "), max_size=300)


@given(TEXTS, st.integers(20, 120), st.sampled_from(TextUnit))
def test_each_part_of_a_text_fits_and_nothing_but_spaces_is_lost(text: str, limit: int, unit: TextUnit) -> None:
    can = Capabilities(text_limit=limit, text_unit=unit)

    found = rules.parts(text, can)

    assert all(rules.text_length(part, unit) <= limit for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert text.strip() == "" or all(found)


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    words = "We open at nine. We close at seven in the evening."

    assert rules.parts(words, Capabilities(text_limit=30)) == [
        "We open at nine.",
        "We close at seven in the",
        "evening.",
    ]


def test_an_emoji_is_not_torn_apart() -> None:
    fireman = "👩\N{ZERO WIDTH JOINER}🚒"

    assert rules.parts("a" * 19 + fireman + "b" * 19, Capabilities(text_limit=20)) == [
        "a" * 19, fireman + "b" * 17, "bb",
    ]  # fmt: skip


@pytest.mark.parametrize(("unit", "length"), [(TextUnit.CHARACTERS, 2), (TextUnit.UTF16, 3), (TextUnit.BYTES, 6)])
def test_a_text_is_as_long_as_its_provider_counts(unit: TextUnit, length: int) -> None:
    assert rules.text_length("é👍", unit) == length


# --- choices ---

TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(st.text(min_size=1, max_size=3000), st.lists(TITLES, max_size=15), st.sampled_from(list(Channel)))
def test_nothing_of_a_text_or_its_choices_is_ever_cut(text: str, choices: list[str], channel: Channel) -> None:
    can = rules.CAPABILITIES[channel]
    wanted = rules.offered(choices)

    said = rules.messages(text, choices, can)

    assert all(rules.text_length(part, can.text_unit) <= can.text_limit for part, _ in said)
    assert all(not drawn for _, drawn in said[:-1])
    assert said[-1][1] in ((), wanted)
    written = "".join("".join(part.split()) for part, _ in said)
    drawn = "" if said[-1][1] else "".join("".join(f"{n}.{each}".split()) for n, each in enumerate(wanted, 1))
    assert written == "".join(text.split()) + drawn


@pytest.mark.parametrize(
    ("channel", "choices", "form"),
    [
        (Channel.WHATSAPP, ["Oui", "Non"], rules.Form.BUTTONS),
        (Channel.WHATSAPP, ["a", "b", "c", "d"], rules.Form.ROWS),
        (Channel.WHATSAPP, ["x" * 21], rules.Form.ROWS),
        (Channel.WHATSAPP, ["x" * 25], rules.Form.NUMBERS),
        (Channel.WHATSAPP, [str(n) for n in range(11)], rules.Form.NUMBERS),
        (Channel.TELEGRAM, ["x" * 60], rules.Form.BUTTONS),
        (Channel.TELEGRAM, ["ط" * 33], rules.Form.NUMBERS),
        (Channel.MESSENGER, [str(n) for n in range(13)], rules.Form.BUTTONS),
        (Channel.INSTAGRAM, [str(n) for n in range(14)], rules.Form.NUMBERS),
        (Channel.MAILBOX, ["Oui"], rules.Form.NUMBERS),
        (Channel.TERMINAL, ["Oui"], rules.Form.NUMBERS),
    ],
)
def test_choices_are_drawn_as_far_as_a_channel_can(channel: Channel, choices: list[str], form: rules.Form) -> None:
    assert rules.form("Que voulez-vous ?", choices, rules.CAPABILITIES[channel]) is form


def test_a_text_too_long_for_buttons_has_its_choices_in_a_list() -> None:
    assert rules.form("x" * 1025, ["Oui", "Non"], WHATSAPP) is rules.Form.ROWS


@pytest.mark.parametrize(
    "typed", ["2", " 2. ", "2)", "(2)", "#2", "٢", "２", "२", "2\N{VARIATION SELECTOR-16}\u20e3", "02"]
)
def test_a_number_in_any_script_is_the_choice_it_counts_to(typed: str) -> None:
    assert rules.chosen(typed, ["Prix", "Horaires"]) == "Horaires"


@pytest.mark.parametrize("typed", ["0", "3", "-1", "2 personnes", "deux", "²", "½", "", "1.5", "002", "22"])
def test_any_other_text_is_no_choice(typed: str) -> None:
    assert rules.chosen(typed, ["Prix", "Horaires"]) is None


# --- what nobody asked for ---

NEWS = replace(READY, author=Author.SYSTEM, purpose=Purpose.PROACTIVE, valid_until=None)


def test_quiet_hours_hold_what_nobody_asked_for_and_nothing_else() -> None:
    until = NOW + timedelta(hours=3)

    assert gate(replace(NEWS, quiet_until=until), WHATSAPP, NOW) is Verdict.QUIET_HOURS
    for purpose in set(Purpose) - {Purpose.PROACTIVE}:
        assert gate(replace(NEWS, quiet_until=until, purpose=purpose), WHATSAPP, NOW) is Verdict.GO


def test_what_nobody_asked_for_is_not_said_while_a_person_speaks() -> None:
    assert gate(replace(NEWS, held=True), WHATSAPP, NOW) is Verdict.HUMAN_HOLDS
    assert gate(replace(NEWS, held=True, purpose=Purpose.SERVICE), WHATSAPP, NOW) is Verdict.GO


def test_a_template_opens_the_window_and_nothing_else() -> None:
    closed = replace(READY, last_inbound_at=NOW - timedelta(hours=30), by_template=True)

    assert gate(closed, WHATSAPP, NOW) is Verdict.GO
    assert gate(replace(closed, stopped=True), WHATSAPP, NOW) is Verdict.STOPPED
    assert gate(replace(closed, held=True), WHATSAPP, NOW) is Verdict.HUMAN_HOLDS


def test_what_was_announced_is_asked_for_during_an_hour_and_the_providers_word_counts_more() -> None:
    pauses = [rules.announced_pause(attempt, None) for attempt in range(rules.MOST_ANNOUNCED)]

    assert pauses[-1] is None
    assert 3_000 < sum(pause for pause in pauses if pause is not None) < 4_500
    assert rules.announced_pause(0, 300.0) == 300.0
