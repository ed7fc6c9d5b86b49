"""Updates as Telegram builds them, with values of our own."""

import orjson

from lumi.integrations.telegram.payloads import Batch, Message, parse

Part = dict[str, object]

PERSON: Part = {
    "id": 610000042,
    "is_bot": False,
    "first_name": "Anaïs",
    "last_name": "Petit",
    "username": "anais_p",
    "language_code": "fr",
}
CHAT: Part = {"id": 610000042, "first_name": "Anaïs", "last_name": "Petit", "type": "private"}
GROUP: Part = {"id": -1001700000000, "title": "Chorale", "type": "supergroup"}
BOT: Part = {"id": 7000000001, "is_bot": True, "first_name": "Salon", "username": "salon_bot"}


def message(**changes: object) -> Part:
    plain: Part = {"message_id": 31, "from": PERSON, "chat": CHAT, "date": 1795000000, "text": "Vous êtes ouverts ?"}
    return without_none(plain | changes)


def press(**changes: object) -> Part:
    sent = {"message_id": 30, "from": BOT, "chat": CHAT, "date": 1794999990, "text": "Quand ?"}
    plain: Part = {"id": "4382bfdwdsb323b2d9", "from": PERSON, "message": sent, "chat_instance": "-17", "data": "k7"}
    return without_none(plain | changes)


def membership(status: object = "kicked", **changes: object) -> Part:
    states = {"old_chat_member": {"user": BOT, "status": "member"}, "new_chat_member": {"user": BOT, "status": status}}
    plain: Part = {"chat": CHAT, "from": PERSON, "date": 1795000000}
    return without_none(plain | states | changes)


def update(kind: str, item: object, update_id: object = 880000017) -> Part:
    return without_none({"update_id": update_id, kind: item})


def read(body: Part) -> Batch:
    return parse(orjson.dumps(body))


def read_message(**changes: object) -> Message:
    batch = read(update("message", message(**changes)))
    assert (batch.ignored, batch.broken) == ({}, [])
    [found] = batch.messages
    return found


def without_none(part: Part) -> Part:
    return {key: value for key, value in part.items() if value is not None}
