"""How a file leaves by a channel: as what, and in which messages. Decisions without a session or a clock."""

from __future__ import annotations

from collections.abc import Mapping

from lumi.modules.channels.rules import messages, text_length
from lumi.modules.channels.values.media import Enclosed, Part, Takes
from lumi.modules.channels.values.outgoing import Capabilities
from lumi.modules.files.public import FileKind


def shown_as(kind: FileKind, mime: str, size_bytes: int, can: Capabilities) -> FileKind | None:
    """What a channel shows a file as: its own kind where that is taken, else a document; None when it takes neither."""
    for each in (kind, FileKind.DOCUMENT):
        takes = can.media.get(each)
        if takes is not None and size_bytes <= takes.most_bytes and (takes.types is None or mime in takes.types):
            return each
    return None


def most_bytes(kind: FileKind, mime: str, media: Mapping[FileKind, Takes]) -> int | None:
    """The largest file of this kind and type that is taken, as whatever; None when none is."""
    found = [
        takes.most_bytes
        for each in (kind, FileKind.DOCUMENT)
        if (takes := media.get(each)) is not None and (takes.types is None or mime in takes.types)
    ]
    return max(found, default=None)


def loaded(text: str, file: Enclosed, can: Capabilities) -> list[Part]:
    """The messages that bring a file and what is said with it: one, where the text fits beside it."""
    takes = can.media.get(file.kind)
    if not text.strip() or (takes is not None and text_length(text, can.text_unit) <= takes.caption):
        return [Part(text.strip(), (), file)]
    return [*(Part(each, drawn) for each, drawn in messages(text, (), can)), Part("", (), file)]
