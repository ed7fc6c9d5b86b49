"""Pure rules of knowledge: what may be stored, when a passage is an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from lumi.modules.knowledge.errors import EmptyText, InvalidEncoding, NulCharacter, TextTooLarge, UnsupportedType
from lumi.modules.knowledge.values import Answer, ExternalId, Passage, Source, TextFormat

# Less surely than this, a passage is not an answer: a wrong one quoted does more harm than a person called.
EVIDENCE_THRESHOLD = 0.8

# The number of the rules by which texts are made into an index: whoever changes them counts it up, and what was
# indexed before is indexed again.
INDEX_EDITION = 2

MAX_TEXT_BYTES = 1 << 20
_FORMATS = {
    "md": TextFormat.MARKDOWN,
    "markdown": TextFormat.MARKDOWN,
    "txt": TextFormat.PLAIN,
    "text": TextFormat.PLAIN,
}
# A title that is a question says what the text answers, and a heading what its section is about: their words
# count this often. A title over a whole text says less of each part.
_QUESTION_WEIGHT = 3.0
_HEADING_WEIGHT = 2.0
_QUESTION_MARKS = ("?", "؟", "?")


def answer_from(passages: Sequence[Passage]) -> Answer | None:
    """The best passage as an answer, quoted as written; None when it has too little evidence.

    `passages` are best first. A passage further down is never promoted: what ranks lower speaks of less.
    """
    if not passages or passages[0].evidence < EVIDENCE_THRESHOLD:
        return None
    best = passages[0]
    source = Source(best.id, best.title, best.url, best.lang)
    return Answer(best.text, best.lang, (source,), best.evidence)


def is_question(text: str) -> bool:
    """Whether a text ends as questions do."""
    return text.rstrip().endswith(_QUESTION_MARKS)


def title_weight(title_path: Sequence[str]) -> float:
    """How often a word of the title of the section at the end of this path counts in ranking."""
    if is_question(title_path[-1]):
        return _QUESTION_WEIGHT
    return _HEADING_WEIGHT if len(title_path) > 1 else 1.0


def displayed_title(title_path: Sequence[str]) -> str:
    """The way to a section as one line, without a heading that only repeats the document's title."""
    return " › ".join(dict.fromkeys(title_path))


def checked(text: str) -> str:
    """The text with plain line ends and without blanks around it; raises EmptyText, NulCharacter, TextTooLarge."""
    if "\x00" in text:
        raise NulCharacter
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise TextTooLarge
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise EmptyText
    return text


def decoded(content: bytes) -> str:
    """An uploaded file as text; raises InvalidEncoding and TextTooLarge."""
    if len(content) > MAX_TEXT_BYTES:
        raise TextTooLarge
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidEncoding from None


def format_of(file_name: str) -> TextFormat:
    """How a file of this name is written; raises UnsupportedType."""
    _, dot, suffix = file_name.rpartition(".")
    found = _FORMATS.get(suffix.lower()) if dot else None
    if found is None:
        raise UnsupportedType
    return found


def stem_of(file_name: str) -> str:
    """The name of a file without its folders and its ending."""
    name = file_name.replace("\\", "/").rpartition("/")[2]
    return name.rpartition(".")[0] or name


def checksum(*parts: str) -> str:
    """A digest that differs when any part does."""
    seal = hashlib.sha256()
    for part in parts:
        seal.update(str(len(part)).encode() + b":" + part.encode())
    return seal.hexdigest()


def stored_id(external_id: ExternalId | None) -> tuple[str | None, bool]:
    """An external id as it is stored: its text, and whether it was a number."""
    return (None if external_id is None else str(external_id)), isinstance(external_id, int)


def given_id(stored: str | None, is_number: bool) -> ExternalId | None:
    """The external id as it was given."""
    return int(stored) if stored is not None and is_number else stored


def is_language(code: str) -> bool:
    """Whether this is the code of a language: two or three small letters."""
    return code.isascii() and code.isalpha() and code.islower() and 2 <= len(code) <= 3
