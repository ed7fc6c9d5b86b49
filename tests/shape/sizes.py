"""Size: what separates pleasant code from unpleasant is the largest file."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.shape.tree import Function, dotted, files, functions, modules, place, text_of

FILE_LINES = 400
FUNCTION_LINES = 50
HANDLER_LINES = 15
PYTHON = ("lumi", "tests", "migrations", "benchmarks", "scripts")
VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "websocket"})


def long_files(root: Path) -> list[str]:
    """Files of more than 400 lines."""
    found: list[str] = []
    for path in files(root, [*PYTHON, "web"], ".py", ".sql", ".ts", ".tsx", ".sh", ".mjs"):
        lines = text_of(path).count("\n")
        if lines > FILE_LINES and not path.name.endswith(".d.ts"):  # those are generated
            found.append(f"{place(root, path)}: {lines} lines")
    return found


def long_functions(root: Path) -> list[str]:
    """Functions of more than 50 lines, from `def` to their end."""
    return [
        f"{name}:{each.lineno} {each.name}: {lines} lines"
        for name, tree in modules(root, *PYTHON)
        for each in functions(tree)
        if (lines := _last(each) - each.lineno + 1) > FUNCTION_LINES
    ]


def long_handlers(root: Path) -> list[str]:
    """Route handlers whose body, the documentation aside, has more than 15 lines."""
    return [
        f"{name}:{each.lineno} {each.name}: {lines} lines"
        for name, tree in modules(root, "lumi")
        for each in functions(tree)
        if is_handler(each) and (lines := _body(each)) > HANDLER_LINES
    ]


def is_handler(function: Function) -> bool:
    """Whether a router calls it: `@router.get(...)` and its like."""
    names = [dotted(each.func) for each in function.decorator_list if isinstance(each, ast.Call)]
    return any(name.partition(".")[2] in VERBS and "router" in name.partition(".")[0] for name in names)


def _body(function: Function) -> int:
    statements = function.body
    if ast.get_docstring(function) is not None:
        statements = statements[1:]
    return _last(function) - statements[0].lineno + 1 if statements else 0


def _last(function: Function) -> int:
    return function.end_lineno or function.lineno
