"""Each benchmark of the line runs in its short form and prints its table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("open_loop", "Acceptance line"),
        ("threads", "Pages a turn"),
    ],
)
def test_a_benchmark_prints_its_figures(name: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--quick"],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    # 1 is a verdict about this machine at this moment, which is no test's business
    assert done.returncode in (0, 1), done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert told in done.stdout
