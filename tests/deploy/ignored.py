"""What `.dockerignore` lets into a build, read as Docker reads it: the last pattern that matches decides."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Pattern:
    """One line: whether it takes back what an earlier one said, and what it names."""

    brings_back: bool
    names: re.Pattern[str]


def patterns(file: Path) -> Sequence[Pattern]:
    """The lines of the file that say something."""
    lines = (line.strip() for line in file.read_text().splitlines())
    return [_pattern(line) for line in lines if line and not line.startswith("#")]


def is_kept(path: str, rules: Sequence[Pattern]) -> bool:
    """Whether the file at this path, relative to the build's folder, gets into the build."""
    whole = PurePosixPath(path)
    names = [str(each) for each in (whole, *whole.parents)][:-1]
    kept = True
    for rule in rules:
        if any(rule.names.fullmatch(name) for name in names):
            kept = rule.brings_back
    return kept


def kept(root: Path, rules: Sequence[Pattern]) -> Iterator[str]:
    """The files below this folder that get into a build."""
    for parent, below, names in os.walk(root):
        # Whole folders that nothing brings back: only to be quick.
        below[:] = [name for name in below if name not in {".git", ".venv", "node_modules", "__pycache__", ".lumi"}]
        for name in names:
            path = (Path(parent) / name).relative_to(root).as_posix()
            if is_kept(path, rules):
                yield path


def copy_context(root: Path, target: Path) -> None:
    """Make a copy of the folder as a build sees it."""
    for path in kept(root, patterns(root / ".dockerignore")):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, target / path)


def _pattern(line: str) -> Pattern:
    name = line.removeprefix("!").strip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", name)
    translated = {"**/": r"(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return Pattern(line.startswith("!"), re.compile("".join(translated.get(part, re.escape(part)) for part in parts)))
