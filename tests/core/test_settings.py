"""What an operator set wrong is said in words, all at once, before anything starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator

import pytest

from lumi.core.settings import MissingSetting, get_settings


@pytest.fixture(autouse=True)
def read_again() -> Generator[None]:
    """Settings as the test's environment says; afterwards as before."""
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def test_a_log_level_that_does_not_exist_is_refused_with_those_that_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "nonsense")

    with pytest.raises(MissingSetting) as refused:
        get_settings()

    assert refused.value.complaints == ["LOG_LEVEL: one of debug, info, warning, error, critical"]


@pytest.mark.parametrize("level", ["debug", "INFO", "Warning", "error", "CRITICAL"])
def test_a_log_level_may_be_written_in_any_case(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)

    assert get_settings().log_level == level


def test_everything_that_makes_no_sense_is_said_at_once_and_no_value_is_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "hunter2")
    monkeypatch.setenv("PORT", "hunter2")
    monkeypatch.setenv("LOG_FORMAT", "hunter2")

    with pytest.raises(MissingSetting) as refused:
        get_settings()

    assert sorted(each.partition(":")[0] for each in refused.value.complaints) == ["LOG_FORMAT", "LOG_LEVEL", "PORT"]
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("command", ["serve", "worker", "doctor"])
def test_a_command_ends_with_the_words_and_no_traceback(command: str) -> None:
    environment = {**os.environ, "LOG_LEVEL": "nonsense"}

    done = subprocess.run(
        [sys.executable, "-m", "lumi", command],
        env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "LOG_LEVEL: one of debug, info" in done.stderr
    assert "Traceback" not in done.stderr
