"""The benchmark of voices knows how long a note speaks, and measures an engine from its command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.voices import seconds_of, texts
from lumi.core.i18n import LANGUAGES
from tests.integrations.speech.sounds import encoded, needs_espeak, needs_ffmpeg, tone

ROOT = Path(__file__).resolve().parents[3]


def benchmark(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.voices", *words],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@needs_ffmpeg
@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_how_long_a_note_speaks_is_read_from_its_bytes(seconds: float) -> None:
    assert seconds_of(encoded(tone(seconds), "ogg")) == pytest.approx(seconds, abs=0.03)


@pytest.mark.parametrize("note", [b"", b"OggS", b"RIFF" + bytes(40)])
def test_what_is_no_voice_note_has_no_length(note: bytes) -> None:
    with pytest.raises(ValueError, match="no voice note"):
        seconds_of(note)


def test_a_word_a_sentence_and_five_are_said_in_every_language() -> None:
    for lang in LANGUAGES:
        word, sentence, five = texts(lang).values()
        assert len(word) < len(sentence) < len(five)


@needs_ffmpeg
@needs_espeak
def test_espeak_is_measured_from_the_command_line() -> None:
    ran = benchmark("--engine", "espeak", "--lang", "fr", "--lang", "ar", "--rounds", "1")

    rows = {line.split()[0]: line.split()[1:] for line in ran.stdout.splitlines() if line.strip()}
    assert ran.returncode == 0, ran.stderr
    assert [rows[lang][:2] for lang in ("ar", "fr", "all")] == [["3", "0"], ["3", "0"], ["6", "0"]]
    assert all(float(figure) > 0 for figure in rows["all"][2:])
    assert "espeak-ng" in rows["most"]


@needs_ffmpeg
def test_what_an_engine_lacks_is_named(tmp_path: Path) -> None:
    ran = benchmark("--engine", "piper", "--voices", str(tmp_path))

    assert ran.returncode == 1
    assert "piper" in ran.stderr
    assert "Traceback" not in ran.stderr
