"""`python -m lumi.integrations.speech.whisper_worker --model DIR [--lang xx]`: hears one recording, and ends.

WAV (16 kHz, mono, 16 bits) comes in on standard input, one JSON object goes out. faster-whisper is the extra
`whisper`; the model is a folder on this machine, nothing is fetched."""

import argparse
import importlib
import io
import sys
import time
import wave
from collections.abc import Iterable
from enum import IntEnum
from typing import Protocol, cast

import orjson

PACKAGE = "faster_whisper"


class Exit(IntEnum):
    """How the worker ends, besides as any Python does."""

    NO_PACKAGE = 3
    NO_MODEL = 4
    OTHER_LANGUAGE = 5
    """The model knows English alone."""


class _Segment(Protocol):
    text: str
    start: float
    end: float
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


class _Info(Protocol):
    language: str
    language_probability: float


class _Inner(Protocol):
    is_multilingual: bool


class _Model(Protocol):
    model: _Inner

    def transcribe(
        self, audio: object, *, language: str | None, beam_size: int, vad_filter: bool, condition_on_previous_text: bool
    ) -> tuple[Iterable[_Segment], _Info]: ...


class _Whisper(Protocol):
    def __call__(
        self, model_size_or_path: str, *, device: str, compute_type: str, cpu_threads: int, local_files_only: bool
    ) -> _Model: ...


class _Samples(Protocol):
    def astype(self, kind: str) -> "_Samples": ...

    def __truediv__(self, other: float) -> object: ...


class _Numpy(Protocol):
    def frombuffer(self, data: bytes, dtype: str) -> _Samples: ...


def main() -> None:
    """Hear what stands on standard input; the exit code says what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a folder with a model converted for CTranslate2")
    parser.add_argument("--lang", help="what is spoken, as fr; found out when it is not given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compute-type", default="int8")
    asked = parser.parse_args()
    try:
        whisper = cast("_Whisper", importlib.import_module(PACKAGE).WhisperModel)
    except ImportError:
        raise SystemExit(Exit.NO_PACKAGE) from None
    model, loading = _loaded(whisper, asked.model, asked.compute_type, asked.threads)
    if not model.model.is_multilingual and asked.lang not in (None, "en"):
        raise SystemExit(Exit.OTHER_LANGUAGE)
    told = _hear(model, sys.stdin.buffer.read(), asked.lang)
    sys.stdout.buffer.write(orjson.dumps({**told, "loading_seconds": loading}))


def _loaded(whisper: _Whisper, folder: str, compute_type: str, threads: int) -> tuple[_Model, float]:
    began = time.perf_counter()
    try:
        model = whisper(folder, device="cpu", compute_type=compute_type, cpu_threads=threads, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        raise SystemExit(Exit.NO_MODEL) from None
    return model, time.perf_counter() - began


def _hear(model: _Model, recording: bytes, lang: str | None) -> dict[str, object]:
    began = time.perf_counter()
    segments, info = model.transcribe(
        _samples(recording), language=lang, beam_size=5, vad_filter=True, condition_on_previous_text=False
    )
    heard = [
        {
            "text": each.text,
            "start": each.start,
            "end": each.end,
            "avg_logprob": each.avg_logprob,
            "no_speech_prob": each.no_speech_prob,
            "compression_ratio": each.compression_ratio,
        }
        for each in segments
    ]
    # A model of English alone calls everything English.
    language = info.language if model.model.is_multilingual else None
    return {"language": language, "segments": heard, "hearing_seconds": time.perf_counter() - began}


def _samples(recording: bytes) -> object:
    with wave.open(io.BytesIO(recording)) as file:
        samples = file.readframes(file.getnframes())
    numpy = cast("_Numpy", importlib.import_module("numpy"))
    return numpy.frombuffer(samples, "<i2").astype("float32") / 32768.0


if __name__ == "__main__":
    main()
