"""As what a file leaves by a channel, and in which messages."""

from __future__ import annotations

import pytest

from lumi.core.ids import new_id
from lumi.modules.channels.engine import media
from lumi.modules.channels.rules import CAPABILITIES
from lumi.modules.channels.values.kinds import Channel
from lumi.modules.channels.values.media import Enclosed
from lumi.modules.files.public import FileKind

MEGABYTE = 1 << 20
IMAGE, AUDIO, VIDEO, DOCUMENT = FileKind.IMAGE, FileKind.AUDIO, FileKind.VIDEO, FileKind.DOCUMENT


@pytest.mark.parametrize(
    ("channel", "kind", "mime", "size", "shown"),
    [
        (Channel.WHATSAPP, IMAGE, "image/jpeg", 5 * MEGABYTE, IMAGE),
        (Channel.WHATSAPP, IMAGE, "image/jpeg", 5 * MEGABYTE + 1, None),
        (Channel.WHATSAPP, IMAGE, "image/gif", 10, None),
        (Channel.WHATSAPP, DOCUMENT, "application/pdf", 100 * MEGABYTE, DOCUMENT),
        (Channel.WHATSAPP, DOCUMENT, "text/csv", 10, None),
        (Channel.WHATSAPP, AUDIO, "audio/wav", 10, None),
        (Channel.WHATSAPP, AUDIO, "audio/ogg", 10, AUDIO),
        (Channel.WHATSAPP, AUDIO, "application/ogg", 10, None),
        (Channel.TELEGRAM, AUDIO, "audio/ogg", 10, AUDIO),
        (Channel.TELEGRAM, AUDIO, "application/ogg", 10, DOCUMENT),
        (Channel.TELEGRAM, IMAGE, "image/png", 10 * MEGABYTE, IMAGE),
        (Channel.TELEGRAM, IMAGE, "image/png", 10 * MEGABYTE + 1, DOCUMENT),
        (Channel.TELEGRAM, IMAGE, "image/gif", 10, DOCUMENT),
        (Channel.TELEGRAM, AUDIO, "audio/wav", 10, DOCUMENT),
        (Channel.TELEGRAM, VIDEO, "video/mp4", 50 * MEGABYTE + 1, None),
        (Channel.MESSENGER, IMAGE, "image/webp", 10, DOCUMENT),
        (Channel.MESSENGER, IMAGE, "image/png", 8 * MEGABYTE + 1, DOCUMENT),
        (Channel.INSTAGRAM, DOCUMENT, "application/pdf", 25 * MEGABYTE, DOCUMENT),
        (Channel.INSTAGRAM, DOCUMENT, "text/plain", 10, None),
        (Channel.GMAIL, VIDEO, "video/webm", 18 * MEGABYTE, VIDEO),
        (Channel.MAILBOX, VIDEO, "video/webm", 18 * MEGABYTE + 1, None),
        (Channel.WEB, IMAGE, "image/gif", 64 * MEGABYTE, IMAGE),
        (Channel.WEB, VIDEO, "video/webm", 64 * MEGABYTE + 1, None),
        (Channel.TERMINAL, DOCUMENT, "application/pdf", 10, None),
    ],
)
def test_a_file_is_shown_as_what_it_is_where_that_is_taken_and_else_as_a_document(
    channel: Channel, kind: FileKind, mime: str, size: int, shown: FileKind | None
) -> None:
    assert media.shown_as(kind, mime, size, CAPABILITIES[channel]) is shown


def test_the_limit_that_is_named_is_that_of_any_form_the_file_could_leave_in() -> None:
    assert media.most_bytes(IMAGE, "image/png", CAPABILITIES[Channel.TELEGRAM].media) == 50 * MEGABYTE
    assert media.most_bytes(IMAGE, "image/png", CAPABILITIES[Channel.WHATSAPP].media) == 5 * MEGABYTE
    assert media.most_bytes(DOCUMENT, "text/csv", CAPABILITIES[Channel.WHATSAPP].media) is None


def _file(kind: FileKind) -> Enclosed:
    return Enclosed(new_id(), kind, "file", "application/octet-stream", 1)


@pytest.mark.parametrize(
    ("channel", "kind", "text", "parts"),
    [
        (Channel.WHATSAPP, IMAGE, "Voici.", [("Voici.", True)]),
        (Channel.WHATSAPP, IMAGE, "  ", [("", True)]),
        (Channel.WHATSAPP, AUDIO, "Voici.", [("Voici.", False), ("", True)]),
        (Channel.WHATSAPP, DOCUMENT, "x" * 1024, [("x" * 1024, True)]),
        (Channel.WHATSAPP, DOCUMENT, "x" * 1025, [("x" * 1025, False), ("", True)]),
        (Channel.TELEGRAM, IMAGE, "\U0001f600" * 512, [("\U0001f600" * 512, True)]),
        (Channel.TELEGRAM, IMAGE, "\U0001f600" * 513, [("\U0001f600" * 513, False), ("", True)]),
        (Channel.MESSENGER, IMAGE, "Voici.", [("Voici.", False), ("", True)]),
        (Channel.INSTAGRAM, IMAGE, "é" * 501, [("é" * 500, False), ("é", False), ("", True)]),
        (Channel.GMAIL, VIDEO, "x" * 20_000, [("x" * 20_000, True)]),
        (Channel.WEB, AUDIO, "x" * 20_000, [("x" * 20_000, True)]),
    ],
)
def test_words_go_beside_a_file_where_they_fit_and_else_before_it(
    channel: Channel, kind: FileKind, text: str, parts: list[tuple[str, bool]]
) -> None:
    said = media.loaded(text, _file(kind), CAPABILITIES[channel])

    assert [(each.text, each.file is not None) for each in said] == parts
