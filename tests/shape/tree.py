"""A source tree as the checks read it: files in order, each parsed once whatever copy it lies in."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = frozenset({".venv", ".git", ".make", "node_modules", "dist", "__pycache__", ".pytest_cache", ".ruff_cache"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(root: Path, folders: Sequence[str], *endings: str) -> Iterator[Path]:
    """Files below these folders that end so, without what is installed or built."""
    for folder in folders:
        for parent, below, names in os.walk(root / folder):
            below[:] = sorted(set(below) - SKIPPED)
            yield from (Path(parent, name) for name in sorted(names) if name.endswith(endings))


def modules(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """The Python files below these folders: where they are, and their syntax tree."""
    for path in files(root, folders, ".py"):
        yield place(root, path), parsed(text_of(path))


def text_of(path: Path) -> str:
    """The text of a file, read again only when it changed."""
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4000)
def _read(path: Path, _changed_at: int, _size: int) -> str:
    return path.read_text()


def place(root: Path, path: Path) -> str:
    """The path as people write it: from the root, with slashes."""
    return path.relative_to(root).as_posix()


@lru_cache(maxsize=2000)
def parsed(source: str) -> ast.Module:
    """The syntax tree of a source text."""
    return ast.parse(source)


@lru_cache(maxsize=2000)
def walk(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Every node of a file."""
    return tuple(ast.walk(tree))


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What a file imports, as dotted names with their lines; `from a import b` is "a.b"."""
    for node in walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{each.name}") for each in node.names)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of attributes, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def calls(tree: ast.Module) -> Iterator[tuple[int, str, ast.Call]]:
    """Every call of something with a name."""
    for node in walk(tree):
        if isinstance(node, ast.Call) and (name := dotted(node.func)):
            yield node.lineno, name, node


def compared(found: set[str], listed: frozenset[str]) -> list[str]:
    """Findings that are not on the list, and entries of the list that are found no more: a list only shrinks."""
    new = [f"{each}: not on the list" for each in sorted(found - listed)]
    return new + [f"{each}: listed and no longer needed, take it off" for each in sorted(listed - found)]
