"""The last look before bytes leave: who may have to fall silent in the middle of a call is asked as late as can be.

Between a decision to call and its bytes lies whatever the machine does meanwhile: an account is read, a connection is
made, the process is stopped and woken. A look before all that says nothing about the moment in which they leave.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

Look = Callable[[], bool]

_looks: ContextVar[Look | None] = ContextVar("last look", default=None)


class Silenced(Exception):
    """Nothing was sent: whoever asked may not speak any more. No failure of the other side."""


@contextmanager
def only_while(may_speak: Look) -> Generator[None]:
    """Let calls made in this block send something only while it may be: otherwise they raise Silenced."""
    token = _looks.set(may_speak)
    try:
        yield
    finally:
        _looks.reset(token)


def look() -> None:
    """To be called when the next thing done is to send; raises Silenced."""
    may_speak = _looks.get()
    if may_speak is not None and not may_speak():
        raise Silenced("it may not be said any more")
