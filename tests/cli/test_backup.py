"""`lumi backup` of a running Lumi, and `lumi restore` into a folder where nothing was."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from lumi.core.server import attach
from lumi.demo.keys import free_port
from tests.cli.conftest import Home, Running

QUESTION = "Quels sont vos horaires ?\n"


@pytest.fixture
def elsewhere() -> Generator[Home]:
    """Another folder, on another port."""
    folder = Path(tempfile.mkdtemp(prefix="lumi-restored-"))
    folder.chmod(0o711)
    yield Home(folder, free_port())
    asyncio.run(attach.destroy(folder))
    shutil.rmtree(folder)


def test_restored_elsewhere_it_answers_the_same_question_the_same(
    home: Running, elsewhere: Home, tmp_path: Path
) -> None:
    file = tmp_path / "backup.lumi"
    said = home.objects("chat", "salon-eclat", "--json", "--as", "Zoé", given=QUESTION)
    saved = home.lumi("backup", str(file))
    assert saved.returncode == 0, saved.stderr

    restored = elsewhere.lumi_afresh("restore", str(file))

    assert restored.returncode == 0, restored.stderr
    assert elsewhere.objects("chat", "salon-eclat", "--json", given=QUESTION) == said
    assert elsewhere.lumi("tenant", "list").stdout == home.lumi("tenant", "list").stdout
    assert (elsewhere.folder / "secret.key").read_bytes() == (home.folder / "secret.key").read_bytes()
    healthy = elsewhere.lumi("doctor")
    assert healthy.returncode == 0, healthy.stdout
    again = elsewhere.lumi("restore", str(file))
    assert again.returncode == 1
    assert "--replace" in again.stderr
    assert elsewhere.lumi("restore", str(file), "--replace").returncode == 0
    assert elsewhere.objects("chat", "salon-eclat", "--json", given=QUESTION) == said


def test_a_running_lumi_is_not_replaced(home: Running, tmp_path: Path) -> None:
    file = tmp_path / "backup.lumi"
    assert home.lumi("backup", str(file)).returncode == 0

    done = home.lumi("restore", str(file), "--replace")

    assert done.returncode == 1
    assert "Lumi is running" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_backup_is_refused_in_words(empty_home: Home, tmp_path: Path) -> None:
    file = tmp_path / "backup.lumi"
    file.write_bytes(b"PGDMP")

    done = empty_home.lumi("restore", str(file))

    assert done.returncode == 1
    assert "is not a backup of Lumi" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_place_that_cannot_be_written_to_is_refused_in_words(home: Running, tmp_path: Path) -> None:
    done = home.lumi("backup", str(tmp_path / "missing" / "backup.lumi"))

    assert done.returncode == 1
    assert "cannot be written to" in done.stderr
    assert "Traceback" not in done.stderr
