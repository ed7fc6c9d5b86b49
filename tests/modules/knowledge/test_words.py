"""Words, concepts and questions, in eight languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lumi.core.i18n import LANGUAGES
from lumi.modules.knowledge.engine import arabic, lexicon, passage, question, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’Hôtel, c'est où ?", ["l", "hôtel", "c", "est", "où"]),
        ("ＷｉＦｉ 24/7", ["wifi", "24", "7"]),
        ("Ещё cœur", ["еще", "coeur"]),
        ("snake_case_word", ["snake", "case", "word"]),
        ("مَوْعِدٌ في ٢٠٢٦", ["موعد", "في", "2026"]),
        ("🙂 …", []),
    ],
)
def test_text_becomes_words_of_one_form(text: str, expected: list[str]) -> None:
    assert words.surface(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("المواعيد", "مواعيد"), ("والحجز", "حجز"), ("للإلغاء", "إلغاء"), ("مدرسة", "المدرسه"), ("جلسات", "الجلسة")],
)
def test_arabic_words_meet_without_article_ending_and_spelling(one: str, other: str) -> None:
    (first,), (second,) = words.surface(one), words.surface(other)
    assert words.root(first) == words.root(second)


@given(some.text(alphabet="ابتثجحخدرسشعغفقكلمنهويال", min_size=3, max_size=12))
def test_a_root_of_three_letters_survives(word: str) -> None:
    assert len(arabic.stem(word)) >= 3


@given(some.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    asked = question.read(text, None)
    assert len(asked.units) == len(asked.words) <= question.MOST_UNITS
    assert len(asked.concept_units) == len(asked.concepts)
    assert all(len(word) <= words.LONGEST_WORD_CHARACTERS for word in asked.words)
    indexed = passage.read("fr", text, [text], text)
    assert "  " not in indexed.body


def test_the_lexicon_knows_every_language_lumi_speaks() -> None:
    assert set(lexicon.languages()) == set(LANGUAGES)
    assert all(lexicon.fillers(lang) for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("concept", "questions"),
    [
        ("parking", {
            "en": "Is there a car park?", "fr": "On peut se garer ?", "es": "¿Hay aparcamiento?",
            "de": "Gibt es Hotelparkplätze?", "it": "C'è un parcheggio?", "pt": "Há estacionamento?",
            "ar": "هل يوجد موقف للسيارات؟", "ru": "Есть ли парковка?",
        }),
        ("cancel", {
            "en": "Can I cancel?", "fr": "Puis-je annuler ?", "es": "¿Puedo cancelar?", "de": "Kann ich stornieren?",
            "it": "Posso disdire?", "pt": "Posso desmarcar?", "ar": "هل يمكنني إلغاء الحجز؟", "ru": "Можно отменить?",
        }),
        ("breakfast", {
            "en": "breakfast?", "fr": "le petit-déjeuner", "es": "desayunos", "de": "Frühstückszeiten",
            "it": "la colazione", "pt": "pequeno-almoço", "ar": "هل الإفطار مشمول", "ru": "завтраки",
        }),
        ("price", {
            "en": "How much is it?", "fr": "C'est combien ?", "es": "¿Cuánto cuesta?", "de": "Wie viel kostet das?",
            "it": "Quanto costa?", "pt": "Quanto custa?", "ar": "بكم الجلسة؟", "ru": "Сколько стоит?",
        }),
    ],
)  # fmt: skip
def test_a_concept_is_recognised_in_every_language(concept: str, questions: dict[str, str]) -> None:
    assert set(questions) == set(LANGUAGES)
    for lang, asked in questions.items():
        assert concept in {m.concept for m in lexicon.mentions(words.surface(asked), lang)}, lang
        assert concept in {m.concept for m in lexicon.mentions(words.surface(asked), None)}, lang


def test_a_language_without_lexicon_names_no_concept() -> None:
    assert lexicon.mentions(words.surface("parking"), "nl") == []


def test_words_that_only_ask_are_no_units() -> None:
    assert question.read("Could you please tell me about the sauna?", "en").words == ("sauna",)


def test_filler_words_that_name_a_concept_are_a_soft_unit() -> None:
    asked = question.read("How much?", "en")
    assert (asked.words, asked.concepts, asked.soft) == ((), ("price",), (0,))


def test_a_question_of_fillers_alone_is_asked_as_it_is() -> None:
    assert question.read("What is it?", "en").words == ("what", "is", "it")


def test_a_word_is_asked_once() -> None:
    assert question.read("sauna, sauna, Sauna!", "en").words == ("sauna",)
