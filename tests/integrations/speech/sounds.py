"""Sounds made for a test, and how loud something sounds."""

from __future__ import annotations

import array
import io
import math
import subprocess
import tempfile
import wave
from functools import lru_cache

import pytest

from lumi.integrations.speech.espeak import ESPEAK
from lumi.integrations.speech.transcoding import FFMPEG

needs_ffmpeg = pytest.mark.skipif(FFMPEG.find() is None, reason=f"no ffmpeg: {FFMPEG.advice}")
needs_espeak = pytest.mark.skipif(ESPEAK.find() is None, reason=f"no espeak-ng: {ESPEAK.advice}")

HERTZ = 16_000
# What messengers and browsers send, and how ffmpeg makes it.
KINDS = {
    "ogg": "-c:a libopus -b:a 24k -f ogg",
    "mp3": "-c:a libmp3lame -f mp3",
    "m4a": "-c:a aac -f mp4",
    "3gp": "-c:a aac -f 3gp",
    "webm": "-c:a libopus -f webm",
    "flac": "-c:a flac -f flac",
    "aac": "-c:a aac -f adts",
    "caf": "-c:a pcm_s16le -f caf",
    "wav": "-c:a pcm_s16le -f wav",
}


@lru_cache(maxsize=64)
def tone(seconds: float, *, loudness: int = 8_000, hertz: int = HERTZ) -> bytes:
    """A tone of 440 Hz as WAV; silence at a loudness of 0."""
    samples = array.array(
        "h", (int(loudness * math.sin(at * 880 * math.pi / hertz)) for at in range(int(seconds * hertz)))
    )
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, hertz, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return made.getvalue()


@lru_cache(maxsize=64)
def encoded(sound: bytes, kind: str) -> bytes:
    """A WAV in one of KINDS, or by ffmpeg's options for another; what cannot be piped is made in a file."""
    options = KINDS.get(kind, kind).split()
    with tempfile.NamedTemporaryFile(suffix=".bin") as target:
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-i", "pipe:0", *options, target.name], input=sound, check=True, timeout=30
        )
        return target.read()


def read_wav(audio: bytes) -> tuple[int, int, array.array[int]]:
    """Channels, samples a second, and the samples of a WAV."""
    with wave.open(io.BytesIO(audio)) as file:
        samples = array.array("h")
        samples.frombytes(file.readframes(file.getnframes()))
        assert file.getsampwidth() == 2
        return file.getnchannels(), file.getframerate(), samples


def loudness(audio: bytes) -> float:
    """The mean deflection of a WAV: 0 is silence."""
    _, _, samples = read_wav(audio)
    return sum(abs(each) for each in samples) / max(len(samples), 1)


def stream_of(audio: bytes) -> dict[str, str]:
    """What ffprobe, which is not ours, says of the first stream."""
    wanted = "stream=codec_name,channels,sample_rate"
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", wanted, "-of", "default=nw=1", "pipe:0"],
        input=audio, capture_output=True, check=True, timeout=30,
    ).stdout.decode()  # fmt: skip
    return dict(line.split("=", 1) for line in said.split())
