"""Reads what WhatsApp tells about an account: every kind into the same few fields."""

from __future__ import annotations

from collections.abc import Iterator

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.whatsapp.content_items import Fields
from lumi.integrations.whatsapp.identity import address, identifier
from lumi.integrations.whatsapp.items import Broken, instant
from lumi.integrations.whatsapp.shapes import AccountNotice, NoticeKind, TemplateRef

# Where each field stands, whatever the kind: the first place that holds something.
_EVENT = ("event", "decision", "alert_info.alert_type", "value")
_REASON = (
    "reason",
    "rejection_reason",
    "violation_info.violation_type",
    "ban_info.waba_ban_state",
    "alert_info.alert_description",
    "other_info.title",
    "category",
)
_SEVERITY = ("alert_info.alert_severity",)
_PREVIOUS = ("previous_quality_score", "previous_category", "old_limit", "user_id.previous")
_CURRENT = (
    "new_quality_score",
    "correct_category",
    "new_category",
    "current_limit",
    "max_daily_conversations_per_business",
    "user_id.current",
    "country",
)
_ABOUT_PEOPLE = frozenset({NoticeKind.PREFERENCE, NoticeKind.USER_ID})
_NOTHING = frozenset({"", "NONE", "none", "null"})


def read_notices(kind: NoticeKind, value: object, time: object, waba_id: str) -> Iterator[AccountNotice | Broken]:
    """The notice in this value; one for each person where it is about people. Broken in place of what is none."""
    whole = as_object(value)
    if not whole:
        yield Broken("it has no value")
    elif kind not in _ABOUT_PEOPLE:
        yield _notice(kind, whole, whole, time, waba_id)
    else:
        items = as_list(whole.get(kind.value))
        if not items:
            yield Broken(f"it has no list of {kind.value}")
        for each in items:
            item = as_object(each)
            if item:
                yield _notice(kind, whole, item, item.get("timestamp") or time, waba_id)
            else:
                yield Broken(f"one of its {kind.value} is not an object")


def _notice(kind: NoticeKind, whole: Fields, item: Fields, time: object, waba_id: str) -> AccountNotice:
    metadata = as_object(whole.get("metadata"))
    phone, user_id = None, None
    if kind in _ABOUT_PEOPLE:
        current_id = as_object(item.get("user_id")).get("current")
        phone, user_id = address(item.get("wa_id"), current_id or item.get("user_id"))
    return AccountNotice(
        waba_id=waba_id,
        kind=kind,
        at=instant(time),
        phone_number_id=identifier(metadata.get("phone_number_id")),
        display_phone_number=as_text(whole.get("display_phone_number"))
        or as_text(metadata.get("display_phone_number")),
        event=_first(item, _EVENT),
        reason=_first(item, _REASON),
        severity=_first(item, _SEVERITY),
        previous=_first(item, _PREVIOUS),
        current=_first(item, _CURRENT),
        template=_template(item),
        phone=phone,
        user_id=user_id,
        raw=item,
    )


def _first(item: Fields, places: tuple[str, ...]) -> str | None:
    for place in places:
        outer, _, inner = place.partition(".")
        value = as_object(item.get(outer)).get(inner) if inner else item.get(outer)
        found = identifier(value)
        if found is not None and found not in _NOTHING:
            return found
    return None


def _template(item: Fields) -> TemplateRef | None:
    name, template_id = as_text(item.get("message_template_name")), identifier(item.get("message_template_id"))
    if name is None and template_id is None:
        return None
    return TemplateRef(
        id=template_id,
        name=name,
        language=as_text(item.get("message_template_language")),
        category=as_text(item.get("message_template_category")),
    )
