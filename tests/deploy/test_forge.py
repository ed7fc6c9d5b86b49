"""What the forge is told: the files are of the right form, and they run what people run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.shape.tree import ROOT

FILES = {
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/dependabot.yml": "vendor.dependabot",
}


def checked(schema: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", FILES)
def test_a_file_for_the_forge_has_the_form_it_reads(name: str) -> None:
    done = checked(FILES[name], ROOT / name)

    assert done.returncode == 0, done.stdout


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "ci.yml"
    broken.write_text("name: ci\non: push\njobs:\n  house:\n    steps: nothing\n")

    assert checked("vendor.github-workflows", broken).returncode == 1


def test_the_forge_runs_what_people_run() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    runs = [step.get("run") for job in jobs.values() for step in job["steps"]]

    assert ".ci/run" in runs
    assert "make security-scan" in runs


def test_every_hook_before_a_commit_runs_something_of_the_clone() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]

    for hook in hooks:
        program, *words = hook["entry"].split()
        assert (ROOT / program).exists()
        assert all((ROOT / word).exists() for word in words if word.startswith("scripts/"))
