"""The body around a part of one: what was set aside is read again as if it had just come."""

from __future__ import annotations

from lumi.core.outside_json import Unreadable, dump, load_object

_OBJECT = "whatsapp_business_account"
_LISTS = (("status", "statuses"), ("to", "message_echoes"))


def enveloped(part: bytes, number: str) -> bytes:
    """The body in which this entry, change, message, echo or status of a number comes; a whole body as it is."""
    try:
        item = load_object(part)
    except Unreadable:
        return part
    if "object" in item:
        return part
    if "changes" in item:
        return dump({"object": _OBJECT, "entry": [item]})
    if "field" not in item:
        name = next((name for key, name in _LISTS if key in item), "messages")
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, name: [item]}
        item = {"field": "smb_message_echoes" if name == "message_echoes" else "messages", "value": value}
    return dump({"object": _OBJECT, "entry": [{"id": "", "changes": [item]}]})
