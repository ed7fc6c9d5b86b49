"""News of a module, told upward: a frozen dataclass in the past tense, delivered as jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar, cast

from pydantic import TypeAdapter

P = TypeVar("P", bound="Payload")


@dataclass(frozen=True)
class Payload:
    """Data that travels through the database and comes back as the same frozen dataclass."""


@dataclass(frozen=True)
class Event(Payload):
    """Something that happened. Subscribers are named in `wiring.py`."""


def wire_name(kind: type[Payload]) -> str:
    """`lumi.modules.knowledge.events.DocumentStored` travels as `knowledge.DocumentStored`."""
    return f"{kind.__module__.removesuffix('.events').rsplit('.', 1)[-1]}.{kind.__qualname__}"


def encode(payload: Payload) -> str:
    """The payload as JSON."""
    return _adapter(type(payload)).dump_json(payload).decode()


def decode(kind: type[P], stored: str | bytes | Mapping[str, object]) -> P:
    """The payload that was stored; raises pydantic.ValidationError when it is not of that kind."""
    if isinstance(stored, str | bytes):
        return cast("P", _adapter(kind).validate_json(stored))
    return cast("P", _adapter(kind).validate_python(stored))


@cache
def _adapter(kind: type[Payload]) -> TypeAdapter[Payload]:
    return TypeAdapter(kind)
