"""A document cut into sections: by its headings, then by its blocks when a section is long."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from lumi.modules.knowledge.values import DocumentKind, Draft, Outlined, TextFormat

MAX_SECTION_CHARACTERS = 1200
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?؟。])\s+|\n")
_MARKDOWN = MarkdownIt("commonmark").enable("table")
FAQ_ANCHOR = "faq"


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands under one heading."""

    path: tuple[str, ...]
    blocks: tuple[str, ...]


def outline(draft: Draft) -> list[Outlined]:
    """The sections of a draft in order, their anchors unique; an FAQ entry is one.

    Text is kept as it is written; a section has at most MAX_SECTION_CHARACTERS characters.
    """
    if draft.kind is DocumentKind.FAQ:
        return [Outlined(FAQ_ANCHOR, (draft.title,), draft.body)]
    parts = _markdown(draft) if draft.format is TextFormat.MARKDOWN else _plain(draft)
    taken: set[str] = set()
    sections: list[Outlined] = []
    for part in filter(lambda part: part.blocks, parts):
        anchor = _free(slug(part.path[-1]), taken)
        for number, text in enumerate(_packed(part.blocks), start=1):
            name = anchor if number == 1 else _free(f"{anchor}.{number}", taken)
            sections.append(Outlined(name, part.path, text))
    return sections


def slug(heading: str) -> str:
    """A heading as an anchor: small letters and digits of any script, joined by hyphens."""
    return re.sub(r"[^\w]+", "-", heading.lower()).strip("-_") or "section"


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name


def _plain(draft: Draft) -> Iterator[_Part]:
    blocks = tuple(block.strip() for block in re.split(r"\n\s*\n", draft.body))
    yield _Part((draft.title,), tuple(filter(None, blocks)))


def _markdown(draft: Draft) -> Iterator[_Part]:
    """One part a heading; the heading that opens the document only names it."""
    lines = _FRONT_MATTER.sub("", draft.body).split("\n")
    tokens = _MARKDOWN.parse("\n".join(lines))
    path: dict[int, str] = {0: draft.title}
    blocks: list[str] = []
    for place, token in enumerate(tokens):
        if token.level or token.map is None:
            continue
        if token.type != "heading_open":
            blocks.append("\n".join(lines[token.map[0] : token.map[1]]).strip())
            continue
        yield _Part(tuple(path.values()), tuple(blocks))
        blocks = []
        depth = int(token.tag[1:])
        path = {level: heading for level, heading in path.items() if level < depth}
        path[depth] = _text_of(tokens[place + 1].content) or draft.title
    yield _Part(tuple(path.values()), tuple(blocks))


def _text_of(heading: str) -> str:
    """A heading without its markup."""
    inline = _MARKDOWN.parseInline(heading)[0].children or []
    return "".join(token.content for token in inline).strip()


def _packed(blocks: Iterable[str]) -> Iterator[str]:
    """Whole blocks together as long as they fit; a block that does not fit alone is cut at sentences."""
    held = ""
    for piece in (piece for block in blocks for piece in _pieces(block)):
        if held and len(held) + len(piece) + 2 > MAX_SECTION_CHARACTERS:
            yield held
            held = ""
        held = f"{held}\n\n{piece}" if held else piece
    if held:
        yield held


def _pieces(block: str) -> Iterator[str]:
    """A block in pieces that fit: at sentences, and a sentence that is too long anywhere."""
    if len(block) <= MAX_SECTION_CHARACTERS:
        if block:
            yield block
        return
    held = 0
    for end in [*(match.end() for match in _SENTENCE_END.finditer(block)), len(block)]:
        while end - held > MAX_SECTION_CHARACTERS:
            cut = _cut(block, held, end)
            yield block[held:cut].strip()
            held = cut
    if rest := block[held:].strip():
        yield rest


def _cut(block: str, start: int, end: int) -> int:
    """Where to cut between start and a sentence end too far away: the last sentence or word end that fits."""
    window = block[start : min(end, start + MAX_SECTION_CHARACTERS)]
    ends = [match.end() for match in _SENTENCE_END.finditer(window)]
    if ends:
        return start + ends[-1]
    blank = window.rfind(" ", 1)
    return start + (blank + 1 if blank > 0 else len(window))
