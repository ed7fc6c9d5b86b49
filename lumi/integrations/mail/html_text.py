"""HTML to plain text: quoted history becomes lines after `> `, a signature begins with `-- `.

It reads each character about once, whatever is in there: half a tag or a comment without end ends the reading,
and never starts a search anew."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_LONGEST_HTML = 1_000_000
_LONGEST_TAG = 4_096
_DEEPEST = 200
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)>")
_ATTRIBUTE = re.compile(r"(?<![a-zA-Z-])([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_SPACES = re.compile(r"[ \t\r\n\f\u200b\ufeff]+")
_SKIPPED = frozenset({"script", "style", "title", "template", "noscript", "svg"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section"}
    | {"table", "tbody", "tfoot", "thead", "tr", "ul"}
)
_APART = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_QUOTES = ("gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix", "zmail_extra", "quoted-history")
_SIGNATURES = ("gmail_signature", "moz-signature", "protonmail_signature_block", "apple-mail-signature")


def text_of_html(html: str) -> str:
    """The words of an HTML mail, a line for each of its lines."""
    reading = _Reading()
    for piece in _pieces(html[:_LONGEST_HTML]):
        if isinstance(piece, str):
            reading.take(piece)
        elif piece.closes:
            reading.close(piece.name)
        else:
            reading.open(piece)
    return reading.text()


class _Tag:
    __slots__ = ("attributes", "closes", "name")

    def __init__(self, name: str, closes: bool, attributes: str) -> None:
        self.name = name.lower()
        self.closes = closes
        self.attributes = {
            found[1].lower(): unescape(found[2] or found[3] or found[4] or "")
            for found in _ATTRIBUTE.finditer(attributes)
        }

    def has_class(self, names: tuple[str, ...]) -> bool:
        marks = f"{self.attributes.get('class', '')} {self.attributes.get('id', '')}".lower()
        return any(each in marks for each in names)


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that has begun: its link, and where in the line its words begin."""

    name: str
    is_quote: bool
    link: str
    first_word: int


def _pieces(html: str) -> Iterator[str | _Tag]:
    """Texts and tags in their order; comments, declarations and what is never shown are left out."""
    at = 0
    while at < len(html):
        start = html.find("<", at)
        if start != at:
            yield html[at : start if start >= 0 else len(html)]
        if start < 0:
            return
        tag = _TAG.match(html, start, start + _LONGEST_TAG)
        if tag is None:
            at, text = _past(html, start)
            if text:
                yield text
            continue
        at = tag.end()
        found = _Tag(tag[2], bool(tag[1]), tag[3])
        if found.name in _SKIPPED and not found.closes:
            at = _end_of(html, found.name, at)
            continue
        yield found


def _past(html: str, start: int) -> tuple[int, str]:
    """Where to go on after a `<` that begins no tag we read, and what of it is text."""
    if html.startswith("<!--", start):
        end = html.find("-->", start)
        return (end + 3 if end >= 0 else len(html)), ""
    if html[start + 1 : start + 2].isalpha() or html[start + 1 : start + 2] in ("!", "?", "/"):
        end = html.find(">", start)
        return (end + 1 if end >= 0 else len(html)), ""
    return start + 1, "<"


def _end_of(html: str, name: str, at: int) -> int:
    """Behind the end of an element that is never shown."""
    end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, at)
    return end.end() if end else len(html)


class _Reading:
    """The lines so far, the words of the present one, and which open elements are quotes."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._words: list[str] = []
        self._quotes = 0
        self._open: list[_Open] = []
        self._preformatted = 0

    def take(self, words: str) -> None:
        """Add a text to the present line."""
        words = unescape(words).replace("\xa0", " ")
        if self._preformatted:
            first, *rest = words.split("\n")
            self._words.append(first)
            for each in rest:
                self._break()
                self._words.append(each)
            return
        words = _SPACES.sub(" ", words)
        follows_space = not self._words or self._words[-1].endswith(" ")
        self._words.append(words.lstrip(" ") if follows_space else words)

    def open(self, tag: _Tag) -> None:
        """An element begins."""
        if tag.name == "br":
            self._break()
        if tag.name in _BLOCKS:
            self._end_line()
        if tag.name == "hr":
            self._lines.append(self._prefix() + "_" * 32)
        if tag.has_class(_SIGNATURES):
            self._end_line()
            self._lines.append(self._prefix() + "-- ")
        if tag.name == "li":
            self._words.append("- ")
        if tag.name in _VOID or len(self._open) >= _DEEPEST:
            return
        is_quote = tag.name == "blockquote" or tag.has_class(_QUOTES)
        if is_quote:
            self._end_line()
        self._quotes += is_quote
        self._preformatted += tag.name == "pre"
        link = tag.attributes.get("href", "") if tag.name == "a" else ""
        self._open.append(_Open(tag.name, is_quote, link, len(self._words)))

    def close(self, name: str) -> None:
        """An element ends, and with it those inside it that were left open."""
        if all(each.name != name for each in self._open):
            return
        closed = None
        while closed is None or closed.name != name:
            closed = self._open.pop()
            self._leave(closed)

    def text(self) -> str:
        """All lines, with at most one empty line between two others."""
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()

    def _leave(self, closed: _Open) -> None:
        self._add_link(closed)
        if closed.name in _BLOCKS or closed.is_quote:
            self._end_line()
        if closed.name in _APART:
            self._lines.append(self._prefix().rstrip())
        if closed.name in ("td", "th"):
            self._words.append(" ")
        self._quotes -= closed.is_quote
        self._preformatted -= closed.name == "pre"

    def _add_link(self, closed: _Open) -> None:
        """An address behind other words is kept: people send them."""
        if closed.link.startswith(("http://", "https://")):
            words = "".join(self._words[closed.first_word :]).strip()
            if words and closed.link.rstrip("/") not in words:
                self._words.append(f" <{closed.link}>")

    def _end_line(self) -> None:
        if any(each.strip() for each in self._words):
            self._break()
        self._words.clear()

    def _break(self) -> None:
        self._lines.append(f"{self._prefix()}{''.join(self._words).rstrip()}".rstrip())
        self._words.clear()

    def _prefix(self) -> str:
        return "> " if self._quotes else ""
