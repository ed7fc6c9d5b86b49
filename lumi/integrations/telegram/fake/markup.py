"""What the Bot API demands of marked-up texts and of buttons."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import cast

from lumi.core.outside_json import as_list, as_object
from lumi.integrations.telegram.fake.refusal import bad
from lumi.integrations.telegram.limits import utf16_length

_ENTITIES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler",
}  # fmt: skip
_TOKEN = re.compile(r"<(/?)([a-zA-Z][\w-]*)?([^<>]*)>?|&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_HREF = re.compile(r"""href\s*=\s*["']([^"']*)["']""")
_MOST_BUTTONS = 100
_MOST_DATA_BYTES = 64
_BUTTON_KINDS = ("url", "web_app", "login_url", "switch_inline_query", "pay", "copy_text", "callback_game")


@dataclass(slots=True)
class _Marked:
    """A text on its way from markup to entities."""

    words: str = ""
    open: list[tuple[str, int, str]] = field(default_factory=list[tuple[str, int, str]])
    entities: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    def end(self, tag: str, where: int) -> None:
        if not self.open:
            raise _unparsable(f"Unexpected end tag at byte offset {where}")
        started, at, url = self.open.pop()
        if tag != started:
            raise _unparsable(f'Unmatched end tag at byte offset {where}, expected "</{started}>", found "</{tag}>"')
        offset = utf16_length(self.words[:at])
        entity: dict[str, object] = {
            "type": _ENTITIES[tag],
            "offset": offset,
            "length": utf16_length(self.words) - offset,
        }
        self.entities.append(entity | ({"url": url} if url else {}))


def read_text(text: str, parse_mode: str) -> tuple[str, list[dict[str, object]]]:
    """The words without markup, trimmed, and what is marked up in them; ApiError when it is not well-formed."""
    if not parse_mode:
        return text.strip(), []
    if parse_mode.lower() != "html":
        raise bad("unsupported parse_mode")
    return _read_html(text.strip())


def flaw_in_keyboard(markup: dict[str, object] | None) -> str | None:
    """What is wrong with the buttons under a message, in the original's words."""
    rows = markup.get("inline_keyboard") if markup else None
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in cast("list[object]", rows)):
        return 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    buttons = [as_object(each) for row in cast("list[object]", rows) for each in as_list(row)]
    if len(buttons) > _MOST_BUTTONS:
        return "reply markup is too long"
    return next((flaw for each in buttons if (flaw := _flaw_in(each))), None)


def _flaw_in(button: dict[str, object]) -> str | None:
    text, data = button.get("text"), button.get("callback_data")
    if not isinstance(text, str):
        return "can't parse inline keyboard button: Can't find field \"text\""
    if isinstance(data, str) and data:
        return None if len(data.encode()) <= _MOST_DATA_BYTES else "BUTTON_DATA_INVALID"
    if any(key in button for key in _BUTTON_KINDS):
        return None
    return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


def _read_html(text: str) -> tuple[str, list[dict[str, object]]]:
    marked, end = _Marked(), 0
    for found in _TOKEN.finditer(text):
        marked.words += text[end : found.start()]
        end = found.end()
        if found[0].startswith("&"):
            marked.words += html.unescape(found[0])
            continue
        where, tag = len(text[: found.start()].encode()), (found[2] or "").lower()
        if found[1]:
            marked.end(tag, where)
        elif tag in _ENTITIES and found[0].endswith(">"):
            url = _HREF.search(found[3])
            marked.open.append((tag, len(marked.words), url[1] if url else ""))
        else:
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {where}')
    marked.words += text[end:]
    if marked.open:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{marked.open[-1][0]}"')
    return marked.words, marked.entities


def _unparsable(why: str) -> Exception:
    return bad(f"can't parse entities: {why}")
