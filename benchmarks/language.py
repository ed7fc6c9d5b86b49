"""Language of a message: accuracy, time and memory, beside py3langid and lingua where they are installed.

    python benchmarks/language.py [--cases DIR]

DIR (or the environment variable CASES) holds `languages*.jsonl` with one {"text", "lang", "kind"} a line; cases
in other languages than the eight are left out. Without it the project's own cases are used. Each detector runs in
a process of its own, restricted to the eight languages.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lumi.core.i18n import LANGUAGES  # noqa: E402 -- found through the line above

OWN_CASES = ROOT / "tests" / "modules" / "assistant" / "fixtures"
# Long enough that loading lazily is over before the clock starts.
WARM_UP = ("Bonjour, avez-vous une chambre ?", "Сколько стоит стрижка?", "هل لديكم غرفة؟", "How much is it?")


@dataclass(frozen=True)
class Case:
    text: str
    lang: str
    kind: str


@dataclass(frozen=True)
class Outcome:
    answers: Sequence[str]
    loading_seconds: float
    megabytes: float
    microseconds: float
    slowest_milliseconds: float


def lumi() -> Callable[[str], str]:
    """Lumi's own."""
    detect = import_module("lumi.modules.assistant.engine.language").detect
    return lambda text: detect(text, among=LANGUAGES).lang


def py3langid() -> Callable[[str], str]:
    """py3langid as it comes."""
    langid = import_module("py3langid")
    langid.set_languages(list(LANGUAGES))
    return lambda text: langid.classify(text)[0]


def lingua() -> Callable[[str], str]:
    """lingua in its high accuracy mode."""
    library = import_module("lingua")
    codes = [getattr(library.IsoCode639_1, language.upper()) for language in LANGUAGES]
    detector = library.LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

    def answer(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else ""

    return answer


DETECTORS: dict[str, Callable[[], Callable[[str], str]]] = {"lumi": lumi, "py3langid": py3langid, "lingua": lingua}


def measured(name: str, texts: Sequence[str]) -> Outcome | None:
    """The answers of a detector and what they cost; None when it is not installed."""
    before, started = _resident(), time.perf_counter()
    try:
        detect = DETECTORS[name]()
    except ModuleNotFoundError:
        return None
    for text in WARM_UP:
        detect(text)
    loading = time.perf_counter() - started
    answers: list[str] = []
    times: list[float] = []
    for text in texts:
        started = time.perf_counter()
        answers.append(detect(text))
        times.append(time.perf_counter() - started)
    return Outcome(answers, loading, _resident() - before, 1e6 * sum(times) / len(times), 1e3 * max(times))


def _resident() -> float:
    """Megabytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def read(folder: Path) -> Sequence[Case]:
    """The cases of `folder` that are in one of the eight languages."""
    lines = (line for file in sorted(folder.glob("languages*.jsonl")) for line in file.open(encoding="utf-8"))
    cases = [Case(found["text"], found["lang"], found["kind"]) for found in map(json.loads, lines)]
    return [case for case in cases if case.lang in LANGUAGES]


def show(name: str, cases: Sequence[Case], outcome: Outcome) -> None:
    """A table: a line for each kind, a column for each language."""
    print(
        f"{name}: loads in {outcome.loading_seconds:.1f} s, +{outcome.megabytes:.0f} MB resident, "
        f"{outcome.microseconds:.0f} µs a text, slowest {outcome.slowest_milliseconds:.1f} ms"
    )
    right: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for case, answer in zip(cases, outcome.answers, strict=True):
        for column in (case.lang, "all"):
            right[case.kind, column].append(answer == case.lang)
    print(f"  {'kind':14}", *(f"{column:>6}" for column in ("all", *LANGUAGES)), f"{'cases':>7}")
    for kind in sorted({case.kind for case in cases}):
        cells = [_percent(right.get((kind, column), [])) for column in ("all", *LANGUAGES)]
        print(f"  {kind:14}", *cells, f"{len(right[kind, 'all']):7}")


def _percent(right: Sequence[bool]) -> str:
    return f"{100 * sum(right) / len(right):6.1f}" if right else f"{'-':>6}"


def main() -> None:
    """Measures every detector on the same cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path, default=Path(os.environ.get("CASES") or OWN_CASES), metavar="DIR")
    cases = read(parser.parse_args().cases)
    if not cases:
        raise SystemExit("no languages*.jsonl with cases there")
    texts = [case.text for case in cases]
    for name in DETECTORS:
        with multiprocessing.get_context("spawn").Pool(1) as process:
            outcome = process.apply(measured, (name, texts))
        if outcome is None:
            print(f"{name}: not installed")
        else:
            show(name, cases, outcome)


if __name__ == "__main__":
    main()
