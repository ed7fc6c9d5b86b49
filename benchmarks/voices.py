"""Speed and memory of text to speech, in every language a voice has, on this machine.

    python -m benchmarks.voices --engine espeak
    python -m benchmarks.voices --engine piper --voices DIR
    python -m benchmarks.voices --engine coqui --url http://127.0.0.1:5002 --server-pid PID
    python -m benchmarks.voices --engine openai --url URL --name MODEL      (key: TTS_API_KEY)

Each language says a word, a sentence and five sentences, texts of Lumi's own, as it says them to guests: program, then
ffmpeg, to a whole voice note. "x speech" is seconds of speech for each second of making it. "first byte" is how long a
channel waits for the first byte of the note, which is made whole before it leaves; beside its median stands the worst.
"one word" is nearly all start: a program loads its voice each time. Memory is the most that one program held at once
(its peak resident set), of a server only with --server-pid.

Of espeak-ng our figures stand in docs/voice.md. Piper and Coqui need weights, which we do not ship: they are not
measured by us.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import struct
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from lumi.core import logging
from lumi.core.http import Http, OutsideFailure
from lumi.core.i18n import LANGUAGES, tr
from lumi.core.setting_groups.speech import TtsEngine
from lumi.core.settings import get_settings
from lumi.integrations.speech import engines
from lumi.integrations.speech.errors import Reason, SpeechRejected
from lumi.integrations.speech.voice import Voice

_HERTZ = 48_000
_LOOK_SECONDS = 0.005
_KILO = 1024
_SHORT, _USUAL, _LONG = "one word", "sentence", "five"


@dataclass(frozen=True)
class Note:
    """A text that was spoken, or why it was not."""

    lang: str
    length: str
    taken: float
    speech: float = 0.0
    failure: str | None = None


@dataclass
class Peaks:
    """The most memory each program below this process held, by its name, looked at while the block lasts."""

    kilobytes: dict[str, int] = field(default_factory=dict[str, int])
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Peaks:
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            for pid in _children(os.getpid()):
                name, peak = _memory(pid)
                if name:
                    self.kilobytes[name] = max(self.kilobytes.get(name, 0), peak)


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        mine = [int(each) for thread in threads for each in (thread / "children").read_text().split()]
    except (OSError, ValueError):
        return []
    return [*mine, *(below for each in mine for below in _children(each))]


def _memory(pid: int) -> tuple[str, int]:
    """What a process is called, and its peak in KiB; nothing of one that has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return "", 0
    said = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    return " ".join(said.get("Name", ())), int(said.get("VmHWM", ["0"])[0])


def seconds_of(note: bytes) -> float:
    """How long a voice note (Opus in Ogg) speaks."""
    head, last = note.find(b"OpusHead"), note.rfind(b"OggS")
    if head < 0 or last < 0:
        raise ValueError("this is no voice note")
    (skipped,), (end,) = struct.unpack_from("<H", note, head + 10), struct.unpack_from("<q", note, last + 6)
    return max(0.0, (end - skipped) / _HERTZ)


def texts(lang: str) -> Mapping[str, str]:
    """What is said in a language, by its length."""
    word, sentence = tr("channels-choose", lang), tr("channels-stopped", lang)
    return {_SHORT: word, _USUAL: sentence, _LONG: "\n".join([sentence] * 5)}


async def speak(voice: Voice, lang: str, length: str, text: str) -> Note | None:
    """One text, spoken; None in a language the engine has no voice for."""
    began = time.perf_counter()
    try:
        made = await voice.say(text, lang)
    except OutsideFailure as failure:
        if isinstance(failure, SpeechRejected) and failure.reason is Reason.LANGUAGE:
            return None
        return Note(lang, length, time.perf_counter() - began, failure=str(failure))
    return Note(lang, length, time.perf_counter() - began, seconds_of(made))


def show(notes: Sequence[Note]) -> None:
    """The table, by language and together."""
    print(f"\n  {'':4}{'notes':>7}{'failed':>8}{'speech s':>10}{'x speech':>10}", end="")
    print(f"{'first byte s':>14}{'worst':>8}{'one word':>10}{'five':>8}")
    for lang in [*sorted({each.lang for each in notes}), "all"]:
        found = [each for each in notes if lang in (each.lang, "all")]
        spoken = [each for each in found if not each.failure]
        if not spoken:
            print(f"  {lang:4}{len(found):7}{len(found):8}")
            continue
        speech, taken = sum(each.speech for each in spoken), sum(each.taken for each in spoken)
        usual = [each.taken for each in spoken if each.length == _USUAL] or [0.0]
        print(f"  {lang:4}{len(found):7}{len(found) - len(spoken):8}{speech:10.1f}{speech / taken:10.1f}", end="")
        print(f"{statistics.median(usual):14.2f}{max(usual):8.2f}", end="")
        print(f"{_median(spoken, _SHORT):10.2f}{_median(spoken, _LONG):8.2f}")


def _median(notes: Sequence[Note], length: str) -> float:
    return statistics.median([each.taken for each in notes if each.length == length] or [0.0])


async def measure(asked: argparse.Namespace) -> list[Note]:
    """Every language the engine has, one note after the other; says each that went wrong."""
    notes: list[Note] = []
    async with Http() as http:
        voice = engines.voice(get_settings().model_copy(update=_told(asked)), http)
        if voice is None:
            raise SystemExit("no engine was named")
        if lack := voice.missing():
            raise SystemExit(lack)
        for lang in asked.lang or LANGUAGES:
            for length, text in list(texts(lang).items()) * asked.rounds:
                note = await speak(voice, lang, length, text)
                if note is not None:
                    notes.append(note)
                if note is not None and note.failure:
                    print(f"  {lang}, {length}: {note.failure}", flush=True)
    return notes


def _told(asked: argparse.Namespace) -> Mapping[str, object]:
    told: dict[str, object] = {"tts_engine": asked.engine, "piper_voices_dir": asked.voices}
    if asked.url:
        told["tts_base_url"] = asked.url
    if asked.name:
        told["tts_model"] = asked.name
    if key := os.environ.get("TTS_API_KEY"):
        told["tts_api_key"] = SecretStr(key)
    return told


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.voices", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    speaking = [each for each in TtsEngine if each is not TtsEngine.OFF]
    made.add_argument("--engine", type=TtsEngine, choices=speaking, required=True)
    made.add_argument("--voices", type=Path, metavar="DIR", help="piper's voices")
    made.add_argument("--url", help="the server of coqui or openai")
    made.add_argument("--name", metavar="MODEL", help="the model of a server of OpenAI's shape")
    made.add_argument("--lang", action="append", choices=LANGUAGES, help="only this one; may be given again")
    made.add_argument("--rounds", type=int, default=3, help="how often each text is said")
    made.add_argument("--server-pid", type=int, metavar="PID", help="the server's process, for its memory")
    return made


def main() -> int:
    """The exit code: 1 when a text could not be spoken, or there is no voice at all."""
    asked = parser().parse_args()
    logging.configure(get_settings().model_copy(update={"log_level": "CRITICAL"}))
    with Peaks() as peaks:
        notes = asyncio.run(measure(asked))
    if not notes:
        raise SystemExit("there is no voice for any of these languages")
    show(notes)
    # What has not yet become the program: a copy of this process, and the shell that sets its limits.
    held = {name: peak for name, peak in peaks.kilobytes.items() if name not in {_memory(os.getpid())[0], "sh"}}
    if asked.server_pid:
        held["the server"] = _memory(asked.server_pid)[1]
    print("\n  most memory: " + ", ".join(f"{name} {peak / _KILO:.0f} MiB" for name, peak in sorted(held.items())))
    return 1 if any(each.failure for each in notes) else 0


if __name__ == "__main__":
    sys.exit(main())
