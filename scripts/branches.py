"""Runs pytest with the branches of lumi/ counted, in commands as well: `scripts/branches.py [--base REF] ARGUMENTS`.

Fails when a test fails, when fewer than 85 % of lines and branches were taken, or fewer than 90 % of the lines that
changed since REF. Counting is SlipCover's: a tenth of the time that tracing takes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import slipcover

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".make" / "branches"
LEAST_PERCENT, LEAST_CHANGED_PERCENT = 85, 90
WORST = 10


def main() -> int:
    """The code pytest ended with, or 1 when too little was taken."""
    asked = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    asked.add_argument("--base", help="a commit; without it the one before, or where main is")
    known, words = asked.parse_known_args()
    failed = _run(words)
    if failed:
        return failed
    taken = _together()
    if not _enough(taken):
        return 1
    with (FOLDER / "coverage.xml").open("w") as xml:
        slipcover.print_xml(taken, source_paths=[str(ROOT)], with_branches=True, outfile=xml)
    return _changed(known.base or _before())


def _run(words: list[str]) -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    ours = {"COUNT_BRANCHES_IN": str(FOLDER), "PYTHONPATH": str(ROOT / "scripts" / "counting")}
    return subprocess.call([sys.executable, "-m", "pytest", *words], cwd=ROOT, env={**os.environ, **ours})


def _together() -> dict:
    """What all processes took, beside what nobody loaded."""
    whole = slipcover.Slipcover(branch=True, source=[str(ROOT / "lumi")], exclude_also=list(_excluded()))
    for path in FOLDER.glob("*.json"):
        for name, seen in json.loads(path.read_text()).items():
            whole.all_seen[name].update(tuple(each) if isinstance(each, list) else each for each in seen)
    return whole.get_coverage()


def _excluded() -> Iterator[str]:
    yield r"if TYPE_CHECKING:"
    yield r"\.\.\.$"
    yield r"raise NotImplementedError"


def _enough(taken: dict) -> bool:
    whole = taken["summary"]
    lines, branches = (
        100 * whole[f"covered_{kind}"] / (whole[f"covered_{kind}"] + whole[f"missing_{kind}"])
        for kind in ("lines", "branches")
    )
    worst = sorted(taken["files"].items(), key=lambda each: -each[1]["summary"]["missing_lines"])[:WORST]
    print("Most lines that no test took:")
    for name, each in worst:
        print(f"  {each['summary']['missing_lines']:4} of {name} ({each['summary']['percent_covered']:.0f} % taken)")
    print(
        f"Taken: {lines:.1f} % of the lines, {branches:.1f} % of the branches, {whole['percent_covered']:.1f} % of all."
    )
    if whole["percent_covered"] < LEAST_PERCENT:
        print(f"That is under {LEAST_PERCENT} %.", file=sys.stderr)
        return False
    return True


def _before() -> str:
    """Where the main branch is when this is ahead of it, else the commit before."""
    ahead = subprocess.run(
        ["git", "rev-list", "--count", "origin/main..HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "origin/main" if ahead.stdout.strip() not in {"", "0"} else "HEAD~1"


def _changed(base: str) -> int:
    exists = subprocess.run(["git", "rev-parse", "--verify", "-q", base], cwd=ROOT, capture_output=True, check=False)
    if exists.returncode:
        print(f"Nothing to compare with: there is no {base}.")
        return 0
    compare = [f"--compare-branch={base}", f"--fail-under={LEAST_CHANGED_PERCENT}"]
    command = [str(Path(sys.executable).with_name("diff-cover")), str(FOLDER / "coverage.xml"), *compare]
    return subprocess.call(command, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
