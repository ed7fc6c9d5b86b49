"""The whole of Lumi as real processes that are killed again and again, counted from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.chaos
ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 240


def test_whatever_is_killed_nothing_is_lost_twice_out_of_order_or_stale() -> None:
    storm = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.storm", "--messages", "600", "--threads", "60", "--kills", "15"],
        cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        told, complaints = storm.communicate(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        storm.send_signal(signal.SIGINT)  # it ends what it started
        told, complaints = storm.communicate(timeout=60)

    assert storm.returncode == 0, f"{told[-3000:]}\n{complaints[-3000:]}"
    found = re.search(r"0 lost, 0 twice, 0 out of order, 0 stale, \d+ unknown of 600", told)
    assert found, told
    print(told)  # noqa: T201 - the line that make chaos-quick prints, too
