"""The benchmarks of the line run in their short form, and each prints its table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]
TOLD = ("Acceptance line", "Pages a turn", "beside the flood", "times the rebuilt")


def test_each_benchmark_of_the_line_prints_its_figures() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quick"],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    # 1 is a verdict about this machine at this moment, which is no test's business
    assert done.returncode in (0, 1), done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    assert [told for told in TOLD if told not in done.stdout] == []
