"""What a message wants, in eight languages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.core import i18n
from lumi.modules.assistant.engine import intents
from lumi.modules.assistant.engine.language import detect
from lumi.modules.assistant.values import Command, Intent, Said, Speaker, TurnInput
from lumi.modules.contacts import public as contacts

SPEAKER = Speaker("Salon Éclat", "fr", ("fr", "en", "es", "de", "it", "pt", "ar", "ru"))


def understood(*texts: str, kind: str = "text", type_: str = "text") -> Sequence[Command]:
    said = tuple(Said(n, kind, type_, text) for n, text in enumerate(texts, 1))
    given_input = TurnInput(said, (), SPEAKER, greeted=False, wants_human=False, stopped=False)
    return intents.understand(
        given_input,
        detect=lambda text, among, history: detect(text, among=among, history=history).lang,
        is_stop=contacts.is_stop_word,
        is_start=contacts.is_start_word,
    )


def intents_of(*texts: str) -> list[Intent]:
    return [command.intent for command in understood(*texts)]


@pytest.mark.parametrize(
    "text",
    ["Bonjour !", "bonsoir", "Hello", "hi there 👋", "Hola, ¿qué tal?", "Guten Tag", "Buongiorno", "Olá, tudo bem?",
     "مرحبا", "السلام عليكم", "Здравствуйте!", "Bonjour, comment allez-vous ?"],
)  # fmt: skip
def test_a_greeting_is_a_greeting(text: str) -> None:
    assert intents_of(text) == [Intent.GREETING]


@pytest.mark.parametrize(
    "text",
    ["Merci beaucoup", "thanks!", "OK thanks", "Muchas gracias", "Vielen Dank!", "grazie mille", "Obrigada!",
     "شكرا جزيلا", "Спасибо большое"],
)  # fmt: skip
def test_thanks_are_thanks(text: str) -> None:
    assert intents_of(text) == [Intent.THANKS]


@pytest.mark.parametrize(
    "text",
    ["Au revoir", "bye", "Hasta luego", "Auf Wiedersehen", "arrivederci", "até logo", "مع السلامة", "До свидания"],
)
def test_a_goodbye_is_a_goodbye(text: str) -> None:
    assert intents_of(text) == [Intent.GOODBYE]


@pytest.mark.parametrize(
    "text",
    ["Je voudrais parler à un conseiller", "I want to speak to a human", "can I talk to someone please?",
     "Quiero hablar con una persona", "Ich möchte mit einem Mitarbeiter sprechen", "Vorrei parlare con un operatore",
     "Quero falar com uma pessoa", "أريد التحدث مع موظف", "Хочу поговорить с человеком", "human"],
)  # fmt: skip
def test_somebody_who_wants_a_person_is_understood(text: str) -> None:
    assert intents_of(text) == [Intent.HUMAN]


@pytest.mark.parametrize("lang", i18n.LANGUAGES)
def test_the_phrase_we_tell_people_to_write_is_understood(lang: str) -> None:
    assert intents_of(i18n.tr("assistant-human-phrase", lang)) == [Intent.HUMAN]


@pytest.mark.parametrize(
    "text",
    ["Quels sont vos horaires ?", "Bonjour, combien coûte une coupe ?", "thanks, and do you have parking?",
     "¿A qué hora es el desayuno?", "Wie lange dauert eine Sitzung?", "ما هي أسعار الجلسات؟", "Есть ли у вас парковка?",
     "horaires", "Hi, is the pool open?"],
)  # fmt: skip
def test_whatever_is_left_beside_courtesies_is_a_question(text: str) -> None:
    assert intents_of(text) == [Intent.QUESTION]


def test_a_stop_word_wins_over_everything_else_in_a_burst() -> None:
    assert intents_of("Bonjour", "vous êtes ouverts ?", "STOP") == [Intent.STOP]


def test_a_start_word_after_a_stop_word_counts() -> None:
    assert intents_of("STOP", "START") == [Intent.RESUME]


def test_fragments_of_one_question_are_read_together() -> None:
    commands = understood("Bonjour", "je voudrais savoir", "si vous avez un parking ?")

    assert [(command.intent, command.text) for command in commands] == [
        (Intent.QUESTION, "je voudrais savoir si vous avez un parking ?")
    ]


def test_two_whole_questions_stay_two() -> None:
    assert [c.text for c in understood("Do you have parking?", "And is breakfast included?")] == [
        "Do you have parking?",
        "And is breakfast included?",
    ]


def test_a_voice_note_is_something_we_cannot_read_yet() -> None:
    (command,) = understood("", kind="media", type_="audio")

    assert (command.intent, command.detail) == (Intent.UNREADABLE, "audio")


def test_emoji_alone_are_nothing_to_answer_from() -> None:
    assert intents_of("👍🎉") == [Intent.EMPTY]


def test_a_reaction_is_left_alone() -> None:
    assert [c.intent for c in understood("❤️", kind="reaction", type_="reaction")] == [Intent.SILENT]


@given(st.lists(st.text(max_size=200), min_size=1, max_size=6))
def test_whatever_is_written_is_understood_as_something(texts: list[str]) -> None:
    commands = understood(*texts)

    assert commands
    assert all(command.lang in SPEAKER.languages for command in commands)


def test_a_message_of_sixty_thousand_characters_is_understood_quickly_enough_to_finish() -> None:
    assert intents_of("a" * 65_536 + " ?") == [Intent.QUESTION]
