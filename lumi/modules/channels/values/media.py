"""Files on their way out: which a channel takes, and one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from lumi.modules.files.public import FileKind


class Carries(StrEnum):
    """How a file gets to a provider: not by us (it is fetched, or shown from here), in the message itself, or before
    it.
    """

    NOTHING = "nothing"
    IN_ONE = "in_one"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Takes:
    """What a channel takes out of files it shows as one kind: so many bytes at most, of these types (None: of any we
    keep), with a text of so many of the channel's units beside it (0: the text leaves by itself, before it).
    """

    most_bytes: int
    types: frozenset[str] | None = None
    caption: int = 0


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A kept file that leaves with a message. `kind` is what it is shown as over there: a picture that is too large
    for a picture is a document.
    """

    file_id: UUID
    kind: FileKind
    name: str
    mime: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Part:
    """One message of those that a channel needs for what is said."""

    text: str
    choices: tuple[str, ...] = ()
    file: Enclosed | None = None


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """The same as an adapter has it. `path`: where its bytes lie until the send has ended; `url`: where anybody has it
    for some hours; `reference`: what its provider calls it once it was brought there.
    """

    enclosed: Enclosed
    path: Path | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    reference: str | None = None

    @property
    def lying(self) -> Path:
        """Where its bytes are; raises ValueError when they were not asked for."""
        if self.path is None:
            raise ValueError("the bytes of this file were not laid out")
        return self.path
