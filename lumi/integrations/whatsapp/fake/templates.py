"""The templates of the twin's account, and what is wrong with a message that uses one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.fake.graph import GraphError

_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
_WRONG_COUNT = 132000
_UNKNOWN = 132001
_WRONG_FORM = 132012
_NOT_ACTIVE = {"PAUSED": 132015, "DISABLED": 132016}
_NEEDS_PHONE = 131062
_APPROVED = "APPROVED"


@dataclass(frozen=True, slots=True)
class Template:
    """A template with its texts; places in them are `{{1}}` or `{{name}}`. Buttons are not looked into."""

    name: str
    language: str
    body: str
    header: str = ""
    category: str = "UTILITY"
    status: str = _APPROVED

    def shown(self, template_id: int) -> dict[str, object]:
        """As the Graph API lists it."""
        parts = [{"type": "HEADER", "format": "TEXT", "text": self.header}] if self.header else []
        named = any(not each.isdecimal() for each in _PLACE.findall(self.body))
        return {
            "id": str(template_id),
            "name": self.name,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "parameter_format": "NAMED" if named else "POSITIONAL",
            "rejected_reason": "NONE",
            "components": [*parts, {"type": "BODY", "text": self.body}],
        }


class Templates:
    """All templates of the account, in the order in which they were made."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self._by_name: dict[tuple[str, str], Template] = {}
        for each in templates:
            self.put(each)

    def put(self, template: Template) -> None:
        """Add it, or replace the one with its name and language."""
        self._by_name[template.name, template.language] = template

    def listed(self, limit: int, after: str) -> dict[str, object]:
        """One page, and a cursor for the next when there is one."""
        start = _position(after)
        everything = list(enumerate(self._by_name.values(), 810_000_000_000_001))
        page = list(islice(everything, start, start + limit))
        paging: dict[str, object] = {"cursors": {"before": _cursor(start), "after": _cursor(start + len(page))}}
        if start + len(page) < len(everything):
            paging["next"] = "more"
        return {"data": [each.shown(template_id) for template_id, each in page], **({"paging": paging} if page else {})}

    def admit(self, content: dict[str, object], *, has_phone: bool) -> str:
        """The words of a message that uses a template; GraphError when it may not be sent."""
        name = as_text(content.get("name")) or ""
        language = as_text(as_object(content.get("language")).get("code")) or ""
        template = self._by_name.get((name, language))
        if template is None:
            raise GraphError(404, _UNKNOWN, f"template name ({name}) does not exist in {language}")
        if template.status in _NOT_ACTIVE:
            raise GraphError(400, _NOT_ACTIVE[template.status], f"template ({name}) is {template.status.lower()}")
        if template.status != _APPROVED:
            raise GraphError(404, _UNKNOWN, f"template ({name}) is not approved in {language}")
        if template.category == "AUTHENTICATION" and not has_phone:
            raise GraphError(400, _NEEDS_PHONE, "authentication templates need a phone number")
        given = [as_object(each) for each in as_list(content.get("components"))]
        filled = (_filled(noun, text, given) for noun, text in (("header", template.header), ("body", template.body)))
        return "\n".join(each for each in filled if each)


def _filled(noun: str, text: str, components: Sequence[dict[str, object]]) -> str:
    """The text with its places filled by the component of this name."""
    places: list[str] = list(dict.fromkeys(_PLACE.findall(text)))
    mine = (each for each in components if str(each.get("type")).lower() == noun)
    parameters = [as_object(each) for component in mine for each in as_list(component.get("parameters"))]
    texts = [each for each in parameters if each.get("type") == "text"]
    if len(texts) != len(places):
        counts = f"number of localizable_params ({len(texts)}) does not match"
        raise GraphError(400, _WRONG_COUNT, f"{noun}: {counts} the expected number of params ({len(places)})")
    are_numbers = all(each.isdecimal() for each in places)
    values: dict[str, str] = {}
    for place, parameter in zip(sorted(places, key=int) if are_numbers else places, texts, strict=True):
        name = place if are_numbers else as_text(parameter.get("parameter_name")) or ""
        value = as_text(parameter.get("text"))
        if name not in places or name in values or not value:
            raise GraphError(400, _WRONG_FORM, f"{noun}: Parameter name is missing or text is empty")
        values[name] = value
    return _PLACE.sub(lambda place: values[place[1]], text)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor or _cursor(0)))
    except (ValueError, binascii.Error):
        return 0


DEFAULT = (
    Template("hello_world", "en_US", "Hello, and welcome."),
    Template("visit_reminder", "en_US", "Hello {{1}}, we expect you on {{2}}."),
    Template("visit_reminder", "fr", "Bonjour {{1}}, nous vous attendons le {{2}}."),
)
