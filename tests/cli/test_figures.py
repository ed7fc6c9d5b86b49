"""The figures of a running installation: of its web server and its workers, whoever is asked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from prometheus_client.parser import text_string_to_metric_families

from tests.cli.conftest import Running, free_port

PATIENCE_SECONDS = 90


def figures(port: int) -> Mapping[str, float]:
    """Everything a port tells, by `name{first label's value}`."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {
        f"{sample.name}{{{next(iter(sample.labels.values()), '')}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so; a port that does not answer yet is no reason to stop waiting."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        try:
            if is_so():
                return
        except urllib.error.URLError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not come about")


def test_the_web_server_tells_what_the_worker_counted(home: Running) -> None:
    home.objects("chat", "salon-eclat", "--json", given="Quels sont vos horaires ?\n")

    told = figures(home.port)

    assert told["lumi_processes{web}"] == 1
    assert told["lumi_processes{worker}"] == 1
    assert any(name.startswith("lumi_turns_total") and value > 0 for name, value in told.items())


def test_a_second_worker_is_counted_while_it_lives_and_answers_at_the_port_of_its_own(home: Running) -> None:
    port = free_port()
    command = [sys.executable, "-m", "lumi", "worker"]
    environment = {**home.uncounted_environment, "PROMETHEUS_PORT": str(port)}
    second = subprocess.Popen(command, cwd=home.folder, env=environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: figures(home.port)["lumi_processes{worker}"] == 2)
        until(lambda: figures(port)["lumi_processes{web}"] == 1)
    finally:
        second.kill()
        second.wait()

    until(lambda: figures(home.port)["lumi_processes{worker}"] == 1)
    assert os.listdir(home.folder / "metrics")
