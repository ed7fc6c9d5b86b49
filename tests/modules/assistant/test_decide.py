"""What is said: a pure decision from commands and what knowledge answers."""

from __future__ import annotations

from collections.abc import Mapping

from lumi.core import i18n
from lumi.modules.assistant.engine.decide import Voice, decide
from lumi.modules.assistant.values import (
    Answer,
    CallHuman,
    Command,
    Decision,
    Intent,
    NoteGap,
    ResumeWriting,
    Say,
    Source,
    Speaker,
    StopWriting,
    TurnInput,
)

VOICE = Voice(i18n.tr, i18n.language_name)
SOURCE = Source("01980000-0000-7000-8000-000000000001", "Horaires", None, "fr")
HOURS = Answer("Nous ouvrons à 9 h.", "fr", (SOURCE,), 0.9)


def an_input(
    *, greeted: bool = False, wants_human: bool = False, stopped: bool = False, spent: bool = False
) -> TurnInput:
    return TurnInput((), (), Speaker("Salon Éclat", "fr", ("fr", "en")), greeted, wants_human, stopped, spent)


def decided(*commands: Command, answers: Mapping[int, Answer | None] | None = None, **state: bool) -> Decision:
    return decide(an_input(**state), commands, answers or {}, VOICE)


def spoken(decision: Decision) -> Say:
    (say,) = [effect for effect in decision.effects if isinstance(effect, Say)]
    return say


def test_an_answer_is_quoted_as_written_with_its_source() -> None:
    say = spoken(decided(Command(Intent.QUESTION, "Vos horaires ?", "fr"), answers={0: HOURS}))

    assert say.text == "Nous ouvrons à 9 h."
    assert say.sources == (SOURCE,)
    assert say.plain == f"Nous ouvrons à 9 h.\n\n{i18n.tr('assistant-source', 'fr', title='Horaires')}"


def test_an_answer_in_another_language_says_which_language_it_is() -> None:
    say = spoken(decided(Command(Intent.QUESTION, "Your hours?", "en"), answers={0: HOURS}))

    assert say.lang == "en"
    assert say.text.endswith("\nNous ouvrons à 9 h.")
    assert "French" in say.text.splitlines()[0]


def test_what_is_not_known_is_said_and_noted() -> None:
    decision = decided(Command(Intent.QUESTION, "Do you sell motor oil?", "en"), answers={0: None})

    assert spoken(decision).text == i18n.tr("assistant-unknown", "en")
    assert NoteGap("Do you sell motor oil?", "en") in decision.effects
    assert spoken(decision).sources == ()


def test_asking_for_a_person_calls_one() -> None:
    decision = decided(Command(Intent.HUMAN, "human", "en"))

    assert CallHuman() in decision.effects
    assert spoken(decision).handover


def test_asking_for_a_person_twice_is_answered_differently() -> None:
    first = spoken(decided(Command(Intent.HUMAN, "human", "en")))
    second = spoken(decided(Command(Intent.HUMAN, "human", "en"), wants_human=True))

    assert first.text != second.text


def test_a_stop_word_is_confirmed_once_and_stops() -> None:
    decision = decided(Command(Intent.STOP, "STOP", "fr"))

    assert StopWriting() in decision.effects
    assert spoken(decision).confirms_stop


def test_somebody_who_stopped_hears_nothing() -> None:
    assert decided(Command(Intent.QUESTION, "Vos horaires ?", "fr"), answers={0: HOURS}, stopped=True).effects == ()


def test_the_start_word_ends_the_silence() -> None:
    decision = decided(Command(Intent.RESUME, "START", "fr"), stopped=True)

    assert ResumeWriting() in decision.effects
    assert spoken(decision).text == i18n.tr("channels-resumed", "fr")


def test_two_questions_are_answered_in_one_message() -> None:
    price = Answer("45 €.", "fr", (Source("2", "Tarifs", None, "fr"),), 0.8)
    decision = decided(
        Command(Intent.QUESTION, "Vos horaires ?", "fr"),
        Command(Intent.QUESTION, "Et le prix ?", "fr"),
        answers={0: HOURS, 1: price},
    )

    assert spoken(decision).text == "Nous ouvrons à 9 h.\n\n45 €."
    assert [source.title for source in spoken(decision).sources] == ["Horaires", "Tarifs"]


def test_a_second_greeting_does_not_introduce_again() -> None:
    first = spoken(decided(Command(Intent.GREETING, "Bonjour", "fr")))
    again = spoken(decided(Command(Intent.GREETING, "Bonjour", "fr"), greeted=True))

    assert "Salon Éclat" in first.text
    assert "Salon Éclat" not in again.text


def test_the_same_input_gives_the_same_decision() -> None:
    commands = (Command(Intent.QUESTION, "Vos horaires ?", "fr"), Command(Intent.HUMAN, "humain", "fr"))

    assert decided(*commands, answers={0: HOURS}) == decided(*commands, answers={0: HOURS})


def test_when_too_many_answers_have_left_people_are_called_and_nothing_is_said() -> None:
    decision = decided(Command(Intent.THANKS, "Merci !", "fr"), spent=True)

    assert decision.effects == (CallHuman(),)


def test_people_who_were_called_are_not_called_again() -> None:
    assert decided(Command(Intent.THANKS, "Merci !", "fr"), spent=True, wants_human=True).effects == ()


def test_a_stop_word_is_obeyed_although_nothing_may_be_said() -> None:
    decision = decided(Command(Intent.STOP, "stop", "fr"), spent=True)

    assert StopWriting() in decision.effects
    assert not any(isinstance(effect, Say) for effect in decision.effects)


def test_a_recording_nobody_hears_is_told_and_a_person_is_called() -> None:
    decision = decided(Command(Intent.UNHEARD, "", "en", "nobody_hears"))

    assert spoken(decision).text == i18n.tr("assistant-unheard", "en", why="nobody_hears")
    assert CallHuman() in decision.effects


def test_while_a_person_is_on_the_way_it_is_not_told_again() -> None:
    assert decided(Command(Intent.UNHEARD, "", "en", "silence"), wants_human=True).effects == ()
    assert decided(Command(Intent.NOT_HAD, "", "en", "malware"), wants_human=True).effects == ()


def test_a_file_that_is_not_had_is_told_in_the_words_of_its_reason() -> None:
    told = {
        why: spoken(decided(Command(Intent.NOT_HAD, "", "de", why))).text for why in ("malware", "too_large", "type")
    }

    assert len(set(told.values())) == 3
