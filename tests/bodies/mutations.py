"""Damage: a body with one to three things in it dropped, renamed, retyped, nested, doubled, swapped or blown up."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

Node: TypeAlias = "Pairs | Wrapped | list[Node] | Raw | str | int | float | bool | None"
Place: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Raw:
    """Text that stands in the body as it is, JSON or not."""

    text: str


class Pairs(list[tuple[str, Node]]):
    """An object whose keys keep their order and may come twice."""


class Wrapped(list[Node]):
    """JSON that travels as base64 in a text: what is in it is damaged, too."""


WAYS = ("drop", "rename", "retype", "nest", "double", "swap", "blow_up", "spoil", "grow")
_ODD: tuple[Node, ...] = (
    None, True, False, 0, -1, 2**53, 2**63, 1.5, "", " ", "x", "0", "²", "١٢", "🙂", "null", [], [None], [[]], Pairs(),
    Pairs([("id", Pairs())]), [Pairs([("type", 3)])],
)  # fmt: skip
_NUMBERS = (
    "9" * 400,
    "-" + "9" * 30,
    "1e999",
    "-1E-999",
    "-0",
    "0.1e1",
    "1" + "0" * 5000,
    "NaN",
    "Infinity",
    "01",
    "1.",
)
_TEXTS = (
    "\0",
    "\ud83d",
    "\udc00",
    "a\ud800b",
    "\ufeff",
    "\u202e",
    "\x1b[2J",
    "'; --",
    "%s{0}",
    "a" * 70_000,
    "e\u0301",
)
_KEYS = ("", "id", "type", "text", "object", "entry", "\0", "\ud800", "__proto__", "from", "message")
_DEPTHS = (1, 2, 130, 600, 1_100, 30_000)


def read(text: str) -> Node:
    """The body as a tree that can be damaged."""
    return cast("Node", json.loads(text, object_pairs_hook=Pairs))


def written(node: Node) -> str:
    """The tree as it goes over the wire; half characters stand as escapes."""
    if isinstance(node, Raw):
        return node.text
    if isinstance(node, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{written(each)}" for key, each in node) + "}"
    if isinstance(node, Wrapped):
        return json.dumps(base64.b64encode("".join(map(written, node)).encode()).decode())
    if isinstance(node, list):
        return "[" + ",".join(map(written, node)) + "]"
    return json.dumps(node)


def places(node: Node, here: Place = ()) -> Iterator[Place]:
    """Where everything is."""
    if isinstance(node, list):
        for index, each in enumerate(_values(node)):
            yield (*here, index)
            yield from places(each, (*here, index))


@st.composite
def damaged(draw: DrawFn, body: Node) -> Node:
    """The body with one to three things wrong in it; the body itself stays as it is."""
    told = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 3))):
        everywhere = list(places(told))
        if not everywhere:
            break
        place = draw(st.sampled_from(everywhere))
        _damage(draw, told, place, draw(st.sampled_from(WAYS)), everywhere)
    return told


@st.composite
def torn(draw: DrawFn, raw: bytes) -> bytes:
    """The bytes broken off, with one that is no UTF-8, or with something around them."""
    at = draw(st.integers(0, max(0, len(raw) - 1)))
    return draw(st.sampled_from((raw[:at], raw[:at] + b"\xff" + raw[at + 1 :], b"\xef\xbb\xbf" + raw, raw + raw, b"")))


def _damage(draw: DrawFn, told: Node, place: Place, way: str, everywhere: Sequence[Place]) -> None:
    parent, index = _parent(told, place), place[-1]
    value = _values(parent)[index]
    match way:
        case "drop":
            del parent[index]
        case "rename" if isinstance(parent, Pairs):
            parent[index] = (draw(st.sampled_from((parent[index][0] + "_v2", *_KEYS))), value)
        case "nest":
            _put(parent, index, _nested(draw, value))
        case "double":
            again = copy.deepcopy(value if draw(st.booleans()) else draw(st.sampled_from(_ODD)))
            parent.insert(index + 1, (parent[index][0], again) if isinstance(parent, Pairs) else again)  # type: ignore[arg-type]
        case "swap":
            _swap(told, place, draw(st.sampled_from(everywhere)))
        case "blow_up":
            _put(parent, index, Raw(draw(st.sampled_from(_NUMBERS))))
        case "spoil":
            odd, text = draw(st.sampled_from(_TEXTS)), value if isinstance(value, str) else ""
            _put(parent, index, draw(st.sampled_from((odd, text + odd, odd + text))))
        case "grow" if isinstance(value, list):
            kept = list(value)
            for _ in range(
                draw(st.sampled_from((1, 3, 60)))
            ):  # each its own: swapped, one in two places makes a circle
                value.extend(copy.deepcopy(kept))  # type: ignore[arg-type]
        case _:
            _put(parent, index, copy.deepcopy(draw(st.sampled_from(_ODD))))


def _nested(draw: DrawFn, value: Node) -> Raw:
    deep = draw(st.sampled_from(_DEPTHS))
    opening, closing = draw(st.sampled_from((("[", "]"), ('{"value":', "}"))))
    return Raw(opening * deep + written(value) + closing * deep)


def _swap(told: Node, one: Place, other: Place) -> None:
    """Exchange two values; not one with what it lies in."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return
    first, second = _parent(told, one), _parent(told, other)
    kept = _values(first)[one[-1]]
    _put(first, one[-1], _values(second)[other[-1]])
    _put(second, other[-1], kept)


def _parent(told: Node, place: Place) -> list[Node] | Pairs:
    node = told
    for index in place[:-1]:
        node = _values(cast("list[Node]", node))[index]
    return cast("list[Node]", node)


def _values(node: list[Node] | Pairs) -> Sequence[Node]:
    return [each for _, each in node] if isinstance(node, Pairs) else node


def _put(parent: list[Node] | Pairs, index: int, value: Node) -> None:
    if isinstance(parent, Pairs):
        parent[index] = (parent[index][0], value)
    else:
        parent[index] = value
