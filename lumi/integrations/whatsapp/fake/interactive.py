"""The limits of buttons and lists, which WhatsApp enforces to the character."""

from lumi.core.outside_json import as_list, as_object, as_text

_LONGEST_BODY = {"list": 4096}
_LONGEST_OTHER_BODY = 1024
_LONGEST_FOOTER = 60
_LONGEST_LABEL = 20
_MOST_BUTTONS = 3
_MOST_ROWS = 10
_MOST_SECTIONS = 10


def flaw_in_interactive(content: dict[str, object]) -> str | None:
    """The first thing that is wrong with an `interactive` object, or None."""
    kind = as_text(content.get("type")) or ""
    body = as_text(as_object(content.get("body")).get("text"))
    if not _fits(body, _LONGEST_BODY.get(kind, _LONGEST_OTHER_BODY)):
        return "Param interactive['body']['text'] is missing or too long"
    footer = content.get("footer")
    if footer is not None and not _fits(as_object(footer).get("text"), _LONGEST_FOOTER):
        return "Param interactive['footer']['text'] must be at most 60 characters long"
    action = as_object(content.get("action"))
    if kind == "button":
        return _flaw_in_buttons(as_list(action.get("buttons")))
    if kind == "list":
        return _flaw_in_list(action)
    if kind == "cta_url":
        parameters = as_object(action.get("parameters"))
        fits = _fits(parameters.get("display_text"), _LONGEST_LABEL) and _fits(parameters.get("url"), 2000)
        return None if fits else "Param interactive['action']['parameters'] is not valid"
    if kind == "location_request_message":
        asks = action.get("name") == "send_location"
        return None if asks else "Param interactive['action']['name'] must be send_location"
    return "Param interactive['type'] is not one that is known"


def _flaw_in_buttons(buttons: list[object]) -> str | None:
    if not 1 <= len(buttons) <= _MOST_BUTTONS:
        return "Param interactive['action']['buttons'] must have 1 to 3 elements"
    replies = [as_object(as_object(each).get("reply")) for each in buttons]
    if not all(_fits(each.get("id"), 256) and _fits(each.get("title"), _LONGEST_LABEL) for each in replies):
        return "Button id must be at most 256 and title at most 20 characters long"
    if not (_are_unique(replies, "id") and _are_unique(replies, "title")):
        return "Button ids and titles must be unique"
    return None


def _flaw_in_list(action: dict[str, object]) -> str | None:
    if not _fits(action.get("button"), _LONGEST_LABEL):
        return "Param interactive['action']['button'] must be at most 20 characters long"
    sections = [as_object(each) for each in as_list(action.get("sections"))]
    if not 1 <= len(sections) <= _MOST_SECTIONS:
        return "Param interactive['action']['sections'] must have 1 to 10 elements"
    if len(sections) > 1 and not all(_fits(each.get("title"), 24) for each in sections):
        return "Section title is required with several sections, at most 24 characters long"
    rows = [as_object(row) for each in sections for row in as_list(each.get("rows"))]
    if not 1 <= len(rows) <= _MOST_ROWS:
        return "Total row count exceed max allowed count: 10"
    for row in rows:
        described = row.get("description") is None or _fits(row.get("description"), 72)
        if not (_fits(row.get("id"), 200) and _fits(row.get("title"), 24) and described):
            return "Row id must be at most 200, title 24 and description 72 characters long"
    return None if _are_unique(rows, "id") else "Row ids must be unique"


def _fits(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest


def _are_unique(items: list[dict[str, object]], key: str) -> bool:
    return len({str(each.get(key)) for each in items}) == len(items)
