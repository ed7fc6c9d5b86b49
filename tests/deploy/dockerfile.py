"""A Dockerfile as a list of stages, each a list of steps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

_FLAG = re.compile(r"--([a-z-]+)(?:=(\S+))?\s+")


@dataclass(frozen=True)
class Step:
    """One instruction: its word, its --flags, and the rest as it stands."""

    word: str
    flags: Mapping[str, str]
    rest: str

    @property
    def listed(self) -> Sequence[str]:
        """The rest of an instruction in JSON form; ValueError for one in shell form."""
        found: object = json.loads(self.rest)
        if not isinstance(found, list):
            raise TypeError(self.rest)
        return cast("list[str]", found)


@dataclass
class Stage:
    """What begins with FROM: its name, or its number, the image or stage it continues, and its steps."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list[Step])

    def step(self, word: str) -> Step:
        """The only step of this kind."""
        (found,) = (each for each in self.steps if each.word == word)
        return found


def stages(file: Path) -> Sequence[Stage]:
    """The stages of a Dockerfile, in order."""
    found: list[Stage] = []
    for step in _steps(file.read_text()):
        if step.word == "FROM":
            base, *naming = step.rest.split()
            found.append(Stage(naming[1] if naming else str(len(found)), base))
        else:
            found[-1].steps.append(step)
    return found


def _steps(text: str) -> Sequence[Step]:
    # Docker drops comments before it joins lines.
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n", "", lines)
    return [_step(line.strip()) for line in joined.splitlines() if line.strip()]


def _step(line: str) -> Step:
    word, rest = line.split(maxsplit=1)
    flags: dict[str, str] = {}
    while (flag := _FLAG.match(rest)) is not None:
        flags[flag[1]] = flag[2] or ""
        rest = rest[flag.end() :]
    return Step(word.upper(), flags, rest)
