"""When a passage is an answer, and what may be stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lumi.core.ids import new_id
from lumi.modules.knowledge import rules
from lumi.modules.knowledge.errors import (
    EmptyText,
    InvalidEncoding,
    NulCharacter,
    TextTooLarge,
    UnsupportedType,
)
from lumi.modules.knowledge.values import Passage, TextFormat


def a_passage(evidence: float, text: str = "We open at ten.") -> Passage:
    return Passage(
        id=new_id(),
        document_id=new_id(),
        external_id="hours",
        title="Opening hours",
        url="https://salon.example/hours",
        lang="en",
        text=text,
        score=7.0,
        evidence=evidence,
    )


class TestAnswerFrom:
    def test_nothing_found_is_no_answer(self) -> None:
        assert rules.answer_from([]) is None

    def test_the_best_passage_is_quoted_as_written_with_its_source(self) -> None:
        best = a_passage(0.9)
        answer = rules.answer_from([best, a_passage(0.95, "Something else.")])
        assert answer is not None
        assert (answer.text, answer.lang, answer.evidence) == (best.text, "en", 0.9)
        assert [(s.id, s.title, s.url, s.lang) for s in answer.sources] == [(best.id, best.title, best.url, "en")]

    def test_just_under_the_threshold_is_no_answer_and_the_threshold_is(self) -> None:
        assert rules.answer_from([a_passage(rules.EVIDENCE_THRESHOLD - 0.001)]) is None
        assert rules.answer_from([a_passage(rules.EVIDENCE_THRESHOLD)]) is not None

    def test_a_lower_passage_is_never_promoted(self) -> None:
        assert rules.answer_from([a_passage(0.1), a_passage(0.9)]) is None


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        (["Où se garer ?"], 3),
        (["متى تفتحون؟"], 3),
        (["Guide", "¿Hay piscina?  "], 3),
        (["Guide", "Pool"], 2),
        (["Pool"], 1),
        (["Why? Because"], 1),
    ],
)
def test_a_title_that_is_a_question_counts_most_and_a_heading_more_than_the_title_of_a_whole(
    path: list[str], weight: float
) -> None:
    assert rules.title_weight(path) == weight


@pytest.mark.parametrize(
    ("path", "shown"),
    [(["Guide"], "Guide"), (["Guide", "Guide"], "Guide"), (["Guide", "Guide", "Pool"], "Guide › Pool")],
)
def test_a_title_does_not_repeat_the_name_of_the_document(path: list[str], shown: str) -> None:
    assert rules.displayed_title(path) == shown


class TestText:
    def test_line_ends_are_made_plain_and_blanks_around_are_dropped(self) -> None:
        assert rules.checked("  a\r\nb\rc\n ") == "a\nb\nc"

    @pytest.mark.parametrize("blank", ["", "  ", "\n\t\r\n"])
    def test_blank_text_is_refused(self, blank: str) -> None:
        with pytest.raises(EmptyText):
            rules.checked(blank)

    def test_a_nul_character_is_refused(self) -> None:
        with pytest.raises(NulCharacter):
            rules.checked("a\x00b")

    def test_one_mebibyte_is_the_limit_in_bytes_and_not_in_characters(self) -> None:
        assert len(rules.checked("é" * (1 << 19))) == 1 << 19
        with pytest.raises(TextTooLarge):
            rules.checked("é" * (1 << 19) + "e")

    def test_a_file_in_another_encoding_is_refused_and_a_byte_order_mark_is_dropped(self) -> None:
        assert rules.decoded("\ufeffOuvert".encode()) == "Ouvert"
        with pytest.raises(InvalidEncoding):
            rules.decoded("fermé".encode("latin-1"))

    @pytest.mark.parametrize(
        ("name", "written"),
        [("a.md", TextFormat.MARKDOWN), ("A.MARKDOWN", TextFormat.MARKDOWN), ("a.b.txt", TextFormat.PLAIN)],
    )
    def test_the_ending_of_a_file_says_how_it_is_written(self, name: str, written: TextFormat) -> None:
        assert rules.format_of(name) is written

    @pytest.mark.parametrize("name", ["a.pdf", "a.html", "md", "", "a.md.exe"])
    def test_other_types_are_refused(self, name: str) -> None:
        with pytest.raises(UnsupportedType):
            rules.format_of(name)

    @pytest.mark.parametrize(
        ("name", "stem"), [("C:\\docs\\tarifs.md", "tarifs"), ("a/b.c.txt", "b.c"), (".md", ".md")]
    )
    def test_a_file_lends_its_name_to_the_title(self, name: str, stem: str) -> None:
        assert rules.stem_of(name) == stem


@given(some.lists(some.text(), max_size=4), some.lists(some.text(), max_size=4))
def test_checksums_are_the_same_only_for_the_same_parts(one: list[str], other: list[str]) -> None:
    assert (rules.checksum(*one) == rules.checksum(*other)) is (one == other)


@given(some.one_of(some.none(), some.text(), some.integers()))
def test_an_external_id_comes_back_as_it_was_given(external_id: int | str | None) -> None:
    back = rules.given_id(*rules.stored_id(external_id))
    assert back == external_id
    assert type(back) is type(external_id)


@pytest.mark.parametrize(("code", "is_one"), [("fr", True), ("ary", True), ("FR", False), ("f", False), ("fr1", False)])
def test_a_language_is_two_or_three_small_letters(code: str, is_one: bool) -> None:
    assert rules.is_language(code) is is_one
