"""Speech to text on this machine: what is missing is named, and the worker process is understood however it ends.

With WHISPER_MODEL_DIR and faster-whisper it really hears what espeak-ng says; that model is nowhere to be had in tests
of every day.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from lumi.core.http import Unavailable
from lumi.integrations.speech import whisper_worker
from lumi.integrations.speech.child import Program
from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected
from lumi.integrations.speech.espeak import EspeakVoice
from lumi.integrations.speech.transcriber import Silence, Transcript
from lumi.integrations.speech.whisper_local import EXTRA, WhisperTranscriber, Worker
from tests.integrations.speech.sounds import encoded, needs_espeak, needs_ffmpeg, tone

MODEL = os.environ.get("WHISPER_MODEL_DIR")
HAS_PACKAGE = importlib.util.find_spec(whisper_worker.PACKAGE) is not None
hears = pytest.mark.skipif(not (MODEL and HAS_PACKAGE), reason="needs faster-whisper and WHISPER_MODEL_DIR")
lacks = pytest.mark.skipif(HAS_PACKAGE, reason="faster-whisper is installed")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that looks like a model from outside."""
    (tmp_path / "model.bin").write_bytes(b"no weights")
    return tmp_path


def worker(answer: str) -> Worker:
    """A shell that hears everything and then answers so: each end of the worker is seen without a model."""
    return Worker(
        Program("faster-whisper", "x", path="/bin/sh"), ("-c", f"cat > /dev/null; {answer}", "worker"), "wave"
    )


@lacks
async def test_without_the_extra_it_is_named_with_how_to_get_it(model: Path) -> None:
    hearing = WhisperTranscriber(model)
    assert hearing.missing() == f"faster-whisper is missing: {EXTRA}"
    with pytest.raises(ProgramMissing, match="requirements-whisper"):
        await hearing.transcribe(tone(0.2))


@lacks
def test_the_worker_without_the_extra_says_so_by_its_code() -> None:
    command = [sys.executable, "-m", "lumi.integrations.speech.whisper_worker", "--model", "/nowhere"]
    assert subprocess.run(command, input=b"", check=False, timeout=20).returncode == whisper_worker.Exit.NO_PACKAGE


@pytest.mark.parametrize("folder", [None, Path("/nowhere")])
def test_without_a_model_the_setting_is_named(folder: Path | None) -> None:
    said = WhisperTranscriber(folder, worker=worker("")).missing()
    assert said is not None
    assert "WHISPER_MODEL_DIR" in said


@needs_ffmpeg
async def test_what_the_worker_heard_is_judged(model: Path) -> None:
    told = {
        "language": "de",
        "loading_seconds": 0.5,
        "hearing_seconds": 0.25,
        "segments": [
            {"text": " Guten Tag.", "start": 0.0, "end": 1.0, "avg_logprob": -0.1, "no_speech_prob": 0.0},
            {"text": " Danke fürs Zuschauen!", "start": 1.0, "end": 2.0, "avg_logprob": -0.4, "no_speech_prob": 0.95},
        ],
    }
    hearing = WhisperTranscriber(model, worker=worker(f"printf %s '{orjson.dumps(told).decode()}'"))
    heard, timing = await hearing.timed(encoded(tone(1.0), "ogg"), lang="de")
    assert heard == Transcript("Guten Tag.", "de", 0.905, heard.seconds)
    assert heard.seconds == pytest.approx(1.0, abs=0.05)
    assert (timing.loading_seconds, timing.hearing_seconds) == (0.5, 0.25)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("answer", "failure", "said"),
    [
        ("exit 3", ProgramMissing, "the extra `whisper`"),
        ("echo RuntimeError: not a model >&2; exit 4", ProgramMissing, "RuntimeError: not a model"),
        ("exit 5", SpeechRejected, "English alone"),
        ("exit 1", Unavailable, "ended with 1"),
        ("kill -9 $$", Unavailable, "ended with -9"),
        ("echo nothing like JSON", Unavailable, "cannot be read"),
    ],
)
async def test_every_end_of_the_worker_is_told(model: Path, answer: str, failure: type[Exception], said: str) -> None:
    with pytest.raises(failure, match=said):
        await WhisperTranscriber(model, worker=worker(answer)).transcribe(tone(0.2))


@hears
@needs_ffmpeg
@needs_espeak
async def test_a_real_model_hears_what_a_real_voice_says() -> None:
    note = await EspeakVoice().say("Good morning. I would like to book a table for four people.", "en")
    heard, timing = await WhisperTranscriber(Path(MODEL or "")).timed(note)
    assert isinstance(heard, Transcript)
    assert "table for four people" in heard.text.lower()
    assert timing.loading_seconds > 0


@hears
@needs_ffmpeg
async def test_a_real_model_hears_nobody_in_silence() -> None:
    assert isinstance(await WhisperTranscriber(Path(MODEL or "")).transcribe(tone(3.0, loudness=0)), Silence)


@hears
@needs_ffmpeg
async def test_a_real_model_that_is_broken_is_named(model: Path) -> None:
    with pytest.raises(ProgramMissing, match="cannot be loaded") as failure:
        await WhisperTranscriber(model).transcribe(tone(0.2))
    assert failure.value.reason is Reason.MISSING
