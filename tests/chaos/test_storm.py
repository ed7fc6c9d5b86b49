"""The whole of Lumi as real processes that are killed again and again, counted from outside."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.chaos.storm.broken import tried

pytestmark = pytest.mark.chaos
ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 240
QUICK_SECONDS = 90.0


def test_whatever_is_killed_nothing_is_lost_twice_out_of_order_or_stale() -> None:
    began, others = time.monotonic(), _busy_with_others()
    storm = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.storm", "--messages", "600", "--threads", "60", "--kills", "15"],
        cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        told, complaints = storm.communicate(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        storm.send_signal(signal.SIGINT)  # it ends what it started
        told, complaints = storm.communicate(timeout=60)
    took = time.monotonic() - began
    left_to_us = 1 - (_busy_with_others() - others) / took / (os.cpu_count() or 1)

    assert storm.returncode == 0, f"{told[-3000:]}\n{complaints[-3000:]}"
    found = re.search(r"0 lost, 0 twice, 0 out of order, 0 stale, \d+ unknown of 600", told)
    assert found, told
    print(told)  # noqa: T201 - the line that make chaos-quick prints, too
    # what others did meanwhile on these processors is not its time
    assert took * min(1.0, left_to_us) < QUICK_SECONDS, told


def test_a_house_that_saves_what_is_stale_is_caught() -> None:
    # The cheapest of the four, which needs no kills; `make chaos-broken` tries all of them.
    verdict = tried("seq", "--messages", "200", "--threads", "50", "--seconds", "6", "--kills", "0")

    assert verdict.is_caught, verdict.told


def _busy_with_others() -> float:
    """Seconds for which the processors worked for somebody else than this process and its children that ended."""
    times, own = psutil.cpu_times(), resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return times.user + times.nice + times.system - ours
