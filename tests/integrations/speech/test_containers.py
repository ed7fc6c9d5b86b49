"""What a recording is, is told by its first bytes alone."""

import pytest

from lumi.integrations.speech.containers import (
    AAC,
    AMR,
    CAF,
    FLAC,
    MP3,
    MP4,
    OGG,
    WAV,
    WEBM,
    container_of,
    is_mono_opus,
)
from tests.integrations.speech.sounds import KINDS, encoded, needs_ffmpeg, tone

BY_KIND = {
    "ogg": OGG, "mp3": MP3, "m4a": MP4, "3gp": MP4, "webm": WEBM, "flac": FLAC, "aac": AAC, "caf": CAF, "wav": WAV,
}  # fmt: skip


@needs_ffmpeg
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_known(kind: str) -> None:
    assert container_of(encoded(tone(0.2), kind)) == BY_KIND[kind]


@pytest.mark.parametrize(
    ("begins", "container"),
    [
        (b"\xff\xfb\x90\x00", MP3),
        (b"\xff\xf3\x48\xc4", MP3),
        (b"\xff\xf1\x50\x80", AAC),
        (b"#!AMR\n", AMR),
        (b"#!AMR-WB\n", AMR),
    ],
)
def test_bare_frames_and_phone_recordings_are_known(begins: bytes, container: object) -> None:
    assert container_of(begins) is container


@pytest.mark.parametrize(
    "begins",
    [
        b"",
        b"\xff",
        b"\xff\xff\xff\xff",
        b"#EXTM3U\n",
        b"ffconcat version 1.0\n",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"<?xml version='1.0'?><MPD/>",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"[playlist]\n",
        b"\x00\x00\x00\x18moov",
        b"MZ\x90\x00",
    ],
)
def test_nothing_else_is(begins: bytes) -> None:
    assert container_of(begins) is None


@needs_ffmpeg
def test_opus_with_one_channel_is_told_from_all_other() -> None:
    assert is_mono_opus(encoded(tone(0.2), "ogg"))
    assert not is_mono_opus(encoded(tone(0.2), "-c:a libopus -ac 2 -f ogg"))
    assert not is_mono_opus(encoded(tone(0.2), "-c:a libvorbis -f ogg"))
    assert not is_mono_opus(encoded(tone(0.2), "webm"))
    assert not is_mono_opus(b"OggS")
