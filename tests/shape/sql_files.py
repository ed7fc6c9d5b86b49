"""The SQL functions beside the modules: their heads tell the truth, and they stay below their module."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.shape.tree import files, place, text_of

_MADE = re.compile(r"^create table (?:if not exists )?(\w+)", re.MULTILINE)
_HEAD = re.compile(r"\A-- tables: (.+)\n")
_QUOTED = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
# Where a name is a table's: after these words, and after the commas of a `from`.
_AFTER = re.compile(r"\b(?:from|join|update|using|table|only)\s+(?:only\s+)?(?:public\.)?(\w+)\b(?!\s*\()")
_INTO = re.compile(r"\binto\s+(?:public\.)?(\w+)\b")
_LISTED = re.compile(r"\bfrom\s+\w+(?:\s+(?:as\s+)?\w+)?\s*,\s*(?:lateral\s+)?(\w+)\b(?!\s*[(.])")
_ROWS = re.compile(r"\b(\w+)%rowtype|\bsetof\s+(\w+)")


def tables(root: Path) -> dict[str, int]:
    """Every table that migrations make, with the number of its module in their order."""
    found: dict[str, int] = {}
    for path in files(root, ["migrations/versions"], ".sql"):
        number = path.name.split("_")[0]
        if number.isdigit():
            found |= dict.fromkeys(_MADE.findall(text_of(path)), int(number))
    return found


def owners(root: Path) -> dict[str, int]:
    """The modules by name, with the same numbers."""
    names = (path.stem.split("_", 1) for path in files(root, ["migrations/versions"], ".sql") if "_" in path.stem)
    return {name: int(number) for number, name in names if number.isdigit()}


def false_heads(root: Path) -> list[str]:
    """SQL files whose `-- tables:` line is missing or differs from the tables the statements name."""
    known = tables(root)
    found: list[str] = []
    for path, listed in _with_heads(root):
        if listed is None:
            found.append(f"{place(root, path)}: the first line is not `-- tables: …`")
            continue
        used = touched(text_of(path), frozenset(known))
        found += [f"{place(root, path)}: {each} is used and not listed" for each in sorted(used - listed)]
        found += [f"{place(root, path)}: {each} is listed and not used" for each in sorted(listed - used)]
    return found


def upward_tables(root: Path) -> list[str]:
    """SQL files that touch a table of a module above their own."""
    known, numbers = tables(root), owners(root)
    found: list[str] = []
    for path, listed in _with_heads(root):
        own = numbers[path.parent.parent.name]
        used = touched(text_of(path), frozenset(known)) | (listed or frozenset())
        found += [f"{place(root, path)}: {each}" for each in sorted(used) if known.get(each, 0) > own]
    return found


def touched(sql: str, known: frozenset[str]) -> frozenset[str]:
    """The tables that statements name where a table stands."""
    bare = _QUOTED.sub(" ", sql.lower())
    names = {*_AFTER.findall(bare), *_INTO.findall(bare), *_LISTED.findall(bare)}
    names |= {either for pair in _ROWS.findall(bare) for either in pair}
    return frozenset(names) & known


def _with_heads(root: Path) -> Iterator[tuple[Path, frozenset[str] | None]]:
    for path in files(root, ["lumi"], ".sql"):
        head = _HEAD.match(text_of(path))
        yield path, frozenset(each.strip() for each in head[1].split(",")) if head else None
