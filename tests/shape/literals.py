"""A value of a closed set is written by its name: a bare string is not found when the set changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.shape.tree import compared, dotted, modules, walk

# What is spelt like a value of a set of its module and is none: a word of a wire format, a label of a figure.
NOT_MEANT = frozenset(
    {
        "lumi/cli/up.py 'ok'",  # what the health page answers, not a mark of the doctor
        "lumi/core/http/target.py 'ok'",  # a label of a figure, not the state of Redis
        "lumi/core/logging.py 'event'",  # the key under which structlog keeps the message
        "lumi/integrations/whatsapp/fake/graph.py 'template'",  # a kind of message in Meta's words
        "lumi/integrations/whatsapp/items.py 'recipient'",  # a field in Meta's words
        "lumi/modules/knowledge/engine/outline.py 'faq'",  # the anchor of a section
    }
)


def bare_values(root: Path) -> list[str]:
    """Strings compared with, assigned or handed over by name where a set of the same module has that value."""
    sets = _sets(root)
    found: set[str] = set()
    for place, tree in modules(root, "lumi"):
        values = sets.get(_module(place), {})
        for node in _used(tree) if values else ():
            if node.value in values and values[str(node.value)] != place:
                found.add(f"{place} {node.value!r}")
    return compared(found, NOT_MEANT)


def _module(place: str) -> str:
    """`lumi/modules/channels`, `lumi/core`: whose sets a file is held to."""
    parts = place.split("/")
    return "/".join(parts[:3] if parts[1] in {"modules", "integrations", "packs"} else parts[:2])


def _sets(root: Path) -> dict[str, dict[str, str]]:
    """For each module the values of its sets, and the file where they are declared."""
    found: dict[str, dict[str, str]] = {}
    for place, tree in modules(root, "lumi"):
        for node in walk(tree):
            if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("StrEnum") for base in node.bases):
                values = found.setdefault(_module(place), {})
                values.update(dict.fromkeys(_values(node), place))
    return found


def _values(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
            yield each.value.value


def _used(tree: ast.Module) -> Iterator[ast.Constant]:
    """Strings that stand for a value: in comparisons, assignments, cases, and arguments by name."""
    for node in walk(tree):
        match node:
            case ast.Compare(left=left, comparators=right):
                yield from _strings(left, *right)
            case ast.Assign(targets=[ast.Name(id="__tablename__")]):
                continue
            case ast.Assign(value=value) | ast.keyword(value=value) | ast.MatchValue(value=value):
                yield from _strings(value)
            case ast.AnnAssign(value=ast.Constant() as value):
                yield from _strings(value)
            case _:
                continue


def _strings(*nodes: ast.expr) -> Iterator[ast.Constant]:
    """The nodes that are strings, and those in a tuple, list or set of them, or on a side of a choice."""
    for node in nodes:
        match node:
            case ast.Constant(value=str()):
                yield node
            case ast.Tuple(elts=inside) | ast.List(elts=inside) | ast.Set(elts=inside):
                yield from _strings(*inside)
            case ast.IfExp(body=one, orelse=other):
                yield from _strings(one, other)
            case _:
                continue
