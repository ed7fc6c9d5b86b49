"""Webhook bodies of our own values."""

import orjson

from tests.integrations.graph.surfaces import ACCOUNT, PERSON, Kind

MOMENT_MS = 1_795_000_000_123
Part = dict[str, object]


def item(**parts: object) -> Part:
    """What a person did; None takes a key out."""
    whole: Part = {"sender": {"id": PERSON}, "recipient": {"id": ACCOUNT}, "timestamp": MOMENT_MS}
    return {key: each for key, each in (whole | parts).items() if each is not None}


def by_account(**parts: object) -> Part:
    """What the account did to the person."""
    return item(sender={"id": ACCOUNT}, recipient={"id": PERSON}, **parts)


def text(mid: object = "m_A", **parts: object) -> Part:
    """A person's message."""
    message: Part = {"mid": mid, "text": "Do you have a table?", **parts}
    return item(message={key: each for key, each in message.items() if each is not None})


def entry(*items: object, **parts: object) -> Part:
    """One entry; None takes a key out."""
    whole: Part = {"id": ACCOUNT, "time": MOMENT_MS + 9000, "messaging": list(items)}
    return {key: each for key, each in (whole | parts).items() if each is not None}


def body(kind: Kind, *items: object) -> bytes:
    """The bytes of a body with one entry."""
    return of(kind, entry(*items))


def of(kind: Kind, *entries: object) -> bytes:
    """The bytes of a body with these entries."""
    return orjson.dumps({"object": kind.surface.object, "entry": list(entries)})
