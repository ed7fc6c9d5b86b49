"""How a document is cut into sections."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lumi.modules.knowledge.engine.outline import MAX_SECTION_CHARACTERS, outline, slug
from lumi.modules.knowledge.values import DocumentKind, Draft, Outlined, TextFormat
from tests.modules.knowledge.drafts import GUIDE, HOURS


def markdown(body: str) -> list[Outlined]:
    return outline(replace(GUIDE, body=body))


def plain(body: str) -> list[Outlined]:
    return outline(Draft(DocumentKind.DOCUMENT, "en", "Notes", body))


def test_an_faq_entry_is_one_section_whatever_its_length() -> None:
    long = replace(HOURS, body="Ouvert. " * 1000)
    assert outline(long) == [Outlined("faq", (HOURS.title,), long.body)]


def test_headings_cut_and_give_anchor_and_way() -> None:
    assert [(s.anchor, s.title_path) for s in outline(GUIDE)] == [
        ("house-guide", ("House guide", "House guide")),
        ("breakfast", ("House guide", "House guide", "Breakfast")),
        ("pool", ("House guide", "House guide", "Pool")),
    ]


def test_a_heading_without_text_is_part_of_the_way_and_no_section() -> None:
    sections = markdown("## Rooms\n\n### Family room\n\nFor four.\n\n## Pool\n\nOpen.")
    assert [s.title_path[1:] for s in sections] == [("Rooms", "Family room"), ("Pool",)]


def test_text_is_kept_as_it_is_written() -> None:
    table = "| room | price |\n| --- | --- |\n| double | **90 €** |"
    listed = "- one\n- two\n  - [three](https://a.example)"
    assert markdown(f"# A\n\n{table}\n\n{listed}\n")[0].text == f"{table}\n\n{listed}"


def test_what_looks_like_a_heading_inside_code_is_text() -> None:
    assert len(markdown("# A\n\n```\n# not a heading\n```\n")) == 1


def test_front_matter_is_not_text() -> None:
    assert [s.text for s in markdown("---\nid: a\ntitle: b\n---\n\n# A\n\nText.")] == ["Text."]


def test_the_same_heading_twice_has_two_anchors() -> None:
    assert [s.anchor for s in markdown("# A\n\none\n\n# A\n\ntwo\n\n# A-2\n\nthree")] == ["a", "a-2", "a-2-2"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [("Mariages & soirées", "mariages-soirées"), ("سياسة الإلغاء", "سياسة-الإلغاء"), ("**!**", "section")],
)
def test_an_anchor_keeps_letters_of_any_script(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_markup_in_a_heading_is_dropped() -> None:
    assert markdown("# The *big* [pool](x)\n\nOpen.")[0].title_path == ("House guide", "The big pool")


def test_a_long_section_is_cut_between_paragraphs_and_its_parts_are_numbered() -> None:
    paragraphs = [f"{n} " + "word " * 100 for n in range(5)]
    sections = markdown("# A\n\n" + "\n\n".join(paragraphs))
    assert [s.anchor for s in sections] == ["a", "a.2", "a.3"]
    assert all(s.text[0].isdigit() for s in sections)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    body = " ".join(f"Sentence number {n} is here." for n in range(100))
    sections = plain(body)
    assert len(sections) > 1
    assert all(s.text.startswith("Sentence") and s.text.endswith("here.") for s in sections)


@given(some.text(alphabet=some.sampled_from("ab .\n#-*>|`é؟"), min_size=1, max_size=4000), some.booleans())
def test_no_section_is_too_long_empty_or_named_like_another(body: str, is_markdown: bool) -> None:
    sections = markdown(body) if is_markdown else plain(body)
    assert all(0 < len(s.text) <= MAX_SECTION_CHARACTERS for s in sections)
    assert len({s.anchor for s in sections}) == len(sections)


@given(some.text(min_size=1, max_size=5000))
def test_nothing_of_a_plain_text_is_lost(body: str) -> None:
    kept = "".join("".join(s.text.split()) for s in plain(body))
    assert kept == "".join(body.split())


def test_a_plain_format_has_no_headings() -> None:
    assert [s.title_path for s in outline(replace(GUIDE, format=TextFormat.PLAIN))] == [("House guide",)]
