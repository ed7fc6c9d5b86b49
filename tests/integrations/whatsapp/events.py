"""Bodies as WhatsApp posts them, of invented values, in as many shapes as a test asks for."""

from collections.abc import Mapping

import orjson

from lumi.integrations.whatsapp.payloads import Batch, parse

NUMBER = "551200000000042"
PERSON = {"profile": {"name": "Anaïs"}, "wa_id": "33600000042"}
USER_ID = "FR.7001002003004005"

Part = dict[str, object]


def value(**parts: object) -> Part:
    return {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}, **parts}


def event(*values: object, field: object = "messages", **entry: object) -> Part:
    entries = [
        {"id": f"44590000000000{n}", **entry, "changes": [{"field": field, "value": v}]} for n, v in enumerate(values)
    ]
    return {"object": "whatsapp_business_account", "entry": entries}


def text(message_id: object = "wamid.A", **changes: object) -> Part:
    message: Part = {
        "from": "33600000042",
        "id": message_id,
        "timestamp": "1795000000",
        "type": "text",
        "text": {"body": "Bonjour"},
    }
    return {key: each for key, each in (message | changes).items() if each is not None}


def message(kind: str, content: object, **beside: object) -> Part:
    return text(type=kind, text=None, **{kind: content}, **beside)


def status(**changes: object) -> Part:
    entry: Part = {
        "id": "wamid.S",
        "status": "sent",
        "timestamp": "1795000000",
        "recipient_id": "33600000042",
    }
    return {key: each for key, each in (entry | changes).items() if each is not None}


def echo(**changes: object) -> Part:
    return text("wamid.E", **{"from": "33186000042", "to": "33600000042"} | changes)


def read(event_: Mapping[str, object]) -> Batch:
    return parse(orjson.dumps(event_))
