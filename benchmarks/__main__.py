"""All benchmarks, one after the other, each in a process of its own: `python -m benchmarks [--quick] [--only NAME]`.

`line` (webhooks, whole turns, steps), `open_loop` (messages at a fixed rate, the provider's acceptance line), `threads`
(what a turn costs among 100,000 open ones), `neighbours` (a small tenant beside a flood), `churn` (what swells while
people write, for two minutes; `make bench-hour` is an hour of it), `retrieval` and `language` (what is found and told
apart; CASES=… names other cases), `install` (clone to first answer, sizes, memory). Each module says how its table is
read.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Which of them know a short version.
NAMES = {
    "line": True,
    "open_loop": True,
    "threads": True,
    "neighbours": True,
    "churn": True,
    "retrieval": False,
    "language": False,
    "install": False,
}


def main() -> int:
    """The number of benchmarks that failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="short rounds; leaves out install")
    parser.add_argument("--only", choices=list(NAMES))
    asked = parser.parse_args()
    names = [asked.only] if asked.only else [name for name in NAMES if not (asked.quick and name == "install")]
    ended: list[tuple[str, int, float]] = []
    for name in names:
        print(f"\n== {name} ==", flush=True)
        began = time.monotonic()
        short = ["--quick"] if asked.quick and NAMES[name] else []
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *short], cwd=ROOT, env=env, check=False)
        ended.append((name, done.returncode, time.monotonic() - began))
    print("\n== all ==")
    for name, code, seconds in ended:
        print(f"  {name.ljust(10)} {'done' if not code else f'failed with {code}'} in {seconds:.0f} s")
    return sum(1 for _, code, _ in ended if code)


if __name__ == "__main__":
    sys.exit(main())
