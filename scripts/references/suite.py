"""`docs/TESTS_REFERENCE.md`: what the suite proves, from the names of its tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HEAD = """# What the tests prove

Every test by its sentence, made by `make docs`. How to run them: `make test`, and `make` for parts of it.
"""


def document(root: Path) -> str:
    """What the file should say about the suite below this root."""
    parts = [HEAD]
    for path in sorted((root / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        sentences = list(_sentences(tree))
        about = " ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split())
        parts.append(f"## `{path.relative_to(root).as_posix()}`\n\n{about}\n")
        parts += [*(f"- {each}" for each in sentences), ""]
    return "\n".join(parts)


def _sentences(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name.removeprefix("test_").replace("_", " ")
