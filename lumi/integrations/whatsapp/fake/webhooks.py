"""The bodies the twin posts to its subscriber."""

import json
from dataclasses import dataclass

import orjson

from lumi.core import clock
from lumi.integrations.whatsapp.fake.chats import Person

_PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "service"}


@dataclass(frozen=True, slots=True)
class Sender:
    """The business number an event is about."""

    waba_id: str
    phone_number_id: str
    display_phone_number: str


def message_event(
    sender: Sender,
    person: Person,
    message_id: str,
    kind: str,
    content: object,
    extra: dict[str, object],
) -> dict[str, object]:
    """The event of a person's message; `extra` holds what stands beside it, as `context`."""
    message: dict[str, object] = {"id": message_id, "timestamp": _now(), "type": kind, kind: content, **extra}
    if person.phone and not person.hides_phone:
        message["from"] = person.phone
    if person.user_id:
        message["from_user_id"] = person.user_id
    return _envelope(sender, {"contacts": [_contact(person)], "messages": [message]})


def status_event(
    sender: Sender,
    person: Person,
    message_id: str,
    status: str,
    *,
    to: str,
    callback_data: str | None,
    error_code: int | None = None,
) -> dict[str, object]:
    """The event of a status of a message the business sent; `to` is the address it sent it to."""
    entry: dict[str, object] = {"id": message_id, "status": status, "timestamp": _now()}
    if person.phone and (to == person.phone or not person.hides_phone):
        entry["recipient_id"] = person.phone
    if person.user_id:
        entry["recipient_user_id"] = person.user_id
    if callback_data is not None:
        entry["biz_opaque_callback_data"] = callback_data
    if error_code is not None:
        details = {"details": f"Simulated failure {error_code}."}
        entry["errors"] = [{"code": error_code, "title": "Message not delivered", "error_data": details}]
        return _envelope(sender, {"statuses": [entry]})
    if status != "read":
        entry["pricing"] = _PRICING
    return _envelope(sender, {"contacts": [_contact(person)], "statuses": [entry]})


def echo_event(
    sender: Sender, person: Person, message_id: str, kind: str, content: object, extra: dict[str, object]
) -> dict[str, object]:
    """The event of a message that somebody of the business wrote in the WhatsApp Business app."""
    ours = "".join(each for each in sender.display_phone_number if each.isdecimal())
    message: dict[str, object] = {"from": ours, "id": message_id, "timestamp": _now(), "type": kind, kind: content}
    if person.phone and not person.hides_phone:
        message["to"] = person.phone
    if person.user_id:
        message["to_user_id"] = person.user_id
    return _envelope(sender, {"message_echoes": [message | extra]}, "smb_message_echoes")


def account_event(waba_id: str, field: str, value: object) -> dict[str, object]:
    """The event of anything about the account: `value` is what the original puts there."""
    change = {"field": field, "value": value}
    entry = {"id": waba_id, "time": int(clock.now().timestamp()), "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def to_bytes(event: dict[str, object]) -> bytes:
    """The bytes that are signed and posted: everything beyond ASCII is escaped, as the original does."""
    body = orjson.dumps(event)
    return body if body.isascii() else json.dumps(event, separators=(",", ":")).encode()


def _now() -> str:
    return str(int(clock.now().timestamp()))


def _contact(person: Person) -> dict[str, object]:
    profile: dict[str, object] = {"name": person.name or "Guest"}
    if person.username:
        profile["username"] = person.username
    contact: dict[str, object] = {"profile": profile}
    if person.phone and not person.hides_phone:
        contact["wa_id"] = person.phone
    if person.user_id:
        contact["user_id"] = person.user_id
    return contact


def _envelope(sender: Sender, value: dict[str, object], field: str = "messages") -> dict[str, object]:
    metadata = {
        "display_phone_number": sender.display_phone_number,
        "phone_number_id": sender.phone_number_id,
    }
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    change = {"value": whole, "field": field}
    return {"object": "whatsapp_business_account", "entry": [{"id": sender.waba_id, "changes": [change]}]}
