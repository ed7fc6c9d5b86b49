"""The scan for secrets finds one of each kind that is planted, and none where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shape.tree import ROOT

# Put together here, so that this file holds none of them.
RANDOM = "q7Zk2Vx9" + "Lm4Tb8Nw3Hc6Jd1Rf5Ys0GpQaE"
PLANTED = {
    "private key file": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "AWS key": "aws = AKIA" + "IOSFODNN7ABCDEFG",
    "GitHub token": "ghp_" + RANDOM + "0123",
    "GitLab token": "glpat-" + RANDOM,
    "Slack token": "xoxb-" + RANDOM,
    "Google key": "AIza" + RANDOM + "x",
    "Meta token": "EAA" + RANDOM + RANDOM,
    "Stripe key": "sk_live_" + RANDOM,
    "model key": "sk-ant-" + RANDOM,
    "key of Lumi": "lumi_" + "0a" * 16 + "_" + RANDOM,
    "token": "eyJ" + RANDOM + ".eyJ" + RANDOM + "." + RANDOM,
    "password in a URL": "postgresql://lumi:" + RANDOM + "@db/lumi",
    "named secret": 'SECRET_KEY = "' + RANDOM + '"',
}
HARMLESS = (
    "postgresql://lumi:password@localhost/lumi",
    'SECRET_KEY="change-me-to-something-long-and-random"',
    "access_token: str | None = None",
    'token = "' + "a" * 40 + '"',
    'TOKEN = "' + RANDOM + '"  # not-a-secret: made up for a test',
)


def scanned(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "find_secrets.py"), str(root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty one."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=20)
    return tmp_path


def test_there_is_no_secret_in_what_git_tracks() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is no clone")
    assert scanned(ROOT).stdout == ""


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_secret_is_found_and_not_shown(repository: Path, kind: str) -> None:
    (repository / "settings.py").write_text(f"# one\n{PLANTED[kind]}\n")

    done = scanned(repository)

    assert done.returncode == 1
    assert f"settings.py:2 {kind}" in done.stdout.splitlines()
    assert RANDOM not in done.stdout


def test_what_only_looks_like_a_secret_is_left_alone(repository: Path) -> None:
    (repository / "settings.py").write_text("\n".join(HARMLESS))

    done = scanned(repository)

    assert (done.returncode, done.stdout) == (0, "")


def test_what_git_ignores_is_not_read(repository: Path) -> None:
    (repository / ".gitignore").write_text(".env\n")
    (repository / ".env").write_text(PLANTED["named secret"])

    assert scanned(repository).returncode == 0
