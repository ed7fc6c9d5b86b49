"""`.env.example` and `docs/configuration.md` say what the settings say, and the check notices when they do not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import AliasChoices

from lumi.core.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
MADE = (".env.example", "docs/configuration.md")


def make(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The script of this tree, run as `make check` runs it."""
    return subprocess.run(
        [sys.executable, "scripts/make_configuration.py", *options],
        cwd=root, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_both_files_are_what_the_settings_say() -> None:
    done = make(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_setting_is_in_both_under_all_its_names() -> None:
    example, document = ((ROOT / each).read_text() for each in MADE)
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = (
            [str(each) for each in alias.choices if each != name] if isinstance(alias, AliasChoices) else [name.upper()]
        )
        assert f"# {name.upper()}=" in example
        assert all(f"`{each}`" in document for each in names)


@pytest.mark.parametrize("stale", MADE)
def test_a_file_that_is_stale_fails_the_check_by_name_and_is_mended_without_it(tmp_path: Path, stale: str) -> None:
    for folder in ("scripts", "lumi/core", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "locales"))
    (tmp_path / "lumi" / "__init__.py").touch()
    shutil.copy(ROOT / ".env.example", tmp_path)
    right = (tmp_path / stale).read_text()
    (tmp_path / stale).write_text(right.replace("8000", "9000"))

    done = make(tmp_path, "--check")
    assert done.returncode == 1
    assert done.stdout.startswith(f"{stale}: not what the settings say")

    assert make(tmp_path).returncode == 0
    assert (tmp_path / stale).read_text() == right
