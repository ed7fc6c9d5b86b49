"""Figures of several processes: one sum, whoever is asked, and nothing lost with a process that was killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lumi.core import metrics
from lumi.core.figures import files

ENOUGH_SECONDS = 20

COUNTING = """
import sys
from pathlib import Path
from lumi.core import metrics
from lumi.core.figures import files

with files.shared(Path(sys.argv[1])):
    metrics.TURNS.labels("figures-test").inc(float(sys.argv[2]))
    metrics.TURN_SECONDS.observe(0.02)
    metrics.SOCKETS.labels("figures-test").inc(float(sys.argv[2]))
    print("counted", flush=True)
    sys.stdin.read()
"""


@contextmanager
def counting(folder: Path, amount: int) -> Generator[subprocess.Popen[str]]:
    """A process that has counted so much and stays until it is told to go."""
    command = [sys.executable, "-c", COUNTING, str(folder), str(amount)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def summed(folder: Path) -> Mapping[str, float]:
    """What the folder says in all, by figure; a histogram by how many it has seen."""
    found: dict[str, float] = {}
    for family in files.together(folder):
        for sample in family.samples:
            if sample.name.endswith(("_total", "_count", "open_sockets")):
                found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def outcome(folder: Path, name: str) -> float:
    """How many turns the folder says ended so."""
    (found,) = [
        sample.value
        for family in files.together(folder)
        for sample in family.samples
        if sample.labels == {"outcome": name}
    ]
    return found


def test_what_several_processes_counted_is_one_sum(tmp_path: Path) -> None:
    with counting(tmp_path, 2), counting(tmp_path, 3):
        told = summed(tmp_path)

        assert told["lumi_turns_total"] == 5
        assert told["lumi_turn_seconds_count"] == 2
        assert told["lumi_open_sockets"] == 5


def test_a_killed_process_leaves_its_counters_and_takes_its_gauges_along(tmp_path: Path) -> None:
    with counting(tmp_path, 3), counting(tmp_path, 2) as killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()

        for _ in range(2):  # also when the dead have been added up already
            told = summed(tmp_path)
            assert told["lumi_turns_total"] == 5
            assert told["lumi_turn_seconds_count"] == 2
            assert told["lumi_open_sockets"] == 3


def test_a_process_that_ends_in_order_leaves_the_same(tmp_path: Path) -> None:
    with counting(tmp_path, 2) as leaving:
        leaving.communicate("", timeout=ENOUGH_SECONDS)

        told = summed(tmp_path)

    assert told["lumi_turns_total"] == 2
    assert told.get("lumi_open_sockets", 0) == 0


def test_files_of_the_dead_do_not_pile_up(tmp_path: Path) -> None:
    for _ in range(4):
        with counting(tmp_path, 1):
            pass
        assert summed(tmp_path)["lumi_turns_total"] > 0

    assert sorted(each.name for each in tmp_path.iterdir()) == ["counter_dead.db", "histogram_dead.db"]
    assert summed(tmp_path)["lumi_turns_total"] == 4


def test_a_reader_killed_while_it_added_up_the_dead_makes_nothing_count_twice(tmp_path: Path) -> None:
    with counting(tmp_path, 2):
        pass
    stopped = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from lumi.core.figures import files\n"
        "files._finish = lambda folder: os._exit(9) if (folder / 'dead.plan').exists() else None\n"
        "files.together(Path(sys.argv[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", stopped, str(tmp_path)], check=False).returncode == 9
    assert (tmp_path / "dead.plan").exists()

    assert summed(tmp_path)["lumi_turns_total"] == 2
    assert summed(tmp_path)["lumi_turns_total"] == 2


@pytest.mark.parametrize("rest", [b"\xff\xff\x00\x00broken" * 9, b"\x08", b""])
def test_a_file_torn_by_a_loss_of_power_costs_only_what_was_in_it(tmp_path: Path, rest: bytes) -> None:
    with counting(tmp_path, 2):
        (torn,) = tmp_path.glob("counter_*.db")
    torn.write_bytes(rest)

    with counting(tmp_path, 3):
        for _ in range(2):
            told = summed(tmp_path)
            assert told["lumi_turns_total"] == 3
            assert told["lumi_turn_seconds_count"] == 2


def test_without_the_folder_the_figures_of_this_process_are_told(tmp_path: Path) -> None:
    with files.shared(tmp_path / "metrics"):
        metrics.TURNS.labels("left").inc()
        shutil.rmtree(tmp_path / "metrics")

        body, _ = metrics.render()

    assert b'lumi_turns_total{outcome="left"} 1.0' in body


def test_what_was_counted_before_sharing_is_shared_once(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lumi.core import metrics\n"
        "from lumi.core.figures import files\n"
        "turns = metrics.TURNS.labels('before-sharing')\n"
        "turns.inc()\n"
        "for _ in range(2):\n"
        "    with files.shared(Path(sys.argv[1])):\n"
        "        turns.inc()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

    assert outcome(tmp_path, "before-sharing") == 3


def test_inside_another_folder_the_first_is_left_and_found_again(tmp_path: Path) -> None:
    turns = metrics.TURNS.labels("two-folders")
    with files.shared(tmp_path / "one"):
        turns.inc(1)
        with files.shared(tmp_path / "two"):
            turns.inc(10)
        turns.inc(100)
        assert metrics.REGISTRY.get_sample_value("lumi_turns_total", {"outcome": "two-folders"}) == 111

    assert outcome(tmp_path / "one", "two-folders") == 101
    assert outcome(tmp_path / "two", "two-folders") == 10


def test_a_forked_child_does_not_write_over_the_numbers_of_its_parent(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from lumi.core import metrics\n"
        "from lumi.core.figures import files\n"
        "with files.shared(Path(sys.argv[1])):\n"
        "    metrics.TURNS.labels('forked').inc()\n"
        "    if (child := os.fork()) == 0:\n"
        "        metrics.TURNS.labels('forked').inc(100)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

    assert summed(tmp_path)["lumi_turns_total"] == 1


def test_a_folder_that_cannot_be_written_costs_only_the_sum(tmp_path: Path) -> None:
    (tmp_path / "metrics").write_text("in the way")

    with files.shared(tmp_path / "metrics"):
        metrics.TURNS.labels("alone").inc()
        body, _ = metrics.render()

    assert b'lumi_turns_total{outcome="alone"} 1.0' in body


def test_rendered_figures_of_all_processes_can_be_parsed(tmp_path: Path) -> None:
    with counting(tmp_path, 2), files.shared(tmp_path):
        body, _ = metrics.render()

    names = [family.name for family in text_string_to_metric_families(body.decode())]
    assert {"lumi_turns", "lumi_turn_seconds", "lumi_lanes_due"} <= set(names)
    assert len(names) == len(set(names))


def test_counting_stays_in_microseconds_where_the_number_is_shared(tmp_path: Path) -> None:
    # Far above what it takes (0.6 µs), far below what a system call or a file would.
    counts = 5_000
    turns = metrics.TURNS.labels("quick")
    with files.shared(tmp_path):
        began = time.process_time()
        for _ in range(counts):
            turns.inc()
        spent = time.process_time() - began

    assert spent / counts < 20e-6
