"""What carries notes from process to process, and how it tells that it is gone."""

from collections.abc import Callable, Sequence
from typing import Protocol

# The topic every listener hears.
EVERYONE = "*"


class LinkLost(Exception):
    """The connection that carries notes is gone; it will be opened again."""


class Link(Protocol):
    """How notes travel. Every method raises LinkLost when the connection is gone."""

    async def send(self, group: Sequence[tuple[str, str]]) -> None:
        """Publish (topic, note as JSON) pairs in this order."""
        ...

    async def listen(self, heard: Callable[[str, str], None], listening: Callable[[], None]) -> None:
        """Call `listening` once, then `heard` for every note of a watched topic; ends only by LinkLost."""
        ...

    async def watch(self, topic: str) -> None:
        """Hear this topic from now on; remembered across connections."""
        ...

    async def unwatch(self, topic: str) -> None:
        """No longer hear this topic."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...
