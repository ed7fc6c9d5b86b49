"""What the command line shows: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

Say = Callable[[str], None]


@lru_cache(maxsize=1)
def output() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(highlight=False)


@lru_cache(maxsize=1)
def notes() -> Console:
    """Where progress, questions and complaints go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def note(line: str) -> None:
    """One line for whoever is watching; never part of a result."""
    notes().print(line, markup=False, style="dim", soft_wrap=True)


def complain(line: str) -> None:
    """What went wrong, in words."""
    notes().print(line, markup=False, style="red", soft_wrap=True)


@contextmanager
def progress(what: str) -> Generator[Say]:
    """A line that says what is going on, for as long as it takes; call the result to change it."""
    if not notes().is_terminal:
        yield note
        return
    with notes().status(what) as status:
        yield status.update


def emit(line: str) -> None:
    """One line of the result, seen at once by whoever reads the other end of a pipe."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
