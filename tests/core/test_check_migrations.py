"""`scripts/check_migrations.py` goes every way there is, and says where one is blocked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lumi.core import migrate

pytestmark = pytest.mark.integration

PARTS = ("lumi", "migrations", "scripts")


def checked(root: Path) -> subprocess.CompletedProcess[str]:
    """What the script says of the tree at `root`."""
    command = [sys.executable, "scripts/check_migrations.py"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tree, to be broken."""
    for part in PARTS:
        shutil.copytree(migrate.ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(migrate.ROOT / "alembic.ini", tmp_path)
    return tmp_path


def test_every_revision_goes_up_down_and_up_and_the_models_agree() -> None:
    done = checked(migrate.ROOT)

    assert done.returncode == 0, done.stderr
    ways = done.stdout.splitlines()
    assert sum(line.endswith(" again: ok") for line in ways if line.startswith("upgrade")) == len(
        list((migrate.ROOT / "migrations" / "versions").glob("*.py"))
    )
    assert ways[-1] == "check again: ok"


def test_a_revision_that_cannot_be_taken_back_is_told(copy: Path) -> None:
    down = copy / "migrations" / "versions" / "005_filtered_lists" / "down.sql"
    down.write_text("drop index dead_letter_source, never_was;\n")

    done = checked(copy)

    assert done.returncode == 1
    assert "downgrade 004_retention: FAILED" in done.stderr
    assert "never_was" in done.stderr


def test_a_revision_that_leaves_something_behind_is_told(copy: Path) -> None:
    down = copy / "migrations" / "versions" / "005_filtered_lists" / "down.sql"
    up = copy / "migrations" / "versions" / "005_filtered_lists" / "up.sql"
    down.write_text("select 1;\n")
    up.write_text(up.read_text().replace(" if not exists", ""))

    done = checked(copy)

    assert done.returncode == 1
    assert "upgrade 005_filtered_lists again: FAILED" in done.stderr


def test_a_model_that_says_more_than_the_migrations_is_told(copy: Path) -> None:
    audit = copy / "lumi" / "core" / "audit.py"
    index = 'Index("audit_entry_at", "tenant_id", "at", "id"),'
    audit.write_text(audit.read_text().replace(index, index.replace("_at", "_when", 1)))

    done = checked(copy)

    assert done.returncode == 1
    assert "check: FAILED" in done.stderr
