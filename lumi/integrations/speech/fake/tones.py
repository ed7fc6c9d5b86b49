"""What the twin's speech sounds like: a tone as long as the text would be, in the form that was asked for."""

import math
from collections.abc import Mapping, Sequence

from lumi.integrations.speech.child import Limits, run
from lumi.integrations.speech.openai_calls import SoundForm
from lumi.integrations.speech.transcoding import FFMPEG, wav

HERTZ = 24_000
_PITCH = 220
_LOUDNESS = 8_000
_CHARACTERS_A_SECOND = 15.0
_LEAST_SECONDS, _MOST_SECONDS = 0.5, 300.0
_LIMITS = Limits(output_bytes=64 << 20, seconds=30.0, cpu_seconds=20, memory_bytes=1 << 30)

# WAV and bare samples are made without ffmpeg.
TYPES: Mapping[SoundForm, str] = {
    SoundForm.WAV: "audio/wav",
    SoundForm.PCM: "audio/pcm",
    SoundForm.OPUS: "audio/ogg",
    SoundForm.MP3: "audio/mpeg",
    SoundForm.AAC: "audio/aac",
    SoundForm.FLAC: "audio/flac",
}
_MADE_BY_FFMPEG: Mapping[SoundForm, Sequence[str]] = {
    SoundForm.OPUS: ("-c:a", "libopus", "-ar", "48000", "-b:a", "32000", "-f", "ogg"),
    SoundForm.MP3: ("-c:a", "libmp3lame", "-f", "mp3"),
    SoundForm.AAC: ("-c:a", "aac", "-f", "adts"),
    SoundForm.FLAC: ("-c:a", "flac", "-f", "flac"),
}


def length_seconds(text: str, speed: float = 1.0) -> float:
    """How long somebody would take to say this."""
    return min(max(len(text) / _CHARACTERS_A_SECOND / speed, _LEAST_SECONDS), _MOST_SECONDS)


async def tone(seconds: float, form: SoundForm) -> bytes:
    """A tone of this length in this form; raises ProgramMissing when that takes ffmpeg and there is none."""
    samples = _samples(seconds)
    arguments = _MADE_BY_FFMPEG.get(form)
    if arguments is None:
        return samples if form is SoundForm.PCM else wav(samples, HERTZ)
    source = ("-nostdin", "-hide_banner", "-loglevel", "error", "-f", "s16le", "-ar", str(HERTZ), "-ac", "1")
    ended = await run(FFMPEG, [*source, "-i", "pipe:0", *arguments, "pipe:1"], samples, _LIMITS)
    return ended.output


def _samples(seconds: float) -> bytes:
    period = HERTZ // _PITCH
    wave = [int(_LOUDNESS * math.sin(2 * math.pi * at / period)) for at in range(period)]
    once = b"".join(each.to_bytes(2, "little", signed=True) for each in wave)
    size = int(seconds * HERTZ) * 2
    return (once * (size // len(once) + 1))[:size]
