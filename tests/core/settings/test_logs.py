"""LOG_LEVEL, LOG_FORMAT, LOG_FILE and its rotation."""

from __future__ import annotations

import json
import logging as stdlib
import subprocess
import sys
from pathlib import Path

import pytest

from lumi.core.logging import configure, get_logger
from tests.core.settings.conftest import Given

Capture = pytest.CaptureFixture[str]
log = get_logger("lumi.example")

pytestmark = pytest.mark.usefixtures("json_lines")


def test_only_lines_of_the_level_are_written(given: Given, capsys: Capture) -> None:
    configure(given(LOG_LEVEL="error"))
    log.warning("not this")
    log.error("but this")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["but this"]


def test_a_line_is_json_or_for_eyes(given: Given, capsys: Capture) -> None:
    for form in ("json", "console"):
        configure(given(LOG_FORMAT=form))
        log.info("document indexed", sections=12)
    as_json, for_eyes = capsys.readouterr().err.splitlines()
    assert json.loads(as_json)["sections"] == 12
    assert "document indexed" in for_eyes
    assert "sections=12" in for_eyes
    assert not for_eyes.startswith("{")


def test_a_file_gets_every_line_too_those_of_libraries_included(given: Given, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "logs" / "lumi.log"
    configure(given(LOG_FILE=str(path)))
    log.info("ours", token="abc")
    stdlib.getLogger("their.library").warning("theirs")
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["ours", "theirs"]
    assert path.read_text() == capsys.readouterr().err
    assert "abc" not in path.read_text()
    assert path.stat().st_mode & 0o007 == 0


def test_a_full_file_is_put_aside_and_the_oldest_is_deleted(given: Given, tmp_path: Path) -> None:
    path = tmp_path / "lumi.log"
    configure(given(LOG_FILE=str(path), LOG_FILE_MAX_BYTES="1024", LOG_FILE_KEPT="2"))
    for number in range(60):
        log.info("line", number=number, filling="x" * 40)
    log.info("line", number=60)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lumi.log", "lumi.log.1", "lumi.log.2"]
    files = (tmp_path / "lumi.log.2", tmp_path / "lumi.log.1", path)
    numbers = [json.loads(line)["number"] for each in files for line in each.read_text().splitlines()]
    assert numbers == list(range(numbers[0], 61))
    assert numbers[0] > 0
    assert all(each.stat().st_size < 1024 + 300 for each in files)


WRITER = """
import sys
from lumi.core.logging import configure, get_logger
from lumi.core.settings import get_settings
configure(get_settings())
for number in range(200):
    get_logger("writer").info("line", who=sys.argv[1], number=number)
"""


def test_processes_that_share_a_file_lose_no_line_when_it_begins_anew(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
    given(LOG_FILE=str(tmp_path / "lumi.log"), LOG_FILE_MAX_BYTES="4096", LOG_FILE_KEPT="100")
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, name], stderr=subprocess.DEVNULL, cwd=tmp_path)
        for name in "abc"
    ]
    assert [each.wait(30) for each in writers] == [0, 0, 0]
    lines = [json.loads(line) for each in tmp_path.glob("lumi.log*") for line in each.read_text().splitlines()]
    assert len(list(tmp_path.glob("lumi.log.*"))) > 5
    assert sorted((line["who"], line["number"]) for line in lines) == [(who, n) for who in "abc" for n in range(200)]


def test_a_folder_that_cannot_be_written_fails_no_work(given: Given, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "taken").write_text("a file")
    configure(given(LOG_FILE=str(tmp_path / "taken" / "lumi.log")))
    log.info("still here")
    assert "still here" in capsys.readouterr().err
