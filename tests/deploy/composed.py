"""`compose.yaml` as Compose reads it: variables filled in, services in the order in which they are started."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

FILE = Path(__file__).resolve().parents[2] / "compose.yaml"

Fields = dict[str, object]

_NAME = re.compile(r"\$(?:\$|(?P<bare>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)(?P<or>:-)?)")


@dataclass(frozen=True)
class Service:
    """One service: what Compose does with it is read from its fields."""

    name: str
    fields: Fields

    @property
    def environment(self) -> Mapping[str, str]:
        """What is set for it, whatever `.env` says."""
        return cast("dict[str, str]", self.fields.get("environment", {}))

    @property
    def waits_for(self) -> Mapping[str, str]:
        """What has to be there first, and how it has to be."""
        needed = cast("dict[str, dict[str, str]]", self.fields.get("depends_on", {}))
        return {name: each["condition"] for name, each in needed.items()}

    @property
    def is_built(self) -> bool:
        """Whether it is our image."""
        return "build" in self.fields

    def words(self, field: str) -> Sequence[str]:
        """A field that is a list of words; empty when it is not there."""
        return cast("list[str]", self.fields.get(field, []))


def services(environment: Mapping[str, str]) -> Mapping[str, Service]:
    """All services, with these variables (of a shell or of `.env`) filled in."""
    read = cast("dict[str, dict[str, Fields]]", yaml.safe_load(FILE.read_text()))
    filled = cast("dict[str, Fields]", _filled(read["services"], environment))
    return {name: Service(name, fields) for name, fields in filled.items()}


def started_for(name: str, among: Mapping[str, Service]) -> Sequence[Service]:
    """What `docker compose up NAME` starts, in an order in which each finds what it waits for."""
    found: dict[str, Service] = {}

    def visit(wanted: str) -> None:
        for first in among[wanted].waits_for:
            visit(first)
        found.setdefault(wanted, among[wanted])

    visit(name)
    return list(found.values())


def interpolated(text: str, environment: Mapping[str, str]) -> str:
    """`$$` is one dollar, `$NAME` and `${NAME}` a variable, `${NAME:-else}` has another value when it is empty."""
    return "".join(_pieces(text, environment))


def _pieces(text: str, environment: Mapping[str, str]) -> Iterator[str]:
    at = 0
    while (found := _NAME.search(text, at)) is not None:
        yield text[at : found.start()]
        at = found.end()
        name = found["bare"] or found["braced"]
        if name is None:
            yield "$"
            continue
        value = environment.get(name, "")
        if found["braced"]:
            end = _closing(text, at)
            if found["or"] and not value:
                value = interpolated(text[at:end], environment)
            at = end + 1
        yield value
    yield text[at:]


def _closing(text: str, at: int) -> int:
    """Where the brace that is open at this place is closed."""
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return at - 1


def _filled(value: object, environment: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return interpolated(value, environment)
    if isinstance(value, dict):
        return {key: _filled(each, environment) for key, each in cast("Fields", value).items()}
    if isinstance(value, list):
        return [_filled(each, environment) for each in cast("list[object]", value)]
    return value
