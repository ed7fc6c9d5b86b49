"""The benchmark counts words right, and measures a server from its command line."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import pytest

from benchmarks.speech import read, word_errors
from lumi.integrations.speech.fake.server import RunningTwin
from lumi.integrations.speech.fake.twin import Spoken
from tests.integrations.speech.sounds import encoded, needs_ffmpeg, tone

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Bonjour, à demain !", "bonjour à demain", 0),
        ("one two three four", "one too three", 2),
        ("one two", "one and two", 1),
        ("one two three", "", 3),
        ("", "thanks for watching", 3),
        ("a b c d", "b c d e", 2),
        ("غدا في الثامنة", "غدا في الثامنة", 0),
        ("cafe\u0301", "café", 0),
    ],
)
def test_the_fewest_wrong_words_are_counted(said: str, heard: str, errors: int) -> None:
    assert word_errors(said, heard) == errors
    assert word_errors(heard, said) == errors


def test_cases_are_recordings_with_their_text(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    for name in ("fr/a.ogg", "fr/a.txt", "fr/lonely.ogg", "b.MP3", "b.txt", "notes.txt"):
        (tmp_path / name).write_text("x")
    assert [(each.recording.name, each.lang) for each in read(tmp_path)] == [("b.MP3", None), ("a.ogg", "fr")]


@needs_ffmpeg
async def test_a_server_is_measured_from_the_command_line(served: RunningTwin, tmp_path: Path) -> None:
    for lang, said, heard in (("fr", "un deux trois quatre", "un deux trois"), ("de", "eins zwei", "eins zwei")):
        recording = encoded(tone(1.0 if lang == "fr" else 1.5), "ogg")
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "a.ogg").write_bytes(recording)
        (tmp_path / lang / "a.txt").write_text(said)
        served.twin.tell(hashlib.sha256(recording).hexdigest(), Spoken(heard, lang))
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.speech", "--url", served.url, "--cases", str(tmp_path),
        cwd=ROOT, env={**os.environ, "STT_API_KEY": served.twin.settings.token}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said = (await ran.communicate())[0].decode()
    rows = {line.split()[0]: line.split()[1:5] for line in said.splitlines() if line.strip()}
    assert ran.returncode == 0
    assert rows["fr"] == ["1", "0", "4", "25.0"]
    assert rows["de"] == ["1", "0", "2", "0.0"]
    assert rows["all"] == ["2", "0", "6", "16.7"]
