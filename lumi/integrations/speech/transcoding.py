"""From one form of audio to another, by ffmpeg: what recognisers hear, and what messengers play as a voice note.

Audio from outside is hostile until proven otherwise. It is read by the one demuxer its first bytes name, by decoders
of audio alone, from a pipe (or, where the index may stand at the end, from a nameless file), with no other protocol:
playlists and references to files or addresses lead nowhere. What it says of its own length is never believed."""

import asyncio
import io
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lumi.integrations.speech.child import Ended, Limits, Program, run
from lumi.integrations.speech.containers import Container, container_of
from lumi.integrations.speech.errors import Reason, SpeechRejected

FFMPEG = Program("ffmpeg", "`apt-get install ffmpeg`, or your system's package of that name")
HEARD_HERTZ = 16_000
SPOKEN_HERTZ = 48_000
VOICE_NOTE_BYTES = 512 * 1024
"""Up to here messengers play a voice note at once; a larger one is shown as a file to fetch."""
SAMPLE_BYTES = 2
_COUNTED_HERTZ = 8_000
_LEAST_BITS, _MOST_BITS = 8_000, 32_000
# Of ten: nobody hears more of a voice, and the last five cost as much as the rest.
_ENCODING_EFFORT = "5"
# Ogg's own pages, and how far a variable bit rate strays from its aim.
_SHARE_FOR_SOUND = 0.88
_DECODERS = (
    "aac,alac,amrnb,amrwb,flac,mp3,mp3float,opus,vorbis,"
    "pcm_alaw,pcm_f32le,pcm_mulaw,pcm_s16be,pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8"
)


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """The most that is read: bytes and seconds of audio; and what reading it may cost."""

    input_bytes: int = 25 << 20
    audio_seconds: int = 15 * 60
    seconds: float = 60.0
    cpu_seconds: int = 60
    memory_bytes: int = 1 << 30


LIMITS = AudioLimits()


async def to_wav_16k(audio: bytes, limits: AudioLimits = LIMITS) -> bytes:
    """The audio as WAV, 16 kHz, mono, 16 bits: what recognisers take. Raises like `duration_seconds`."""
    ended = await _decoded(audio, HEARD_HERTZ, limits, keep=True)
    return wav(ended.output, HEARD_HERTZ)


async def to_voice_note(audio: bytes, limits: AudioLimits = LIMITS) -> bytes:
    """The audio as Ogg/Opus, mono, 48 kHz, without its metadata. Raises like `duration_seconds`.

    The bit rate follows from the length, so that up to eight minutes fit in VOICE_NOTE_BYTES; longer is larger.
    """
    bits = bits_a_second(await duration_seconds(audio, limits))
    form = ["-ar", str(SPOKEN_HERTZ), "-c:a", "libopus", "-application", "voip", "-b:a", str(bits)]
    form += ["-compression_level", _ENCODING_EFFORT]
    output = ["-vbr", "constrained", "-map_metadata", "-1", "-f", "ogg"]
    ended = await _converted(audio, [*form, *output], 2 * limits.audio_seconds * _MOST_BITS // 8, limits)
    if ended.overflowed:
        raise _too_long(limits)
    return ended.output


async def duration_seconds(audio: bytes, limits: AudioLimits = LIMITS) -> float:
    """How long it sounds, by decoding it whole.

    Raises SpeechRejected when it is too large, too long, too costly or no audio, ProgramMissing without ffmpeg, and
    Unavailable when the machine is too busy.
    """
    ended = await _decoded(audio, _COUNTED_HERTZ, limits, keep=False)
    return ended.size / (SAMPLE_BYTES * _COUNTED_HERTZ)


def bits_a_second(seconds: float) -> int:
    """The bit rate with which so many seconds fit in a voice note, within what speech needs and has use for."""
    fitting = VOICE_NOTE_BYTES * 8 * _SHARE_FOR_SOUND / max(seconds, 1.0)
    return int(min(max(fitting, _LEAST_BITS), _MOST_BITS))


def wav(samples: bytes, hertz: int) -> bytes:
    """Mono samples of 16 bits as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(hertz)
        file.writeframes(samples)
    return made.getvalue()


async def _decoded(audio: bytes, hertz: int, limits: AudioLimits, *, keep: bool) -> Ended:
    most = limits.audio_seconds * hertz * SAMPLE_BYTES
    ended = await _converted(audio, ["-ar", str(hertz), "-f", "s16le"], most, limits, keep=keep)
    if ended.overflowed:
        raise _too_long(limits)
    return ended


async def _converted(audio: bytes, form: Sequence[str], most: int, limits: AudioLimits, *, keep: bool = True) -> Ended:
    container = _admitted(audio, limits)
    allowed = Limits(most, limits.seconds, limits.cpu_seconds, limits.memory_bytes)
    if container.whole:
        with await asyncio.to_thread(_nameless_file, audio) as file:
            ended = await run(FFMPEG, _arguments(container, form), file, allowed, keep=keep)
    else:
        ended = await run(FFMPEG, _arguments(container, form), audio, allowed, keep=keep)
    if not ended.overflowed and (ended.code or not ended.size):
        raise SpeechRejected(Reason.NOT_AUDIO, f"ffmpeg found no sound in it (exit code {ended.code})")
    return ended


def _admitted(audio: bytes, limits: AudioLimits) -> Container:
    if len(audio) > limits.input_bytes:
        raise SpeechRejected(Reason.TOO_LARGE, f"it is larger than {limits.input_bytes} bytes")
    container = container_of(audio)
    if container is None:
        raise SpeechRejected(Reason.NOT_AUDIO, "it begins like no container of audio that is read")
    return container


def _arguments(container: Container, form: Sequence[str]) -> list[str]:
    protocol, source = ("file", "file:/dev/stdin") if container.whole else ("pipe", "pipe:0")
    return [
        *("-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1"),
        *("-protocol_whitelist", protocol, "-format_whitelist", container.demuxer, "-codec_whitelist", _DECODERS),
        *container.guards,
        *("-f", container.demuxer, "-i", source),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", "1"),
        *form,
        *("-protocol_whitelist", "pipe", "pipe:1"),
    ]


def _nameless_file(audio: bytes) -> BinaryIO:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    file.write(audio)
    file.flush()
    file.seek(0)
    return file  # pyright: ignore[reportReturnType] - typeshed's wrapper is a BinaryIO in all but name


def _too_long(limits: AudioLimits) -> SpeechRejected:
    return SpeechRejected(Reason.TOO_LONG, f"it is longer than {limits.audio_seconds} s")
