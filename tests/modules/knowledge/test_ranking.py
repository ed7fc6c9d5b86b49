"""The order of what was found: kinds of questions, titles, near ties, and how concepts are read."""

from __future__ import annotations

from lumi.core.ids import new_id
from lumi.modules.knowledge.engine import lexicon, question, ranking, words
from lumi.modules.knowledge.values import Passage


def found(title: str, score: float, evidence: float = 0.5, lang: str = "ar") -> Passage:
    return Passage(new_id(), new_id(), None, title, None, lang, "text", score, evidence)


def order(asked: str, lang: str | None, *passages: Passage) -> list[str]:
    ranked = ranking.ranked(asked, lang, question.read(asked, lang), passages)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    return [one.title for one in ranked]


def concepts(text: str, lang: str) -> set[str]:
    return {mention.concept for mention in lexicon.mentions(words.surface(text), lang)}


LENGTH, PRICE = "كم تستغرق الجلسة الواحدة؟", "كم سعر الجلسة الفردية؟"


class TestKinds:
    def test_who_asks_the_price_of_a_session_is_not_told_how_long_it_takes(self) -> None:
        assert order("كم سعر الجلسة الواحدة؟", "ar", found(LENGTH, 7.0), found(PRICE, 6.0)) == [PRICE, LENGTH]

    def test_an_entry_about_another_kind_of_thing_proves_less(self) -> None:
        asked = "كم سعر الجلسة الواحدة؟"
        [best] = ranking.ranked(asked, "ar", question.read(asked, "ar"), [found(LENGTH, 7.0, 0.5)])
        assert best.evidence < 0.5

    def test_words_that_only_ask_are_not_searched_as_words(self) -> None:
        asked = question.read("¿A qué hora limpian las habitaciones?", "es")
        assert "hora" not in asked.words
        assert "opening_hours" in asked.concepts


class TestNearTies:
    def test_of_near_passages_the_one_with_more_evidence_goes_first(self) -> None:
        heating, pool = found("Heating", 6.0, 0.5, "en"), found("Swimming pool", 5.8, 0.7, "en")
        assert order("Is the pool heated?", "en", heating, pool) == ["Swimming pool", "Heating"]

    def test_what_is_far_behind_stays_behind(self) -> None:
        heating, pool = found("Heating", 6.0, 0.5, "en"), found("Swimming pool", 4.0, 0.9, "en")
        assert order("Is the pool heated?", "en", heating, pool) == ["Heating", "Swimming pool"]

    def test_passages_in_another_language_keep_their_order(self) -> None:
        one, other = found(LENGTH, 7.0), found(PRICE, 6.9, 0.9)
        assert order("How much is one session?", "en", one, other) == [LENGTH, PRICE]
        assert order("How much is one session?", None, one, other) == [LENGTH, PRICE]


class TestConcepts:
    def test_a_gift_card_is_no_card_to_pay_with(self) -> None:
        assert concepts("подарочные карты", "ru") == {"gift_card"}

    def test_the_end_of_a_compound_counts_only_apart_from_its_beginning(self) -> None:
        assert concepts("Anzahlung", "de") == {"deposit"}
        assert concepts("Kinderpreis", "de") == {"children", "price"}

    def test_small_words_that_name_a_subject_together_are_searched_as_one(self) -> None:
        asked = question.read("Vous pouvez venir chez moi ?", "fr")
        assert "chezmoi" in asked.words
        assert "home_visit" in asked.concepts
