"""Where the programs are that the tests of this folder ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def of_ours(name: str) -> str:
    """A program that came with a package of requirements-dev.txt."""
    return str(Path(sys.executable).parent / name)


def of_the_machine(name: str) -> str:
    """A program of this machine, or one that scripts/setup.sh unpacked; without it the test is skipped."""
    unpacked = ROOT / ".make" / name / "usr" / "sbin" / name
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin") or (str(unpacked) if unpacked.exists() else None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is missing; in CI it must be there")
        pytest.skip(f"{name} is not installed")
    return found


def said_by(*command: str | Path, **environment: str) -> tuple[int, str]:
    """The exit code of a command, and all that it said."""
    done = subprocess.run(
        [str(word) for word in command], env={**os.environ, **environment}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout
