"""Buttons and lists to choose from, within WhatsApp's limits: what is too long never leaves."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from lumi.integrations.whatsapp.calls import refused_here
from lumi.integrations.whatsapp.outgoing import Body, fitting

MOST_BUTTONS = 3
LONGEST_BUTTON_ID = 256
LONGEST_BUTTON_TITLE = 20
LONGEST_BUTTONS_BODY = 1024
MOST_ROWS = 10
MOST_SECTIONS = 10
LONGEST_ROW_ID = 200
LONGEST_ROW_TITLE = 24
LONGEST_ROW_DESCRIPTION = 72
LONGEST_SECTION_TITLE = 24
LONGEST_LIST_LABEL = 20
LONGEST_LIST_BODY = 4096
LONGEST_HEADER = 60
LONGEST_FOOTER = 60


@dataclass(frozen=True, slots=True)
class Button:
    """One reply button; its id comes back when it is tapped."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list; its id comes back when it is chosen."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a title; the title may be empty when there is one section only."""

    title: str
    rows: tuple[Row, ...]


def buttons_body(body: str, buttons: Sequence[Button], header: str | None, footer: str | None) -> Body:
    """A text with 1 to 3 buttons below it."""
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise refused_here(f"there are 1 to {MOST_BUTTONS} buttons")
    for button in buttons:
        fitting("the id of a button", button.id, LONGEST_BUTTON_ID)
        fitting("the title of a button", button.title, LONGEST_BUTTON_TITLE)
    _differing("the ids of buttons", (each.id for each in buttons))
    _differing("the titles of buttons", (each.title for each in buttons))
    fitting("the text above buttons", body, LONGEST_BUTTONS_BODY)
    replies = [{"type": "reply", "reply": {"id": each.id, "title": each.title}} for each in buttons]
    return _interactive("button", body, header, footer, {"buttons": replies})


def list_body(body: str, label: str, sections: Sequence[Section], header: str | None, footer: str | None) -> Body:
    """A text and a button with this label that opens a list of at most ten rows in all."""
    rows = [row for section in sections for row in section.rows]
    if not 1 <= len(sections) <= MOST_SECTIONS or not all(each.rows for each in sections):
        raise refused_here(f"there are 1 to {MOST_SECTIONS} sections, each with a row")
    if len(rows) > MOST_ROWS:
        raise refused_here(f"there are at most {MOST_ROWS} rows in all sections together")
    for section in sections:
        if section.title or len(sections) > 1:
            fitting("the title of a section", section.title, LONGEST_SECTION_TITLE)
    for row in rows:
        fitting("the id of a row", row.id, LONGEST_ROW_ID)
        fitting("the title of a row", row.title, LONGEST_ROW_TITLE)
        if row.description is not None:
            fitting("the description of a row", row.description, LONGEST_ROW_DESCRIPTION)
    _differing("the ids of rows", (each.id for each in rows))
    fitting("the label of a list", label, LONGEST_LIST_LABEL)
    fitting("the text above a list", body, LONGEST_LIST_BODY)
    action: Body = {"button": label, "sections": [_section(each) for each in sections]}
    return _interactive("list", body, header, footer, action)


def _section(section: Section) -> Body:
    rows = [
        {"id": row.id, "title": row.title} | ({"description": row.description} if row.description else {})
        for row in section.rows
    ]
    return {"title": section.title, "rows": rows} if section.title else {"rows": rows}


def _interactive(kind: str, body: str, header: str | None, footer: str | None, action: Body) -> Body:
    whole: Body = {"type": kind, "body": {"text": body}, "action": action}
    if header is not None:
        fitting("a header", header, LONGEST_HEADER)
        whole["header"] = {"type": "text", "text": header}
    if footer is not None:
        fitting("a footer", footer, LONGEST_FOOTER)
        whole["footer"] = {"text": footer}
    return {"type": "interactive", "interactive": whole}


def _differing(noun: str, values: Iterable[Hashable]) -> None:
    seen = list(values)
    if len(set(seen)) < len(seen):
        raise refused_here(f"{noun} differ from each other")
