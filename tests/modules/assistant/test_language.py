"""Which language a message is in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.core.i18n import LANGUAGES
from lumi.modules.assistant.engine import language
from lumi.modules.assistant.engine.language import Guess, detect

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "languages.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module", autouse=True)
def _model() -> None:
    language.prepare()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["request", "mixed-script", "short"])
def test_what_guests_write_is_recognised_in_every_language(kind: str, lang: str) -> None:
    cases = [case for case in CASES if case["kind"] == kind and case["lang"] == lang]
    assert len(cases) >= 4
    assert [(case["text"], guess) for case in cases if (guess := detect(case["text"]).lang) != lang] == []


@pytest.mark.parametrize("before", LANGUAGES)
def test_a_whole_request_in_another_language_is_not_outvoted_by_the_conversation(before: str) -> None:
    requests = [case for case in CASES if case["kind"] == "request"]
    assert [case["text"] for case in requests if detect(case["text"], history=[before] * 6).lang != case["lang"]] == []


@pytest.mark.parametrize("text", ["ok", "OK!", "spa", "taxi", "info"])
@pytest.mark.parametrize("before", ["fr", "en", "es", "it"])
def test_a_word_of_all_languages_follows_the_conversation(text: str, before: str) -> None:
    assert detect(text, history=[before]).lang == before


def test_the_newest_message_of_the_history_counts_most() -> None:
    assert detect("ok", history=["fr", "it"]).lang == "it"
    assert detect("ok", history=["it", "fr"]).lang == "fr"


@pytest.mark.parametrize(
    ("text", "lang"),
    [("hello", "en"), ("merci", "fr"), ("hola", "es"), ("danke", "de"), ("grazie", "it"), ("olá", "pt"), ("да", "ru"),
     ("نعم", "ar")],
)  # fmt: skip
def test_a_greeting_changes_the_language_of_a_conversation(text: str, lang: str) -> None:
    assert {detect(text, history=[before]).lang for before in LANGUAGES} == {lang}


def test_a_word_that_languages_share_is_an_unsure_guess() -> None:
    assert detect("taxi").confidence < 0.5
    assert detect("Ich hätte gern einen Termin am Freitag").confidence > 0.95


def test_only_what_the_tenant_speaks_is_answered() -> None:
    guess = detect("Gostaria de marcar uma massagem", among=["fr", "es"])
    assert guess.lang == "es"
    assert guess.confidence < 0.05


def test_a_script_nobody_at_the_tenant_writes_falls_back_to_its_first_language() -> None:
    assert detect("Здравствуйте, есть номер?", among=["de", "en"]) == Guess("de", 0.0)


def test_a_language_outside_the_eight_is_never_a_reason_to_fail() -> None:
    assert detect("goedemorgen", among=["nl"]) == Guess("nl", 0.0)
    assert detect("bonjour", among=["nl", "fr"], history=["nl", "xx"]).lang == "fr"


@pytest.mark.parametrize(
    "text",
    ["", "   \n", "👍🏽🎉", "12:30", "+33 6 12 34 56 78", "\u202e\u2066\u2069", "\0\0", "K7P2", "你好", "https://example.org/a",
     "anna@example.org"],
)  # fmt: skip
def test_a_text_without_words_keeps_the_language_of_the_conversation(text: str) -> None:
    assert detect(text, history=["es", "it"]) == Guess("it", 0.0)
    assert detect(text, among=["ar", "en"]) == Guess("ar", 0.0)
    assert detect(text, among=["ar", "en"], history=["it"]) == Guess("ar", 0.0)


@pytest.mark.parametrize(
    ("text", "lang"),
    [("\u202bمتى تفتحون غدا؟\u202c", "ar"), ("مـــرحـــبـــا", "ar"), ("bon\u200bjour", "fr"),
     ("mañana\u0000 por la tarde", "es"),
     ("ｈｅｌｌｏ ｔｈｅｒｅ", "en"), ("hooolaaaa", "es"), ("BUCHUNG BITTE STORNIEREN", "de"), ("J’ai réservé", "fr"),
     ("cafe\u0301 avec du lait", "fr")],
)  # fmt: skip
def test_how_it_is_typed_does_not_matter(text: str, lang: str) -> None:
    assert detect(text).lang == lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [("informacin y habitacin", "es"), ("tambien queria preguntar algo", "es"),
     ("a quelle heure etes-vous ouverts", "fr"), ("Moechte naechste Woche kommen", "de")],
)  # fmt: skip
def test_accents_left_out_or_lost_on_the_way_do_not_matter(text: str, lang: str) -> None:
    assert detect(text).lang == lang


def test_a_quoted_phrase_does_not_decide() -> None:
    assert detect('How do you say "спокойной ночи, до завтра" in English?').lang == "en"
    assert detect("Как будет «see you tomorrow» по-русски?").lang == "ru"
    assert detect("«Увидимся завтра»").lang == "ru"


def test_a_name_in_another_language_does_not_decide() -> None:
    assert detect("Can we walk to the Casa de la Playa?").lang == "en"
    assert detect("Habt ihr einen Slot bei The House of Hair and Beauty?").lang == "de"


@given(text=st.text(max_size=300), history=st.lists(st.sampled_from(LANGUAGES), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_text_has_an_answer(text: str, history: list[str]) -> None:
    guess = detect(text, history=history)
    assert guess.lang in LANGUAGES
    assert 0.0 <= guess.confidence <= 1.0


@pytest.mark.parametrize(
    "text", ["a" * 65_536, "a " * 32_768, "\ufdfa" * 65_536, "a." * 32_768, '"«„' * 21_845, "e" + "\u0301" * 65_535]
)
def test_the_end_of_a_huge_text_is_not_read(text: str) -> None:
    assert detect(text) == detect(text[:2_000])


def test_the_same_text_gets_the_same_answer_in_every_process() -> None:
    told = Counter(_said_elsewhere(seed) for seed in ("1", "2"))
    assert list(told.values()) == [2]


def test_the_model_is_not_loaded_before_the_first_text() -> None:
    module = "lumi.modules.assistant.engine.language"
    code = f"import {module} as it; print(it._spelling.cache_info().currsize, it._lexicon.cache_info().currsize)"
    assert _run(code) == "0 0"


def _said_elsewhere(seed: str) -> str:
    code = "from lumi.modules.assistant.engine.language import detect; print(detect('reservation spa hotel'))"
    return _run(code, PYTHONHASHSEED=seed)


def _run(code: str, **environment: str) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**environment, "PATH": ""})
    return done.stdout.strip()
