"""Word errors and speed of speech to text, on recordings of your own.

    python -m benchmarks.speech --model DIR --cases FOLDER          faster-whisper (the extra `whisper`)
    python -m benchmarks.speech --url URL --name MODEL --cases FOLDER   a server of OpenAI's shape (key: STT_API_KEY)

FOLDER holds recordings and beside each a text of the same name: `fr/booking-01.ogg` and `fr/booking-01.txt`. A folder
named like a language tells it; with --guess it is not passed on. Words are compared without case and punctuation; a
figure and its word are two words. "x faster" is seconds of recording for each second of hearing, loading apart.

No figure of ours stands anywhere: it takes weights and recordings of real people, and we ship neither. How fast text is
spoken, benchmarks/voices.py measures.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lumi.core import logging
from lumi.core.http import Http, OutsideFailure
from lumi.core.i18n import LANGUAGES
from lumi.core.settings import get_settings
from lumi.integrations.speech.openai_speech import OpenAiTranscriber
from lumi.integrations.speech.transcriber import Silence, Transcript
from lumi.integrations.speech.whisper_local import Timing, WhisperTranscriber

_SOUNDS = frozenset({".ogg", ".oga", ".opus", ".mp3", ".m4a", ".mp4", ".wav", ".webm", ".flac", ".aac", ".amr", ".caf"})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Case:
    """A recording, and what is said in it."""

    recording: Path
    said: str
    lang: str | None


@dataclass(frozen=True)
class Outcome:
    """What was heard of a case, or why nothing was."""

    case: Case
    heard: str
    seconds: float
    timing: Timing
    guessed: str | None = None
    failure: str | None = None

    @property
    def errors(self) -> int:
        """How many words are wrong, missing or too many."""
        return word_errors(self.case.said, self.heard)


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def word_errors(said: str, heard: str) -> int:
    """The fewest words to replace, leave out or put in to make one text of the other."""
    wanted, got = words_of(said), words_of(heard)
    row = list(range(len(got) + 1))
    for place, word in enumerate(wanted, 1):
        above, row[0] = row[0], place
        for column, other in enumerate(got, 1):
            above, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, above + (word != other))
    return row[-1]


def read(folder: Path) -> list[Case]:
    """Every recording of a folder that has its text beside it, in order."""
    found: list[Case] = []
    for path in sorted(folder.rglob("*")):
        text = path.with_suffix(".txt")
        if path.suffix.lower() in _SOUNDS and text.exists():
            lang = path.parent.name if path.parent.name in LANGUAGES else None
            found.append(Case(path, text.read_text(encoding="utf-8"), lang))
    return found


async def hear(transcriber: WhisperTranscriber | OpenAiTranscriber, case: Case, *, guess: bool) -> Outcome:
    """One recording, heard."""
    lang = None if guess else case.lang
    audio = case.recording.read_bytes()
    began = time.perf_counter()
    try:
        if isinstance(transcriber, WhisperTranscriber):
            heard, timing = await transcriber.timed(audio, lang=lang)
        else:
            heard = await transcriber.transcribe(audio, lang=lang)
            timing = Timing(0.0, time.perf_counter() - began)
    except OutsideFailure as failure:
        return Outcome(case, "", 0.0, Timing(0.0, 0.0), failure=str(failure))
    return _outcome(case, heard, timing)


def _outcome(case: Case, heard: Transcript | Silence, timing: Timing) -> Outcome:
    if isinstance(heard, Silence):
        return Outcome(case, "", heard.seconds, timing)
    return Outcome(case, heard.text, heard.seconds, timing, heard.language)


def show(outcomes: Sequence[Outcome]) -> None:
    """The table, by language and together."""
    by_lang: defaultdict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        by_lang[each.case.lang or "?"].append(each)
    print(f"\n  {'':4}{'cases':>7}{'failed':>8}{'words':>8}{'WER %':>8}{'minutes':>9}{'x faster':>10}{'load s':>8}")
    for lang, found in [*sorted(by_lang.items()), ("all", list(outcomes))]:
        words = sum(len(words_of(each.case.said)) for each in found)
        errors = sum(each.errors for each in found)
        seconds = sum(each.seconds for each in found)
        hearing = sum(each.timing.hearing_seconds for each in found)
        loading = statistics.median(each.timing.loading_seconds for each in found)
        failed = sum(1 for each in found if each.failure)
        print(
            f"  {lang:4}{len(found):7}{failed:8}{words:8}{100 * errors / max(words, 1):8.1f}{seconds / 60:9.1f}"
            f"{seconds / hearing if hearing else 0.0:10.1f}{loading:8.2f}"
        )


async def measure(asked: argparse.Namespace) -> list[Outcome]:
    """Every case, one after the other; says each that went wrong."""
    cases = read(asked.cases)
    if not cases:
        raise SystemExit("there is no recording with a text of the same name there")
    outcomes: list[Outcome] = []
    async with Http() as http:
        transcriber = _transcriber(asked, http)
        if lack := transcriber.missing():
            raise SystemExit(lack)
        for case in cases:
            outcome = await hear(transcriber, case, guess=asked.guess)
            outcomes.append(outcome)
            if outcome.failure or (asked.verbose and outcome.errors):
                print(f"  {case.recording.name}: {outcome.failure or outcome.heard}", flush=True)
    return outcomes


def _transcriber(asked: argparse.Namespace, http: Http) -> WhisperTranscriber | OpenAiTranscriber:
    if asked.model is not None:
        return WhisperTranscriber(asked.model, threads=asked.threads, compute_type=asked.compute_type)
    return OpenAiTranscriber(http, asked.url, os.environ.get("STT_API_KEY"), asked.name, timeout=300.0)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks.speech", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    engine = made.add_mutually_exclusive_group(required=True)
    engine.add_argument("--model", type=Path, metavar="DIR", help="a model converted for CTranslate2")
    engine.add_argument("--url", help="a server of OpenAI's shape")
    made.add_argument("--name", default="whisper-1", metavar="MODEL", help="the server's model")
    made.add_argument("--cases", type=Path, required=True, metavar="FOLDER")
    made.add_argument("--threads", type=int, default=2)
    made.add_argument("--compute-type", default="int8", help="int8, int8_float32, float32 …")
    made.add_argument("--guess", action="store_true", help="have the language found out")
    made.add_argument("--verbose", action="store_true", help="show what was heard where it was wrong")
    return made


def main() -> int:
    """The exit code: 1 when a recording could not be heard at all."""
    asked = parser().parse_args()
    logging.configure(get_settings().model_copy(update={"log_level": "CRITICAL"}))
    outcomes = asyncio.run(measure(asked))
    show(outcomes)
    return 1 if any(each.failure for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
