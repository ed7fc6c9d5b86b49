"""Speech to text on this machine: faster-whisper, one expendable process a recording.

The process loads the model, hears, and ends: what it took is free again, and a recording that breaks it breaks
nothing else. Loading a small model takes about half a second, which is part of every answer."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

import lumi
from lumi.core.http import Unavailable
from lumi.core.outside_json import Unreadable, as_text, load_object
from lumi.integrations.speech import whisper_worker
from lumi.integrations.speech.child import Ended, Limits, Program, run
from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected
from lumi.integrations.speech.segments import segments_in
from lumi.integrations.speech.transcoding import FFMPEG, HEARD_HERTZ, LIMITS, SAMPLE_BYTES, AudioLimits, to_wav_16k
from lumi.integrations.speech.transcriber import Silence, Transcript, judged
from lumi.integrations.speech.whisper_worker import Exit

EXTRA = "the extra `whisper`, pinned in requirements-whisper.txt; docs/voice.md says how it is installed"
_MODEL_FILE = "model.bin"
_WAV_HEAD_BYTES = 44
_ANSWER_BYTES = 4 << 20
_MEMORY_BYTES = 8 << 30


@dataclass(frozen=True, slots=True)
class Worker:
    """The process that hears: its program and first arguments, and the package it needs."""

    program: Program
    words: tuple[str, ...]
    package: str


WORKER = Worker(
    Program(
        "faster-whisper",
        EXTRA,
        {
            "PYTHONPATH": str(Path(lumi.__file__).parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            # A model that is not whole would be completed from a hub: never at run time, never unasked.
            "HF_HUB_OFFLINE": "1",
        },
        path=sys.executable,
    ),
    ("-P", "-m", whisper_worker.__name__),
    whisper_worker.PACKAGE,
)


@dataclass(frozen=True, slots=True)
class Timing:
    """What one recording cost: seconds of loading the model and of hearing."""

    loading_seconds: float
    hearing_seconds: float


class WhisperTranscriber:
    """Hears recordings with a model in a folder, converted for CTranslate2."""

    def __init__(
        self,
        model: Path | None,
        *,
        threads: int = 2,
        compute_type: str = "int8",
        timeout: float = 300.0,
        limits: AudioLimits = LIMITS,
        worker: Worker = WORKER,
    ) -> None:
        self._model = model
        self._worker = worker
        self._options = ("--threads", str(threads), "--compute-type", compute_type)
        self._limits = limits
        cpu_seconds = int(timeout * threads)
        self._allowed = Limits(_ANSWER_BYTES, timeout, cpu_seconds, _MEMORY_BYTES)

    def missing(self) -> str | None:
        """The extra, the model or the program that is not there, and how to get it."""
        try:
            self._folder()
        except ProgramMissing as lack:
            return lack.details
        return FFMPEG.missing()

    async def transcribe(self, audio: bytes, *, lang: str | None = None) -> Transcript | Silence:
        """What is said in it. Raises ProgramMissing without the extra or the model."""
        return (await self.timed(audio, lang=lang))[0]

    async def timed(self, audio: bytes, *, lang: str | None = None) -> tuple[Transcript | Silence, Timing]:
        """The same, and what it cost."""
        folder = self._folder()
        recording = await to_wav_16k(audio, self._limits)
        seconds = (len(recording) - _WAV_HEAD_BYTES) / (HEARD_HERTZ * SAMPLE_BYTES)
        words = [*self._worker.words, "--model", str(folder), *self._options]
        if lang is not None:
            words += ["--lang", lang.partition("-")[0].lower()]
        told = _told(await run(self._worker.program, words, recording, self._allowed))
        timing = Timing(_seconds(told.get("loading_seconds")), _seconds(told.get("hearing_seconds")))
        return judged(segments_in(told), as_text(told.get("language")), seconds), timing

    def _folder(self) -> Path:
        if importlib.util.find_spec(self._worker.package) is None:
            raise ProgramMissing("faster-whisper", EXTRA)
        if self._model is None or not (self._model / _MODEL_FILE).is_file():
            advice = f"WHISPER_MODEL_DIR has to name a folder with {_MODEL_FILE}, a model converted for CTranslate2"
            raise ProgramMissing("the model of faster-whisper", advice)
        return self._model.absolute()


def _told(ended: Ended) -> dict[str, object]:
    match ended.code:
        case 0:
            return _read(ended.output)
        case Exit.NO_PACKAGE:
            raise ProgramMissing("faster-whisper", EXTRA)
        case Exit.NO_MODEL:
            last = ended.words.strip().rpartition("\n")[2]
            raise ProgramMissing("the model of faster-whisper", f"it cannot be loaded ({last})")
        case Exit.OTHER_LANGUAGE:
            raise SpeechRejected(Reason.LANGUAGE, "the model knows English alone")
        case code:
            raise Unavailable(f"faster-whisper ended with {code}")


def _read(output: bytes) -> dict[str, object]:
    try:
        return load_object(output)
    except Unreadable as error:
        raise Unavailable("what faster-whisper said cannot be read") from error


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
