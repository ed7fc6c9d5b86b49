"""The order of what was found, over what Nadia really knows, and how questions and titles are read."""

from __future__ import annotations

import pytest

from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.engine import lexicon, question, sought, titles, words
from tests.modules.knowledge.organisations import Organisations


def concepts(text: str, lang: str) -> set[str]:
    return {mention.concept for mention in lexicon.mentions(words.surface(text), lang)}


async def first(organisations: Organisations, slug: str, asked: str, lang: str) -> str:
    found = await organisations.find(slug, asked, lang)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    return str(found[0].external_id)


class TestOrder:
    @pytest.mark.parametrize(
        ("asked", "lang", "entry"),
        [
            ("كم سعر الجلسة الواحدة؟", "ar", "session-price.ar"),  # every word stands in "how long is one session"
            ("كم تستغرق الجلسة الفردية؟", "ar", "session-length.ar"),  # and these in "how much is one"
            ("Combien dure une séance individuelle ?", "fr", "session-length.fr"),
            ("Combien coûte une séance ?", "fr", "session-price.fr"),
        ],
    )
    async def test_an_entry_that_asks_the_same_kind_of_thing_goes_first(
        self, organisations: Organisations, asked: str, lang: str, entry: str
    ) -> None:
        assert await first(organisations, "nadia", asked, lang) == entry

    async def test_who_asks_about_one_city_is_not_told_about_the_other(self, organisations: Organisations) -> None:
        assert await first(organisations, "nadia", "Dove si trova lo studio a Parigi?", "it") == "paris-office.fr"
        assert await first(organisations, "nadia", "Dove si trova lo studio ad Amman?", "it") == "amman-office.fr"

    async def test_checking_in_is_not_checking_out(self, organisations: Organisations) -> None:
        assert await first(organisations, "casa-brava", "What time is check-in?", "en") == "check-in.en"
        assert await first(organisations, "casa-brava", "What time is check-out?", "en") == "check-out.en"

    async def test_a_name_in_cyrillic_finds_it_in_latin_letters(self, organisations: Organisations) -> None:
        assert (await first(organisations, "nadia", "Что такое «Масар»?", "ru")).startswith("masar.")

    async def test_what_answers_only_in_another_language_goes_before_what_answers_something_else(
        self, organisations: Organisations
    ) -> None:
        assert await first(organisations, "nadia", "How long is a session?", "en") == "session-length.fr"

    async def test_what_says_the_same_in_another_language_takes_no_evidence_away(
        self, organisations: Organisations
    ) -> None:
        found = await organisations.find("nadia", "How much does an individual session cost?", "en")
        assert {str(one.external_id) for one in found[:2]} >= {"session-price.en"}
        assert knowledge.answer_from(found) is not None

    async def test_a_passage_that_shares_words_with_a_question_and_no_answer_is_not_quoted(
        self, organisations: Organisations
    ) -> None:
        asked = "Vendez-vous l’enregistrement d’un concert ?"
        assert knowledge.answer_from(await organisations.find("nadia", asked, "fr")) is None


class TestQuestions:
    def test_words_that_only_ask_are_not_searched_as_words(self) -> None:
        asked = question.read("¿A qué hora limpian las habitaciones?", "es")
        assert "hora" not in asked.words
        assert "opening_hours" in asked.concepts

    def test_small_words_that_name_a_subject_together_are_searched_as_one(self) -> None:
        asked = question.read("Vous pouvez venir chez moi ?", "fr")
        assert "chezmoi" in asked.words
        assert "home_visit" in asked.concepts

    @pytest.mark.parametrize(
        ("asked", "lang", "kind"),
        [
            ("Where are you?", "en", "address"),
            ("وين المكتب؟", "ar", "address"),
            ("Quando aprite?", "it", "opening_hours"),
            ("Wann fängt der Kurs an?", "de", "start_date"),
        ],
    )
    def test_where_and_when_are_kinds_of_their_own(self, asked: str, lang: str, kind: str) -> None:
        assert kind in question.read(asked, lang).kinds

    def test_a_clause_that_begins_with_when_asks_for_no_time(self) -> None:
        assert "opening_hours" not in question.read("Do I lose my money when I cancel?", "en").kinds

    @pytest.mark.parametrize(
        ("asked", "lang", "counted"),
        [
            ("¿Cuántas habitaciones hay?", "es", "habitaciones"),
            ("Combien de places avez-vous ?", "fr", "places"),
            ("How many rooms are there?", "en", "rooms"),
            ("How much is a room?", "en", None),
        ],
    )
    def test_how_many_asks_for_a_number_of_what_follows(self, asked: str, lang: str, counted: str | None) -> None:
        assert question.read(asked, lang).counted == counted


class TestSought:
    def test_an_answer_to_how_much_has_a_price_or_is_free(self) -> None:
        assert sought.has("price", "La coupe coûte 34 €.", frozenset())
        assert sought.has("price", "C’est gratuit.", frozenset({"free_of_charge"}))
        assert not sought.has("price", "La coupe dure 30 minutes.", frozenset({"duration"}))

    def test_an_answer_to_when_has_a_time_or_a_day(self) -> None:
        assert sought.has("opening_hours", "De 10 h à 19 h.", frozenset())
        assert sought.has("opening_hours", "Le mardi.", frozenset({"tuesday"}))
        assert not sought.has("opening_hours", "Sur rendez-vous.", frozenset({"appointment"}))

    def test_an_answer_to_how_many_has_a_number_before_what_is_counted(self) -> None:
        assert sought.counts("Hay ocho habitaciones dobles.", "habitaciones")
        assert sought.counts("Il y a 14 chambres.", "chambres")
        assert not sought.counts("Las habitaciones tienen 16 m².", "habitaciones")


class TestTitles:
    def test_a_title_says_its_words_without_the_small_ones(self) -> None:
        title = titles.read("Quel est le prix d’une coloration ?", "fr")
        assert [item.root for item in title.items] == ["prix", "coloration"]
        assert title.kinds == {"price"}

    def test_a_title_that_asks_two_things_has_two_clauses(self) -> None:
        title = titles.read("¿Hay piscina y cuándo abre?", "es")
        assert {item.clause for item in title.items} == {0, 1}

    def test_of_a_way_to_a_section_the_last_heading_is_what_it_says(self) -> None:
        title = titles.read("Guide › Petit-déjeuner", "fr")
        assert title.is_heading
        assert title.concepts == {"breakfast"}


class TestConcepts:
    def test_a_gift_card_is_no_card_to_pay_with(self) -> None:
        assert concepts("подарочные карты", "ru") == {"gift_card"}

    def test_the_end_of_a_compound_counts_only_apart_from_its_beginning(self) -> None:
        assert concepts("Anzahlung", "de") == {"deposit"}
        assert concepts("Kinderpreis", "de") == {"children", "price"}

    def test_who_says_that_somebody_works_does_not_ask_for_opening_hours(self) -> None:
        assert "opening_hours" not in concepts("Sur quels sujets travaillez-vous ?", "fr")
        assert "opening_hours" in concepts("Vous travaillez le samedi ?", "fr")
