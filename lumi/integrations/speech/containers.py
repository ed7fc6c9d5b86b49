"""Which container some audio is in, by its first bytes: a name or a type from outside says nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Container:
    """One of the containers we read. None of their readers opens a second file or an address."""

    demuxer: str
    """The name ffmpeg has for it."""
    extension: str
    """How a file of it is called: many servers decide by that alone."""
    whole: bool = False
    """Its index may stand at the end, so that it cannot be read from a pipe."""
    guards: tuple[str, ...] = ()
    """What its demuxer has to be told so that it opens nothing else."""


OGG = Container("ogg", "ogg")
MP3 = Container("mp3", "mp3")
AAC = Container("aac", "aac")
AMR = Container("amr", "amr")
MP4 = Container("mov", "m4a", whole=True, guards=("-enable_drefs", "0", "-use_absolute_path", "0"))
WEBM = Container("matroska", "webm")
WAV = Container("wav", "wav")
FLAC = Container("flac", "flac")
CAF = Container("caf", "caf", whole=True)

_SIGNS = (
    (b"OggS", OGG),
    (b"ID3", MP3),
    (b"#!AMR", AMR),
    (b"\x1a\x45\xdf\xa3", WEBM),
    (b"fLaC", FLAC),
    (b"caff", CAF),
)
_OPUS_HEAD, _HEAD_BYTES = b"OpusHead", 128


def container_of(audio: bytes) -> Container | None:
    """The container these bytes begin, or None: they are no audio that we read."""
    if audio[4:8] == b"ftyp":
        return MP4
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return WAV
    for sign, container in _SIGNS:
        if audio.startswith(sign):
            return container
    return _of_frames(audio)


def is_mono_opus(audio: bytes) -> bool:
    """Whether this is Opus in Ogg with a single channel, as a voice note has to be."""
    head = audio[:_HEAD_BYTES]
    at = head.find(_OPUS_HEAD)
    channels = at + len(_OPUS_HEAD) + 1
    return head.startswith(b"OggS") and at > 0 and head[channels : channels + 1] == b"\x01"


def _of_frames(audio: bytes) -> Container | None:
    """Bare frames of MP3 and AAC begin with eleven and twelve set bits; what follows tells them apart."""
    if len(audio) < 2 or audio[0] != 0xFF or audio[1] & 0xE0 != 0xE0:
        return None
    version, layer = audio[1] >> 3 & 3, audio[1] >> 1 & 3
    if layer == 0:
        return AAC if audio[1] & 0xF0 == 0xF0 else None
    # One version is reserved, and so are the bit rate and the sampling rate of all ones.
    return MP3 if version != 1 and audio[2:] and audio[2] & 0xF0 != 0xF0 and audio[2] & 0x0C != 0x0C else None
