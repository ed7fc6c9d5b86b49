"""`docs/REPO_REFERENCE.md`: a line for every folder and file, from what each says of itself."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

HEAD = """# What is where

A line for every folder and file, from what each says of itself; made by `make docs`. The rules that put things where
they are: [architecture.md](architecture.md).
"""

_SCRIPT = re.compile(r"^/\*\*?(.*?)\*/|^//(.*?)$", re.DOTALL | re.MULTILINE)
_HTML = re.compile(r"<!--(.*?)-->", re.DOTALL)
# Their lines are many and alike: the folder speaks for them.
_SILENT = (".json", ".jsonl", ".ftl", ".png", ".svg", ".woff2", ".ico", ".snap")


def document(root: Path) -> str:
    """What the file should say about the tree below this root: what git knows or would take."""
    parts = [HEAD]
    folder = None
    for path in _files(root):
        if path.parent != folder:
            folder = path.parent
            parts.append(f"\n## {folder.relative_to(root).as_posix() if folder != root else 'The root'}\n")
            if about := _of_folder(folder):
                parts.append(f"{about}\n")
        says = "" if path.suffix in _SILENT else says_of(path)
        if path.name != "__init__.py":
            parts.append(f"- `{path.name}`{': ' if says else ''}{says}")
    return "\n".join(parts) + "\n"


def _files(root: Path) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    found = {root / name for name in listed.split("\0") if name}
    return sorted((path for path in found if path.is_file()), key=lambda path: (path.parent.parts, path.name))


def _of_folder(folder: Path) -> str:
    door = folder / "__init__.py"
    return says_of(door) if door.is_file() else ""


def says_of(path: Path) -> str:
    """The first sentence a file says of itself, "" when it says nothing."""
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return ""
    if path.suffix == ".py":
        return _first(ast.get_docstring(ast.parse(text)) or "")
    if path.suffix == ".md":
        return _first(text.lstrip("# ").partition("\n")[0])
    if path.suffix in (".ts", ".tsx", ".css", ".js", ".mjs"):
        found = _SCRIPT.search(text)
        return _first(re.sub(r"^\s*\*", "", (found[1] or found[2] or ""), flags=re.MULTILINE)) if found else ""
    if path.suffix == ".html":
        found = _HTML.search(text)
        return _first(found[1]) if found else ""
    return _first(_comment(text, "--" if path.suffix == ".sql" else "#"))


def _comment(text: str, mark: str) -> str:
    """The first comment before anything else; `-- tables:` and `#!` are not it."""
    said: list[str] = []
    for line in text.splitlines():
        if line.startswith(("#!", f"{mark} tables:")):
            continue
        words = line.removeprefix(mark).strip()
        if not line.startswith(mark) or not words:
            if said or line.strip():
                break
            continue
        said.append(words)
    return " ".join(said)


def _first(text: str) -> str:
    """The first sentence of the first paragraph."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!])\s+(?=[A-Z`])", paragraph)[0]
