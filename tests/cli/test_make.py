"""The front door: what each `make` target does, and the one line it says where it cannot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Home, Running
from tests.core.conftest import RedisServer

ROOT = Path(__file__).resolve().parents[2]
LINKED = (".venv", "lumi", "migrations", "alembic.ini", "compose.yaml", "pyproject.toml", "tests", "docs/sockets.md")
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >> "$RECORD"\n'
ENOUGH_SECONDS = 120


@dataclass
class Clone:
    """A clone in which everything is set up: setup.sh only writes down what it is asked for."""

    folder: Path

    def make(self, *words: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run make to its end."""
        return subprocess.run(
            ["make", *words], cwd=self.folder, env=self._environment(environment), input=given,
            capture_output=True, text=True, timeout=ENOUGH_SECONDS, check=False,
        )  # fmt: skip

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start a make that does not end by itself, in a group of its own."""
        return subprocess.Popen(
            ["make", *words], cwd=self.folder, env=self._environment(environment), stdout=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip

    def _environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        # a make above us would hand down its own flags and variables
        own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        return {**own, "LUMI_HOME": str(self.folder / ".lumi"), "RECORD": str(self.folder / "record"), **changes}

    def recorded(self) -> Sequence[str]:
        """What was asked of the programs that only write down."""
        record = self.folder / "record"
        return record.read_text().splitlines() if record.exists() else []

    def program(self, place: str, text: str = RECORDER) -> Path:
        """Put a program of our own there."""
        path = self.folder / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone that nobody else works in."""
    made = Clone(tmp_path / "clone")
    (made.folder / "docs").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", made.folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", made.folder)
    for name in LINKED:
        (made.folder / name).symlink_to(ROOT / name)
    made.program("scripts/setup.sh")
    return made


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line a target that cannot says; make's own line below it does not count."""
    assert done.returncode != 0
    (line,) = [each for each in done.stderr.splitlines() if not each.startswith("make")]
    return line


def test_make_alone_lists_every_target(clone: Clone) -> None:
    listed = clone.make().stdout

    for target in (
        "install", "format", "dev-setup", "docker-up", "docker-down", "docker-build", "backup", "restore",
        "redis-shell", "debug-db", "debug-redis", "debug-logs", "metrics", "security-scan", "test-e2e", "docs",
        "%-logs",
    ):  # fmt: skip
        assert f"\n  make {target} " in listed


@pytest.mark.parametrize(("target", "parts"), [("install", "runtime web"), ("dev-setup", "dev web machine")])
def test_installing_sets_up_what_is_needed_and_runs_nothing(clone: Clone, target: str, parts: str) -> None:
    assert clone.make(target).returncode == 0
    assert clone.recorded() == [f"setup.sh {parts}"]


def test_format_formats(clone: Clone) -> None:
    toy = clone.folder / "toy.py"
    toy.write_text("x = {  'a':1 }\n")

    assert clone.make("format").returncode == 0
    assert toy.read_text() == 'x = {"a": 1}\n'


DOCKER_TARGETS = {
    "docker-up": "docker compose up --build --detach --wait api",
    "docker-down": "docker compose down",
    "docker-build": "docker compose build",
}


@pytest.mark.parametrize(("target", "command"), DOCKER_TARGETS.items())
def test_with_docker_its_compose_does_it(clone: Clone, target: str, command: str) -> None:
    docker = clone.program("bin/docker")

    done = clone.make(target, PATH=f"{docker.parent}:{os.environ['PATH']}")

    assert done.returncode == 0
    assert clone.recorded()[-1] == command


@pytest.mark.parametrize("target", DOCKER_TARGETS)
def test_without_an_engine_one_line_says_so_and_what_does_the_same(clone: Clone, target: str) -> None:
    docker = clone.program("bin/docker", '#!/bin/sh\n[ "$1" != info ]\n')

    said = refusal(clone.make(target, PATH=f"{docker.parent}:{os.environ['PATH']}"))

    assert said == "Docker's engine does not answer; make up starts the same without it."


@pytest.mark.parametrize("target", DOCKER_TARGETS)
def test_without_docker_one_line_says_so(clone: Clone, target: str) -> None:
    tools = clone.folder / "tools"
    tools.mkdir()
    for name in ("make", "sh", "bash", "env", "dirname"):
        (tools / name).symlink_to(shutil.which(name) or name)

    assert refusal(clone.make(target, PATH=str(tools))).startswith("Docker is not installed;")


def test_a_backup_is_made_and_a_running_lumi_is_not_restored_over(clone: Clone, home: Running, tmp_path: Path) -> None:
    file = tmp_path / "today.lumi"

    done = clone.make("backup", f"FILE={file}", **home.environment)

    assert done.returncode == 0, done.stderr
    assert file.stat().st_size > 0
    refused = clone.make("restore", f"FILE={file}", **home.environment)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("target", ["backup", "restore"])
def test_without_a_file_one_line_says_how_to_name_it(clone: Clone, target: str) -> None:
    assert f"make {target} FILE=" in refusal(clone.make(target))


@pytest.mark.parametrize("target", ["redis-shell", "debug-redis"])
def test_without_redis_one_line_says_so(clone: Clone, target: str) -> None:
    assert refusal(clone.make(target, REDIS_URL="")) == "REDIS_URL is not set: Lumi runs without Redis here."


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")
def test_with_redis_they_speak_with_it(clone: Clone, tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    redis.start()
    try:
        assert clone.make("redis-shell", given="ping\n", REDIS_URL=redis.url).stdout == "PONG\n"
        assert "redis_version:" in clone.make("debug-redis", REDIS_URL=redis.url).stdout
    finally:
        redis.stop()


def test_debug_db_shows_tables_and_what_runs(clone: Clone, home: Running) -> None:
    done = clone.make("debug-db", **home.environment)

    assert done.returncode == 0, done.stderr
    assert " gram " in done.stdout
    assert "Who waits for whom" in done.stdout


def test_metrics_prints_the_figures_of_all_processes(clone: Clone, home: Running) -> None:
    assert 'lumi_processes{process="worker"} 1.0' in clone.make("metrics", **home.environment).stdout


def test_metrics_of_nothing_is_one_line(clone: Clone, empty_home: Home) -> None:
    assert refusal(clone.make("metrics", PORT="9")).startswith("Nothing answers at http://127.0.0.1:9/metrics")


def test_debug_logs_shows_what_went_wrong_and_nothing_else(clone: Clone) -> None:
    logs = clone.folder / ".lumi" / "logs"
    logs.mkdir(parents=True)
    (logs / "web.log").write_text('{"level":"info","event":"fine"}\n{"level":"error","event":"broken"}\nPlain words\n')

    assert clone.make("debug-logs").stdout == 'web: {"level":"error","event":"broken"}\n'


def test_without_anything_wrong_debug_logs_says_so(clone: Clone) -> None:
    assert clone.make("debug-logs").stdout.startswith("No warning and no error in ")


def test_the_log_of_one_process_is_followed(clone: Clone) -> None:
    logs = clone.folder / ".lumi" / "logs"
    logs.mkdir(parents=True)
    (logs / "worker.log").write_text("first\n")
    following = clone.start("worker-logs")
    try:
        assert following.stdout is not None
        assert following.stdout.readline() == "first\n"
        with (logs / "worker.log").open("a") as log:
            log.write("second\n")
        assert following.stdout.readline() == "second\n"
    finally:
        os.killpg(following.pid, signal.SIGKILL)
        following.communicate()


def test_a_log_that_is_not_there_is_one_line_naming_those_that_are(clone: Clone) -> None:
    logs = clone.folder / ".lumi" / "logs"
    logs.mkdir(parents=True)
    (logs / "web.log").touch()

    assert refusal(clone.make("kitchen-logs")) == "There is no log of kitchen here; there are: web."


def test_security_scan_starts_the_scan(clone: Clone) -> None:
    clone.program("scripts/security_scan.sh")

    assert clone.make("security-scan").returncode == 0
    assert clone.recorded() == ["setup.sh dev", "security_scan.sh "]


def test_e2e_runs_the_journeys_the_commands_and_the_browser(clone: Clone) -> None:
    runner = clone.program("bin/pytest")

    assert clone.make("test-e2e", f"PYTEST={runner}", "ARGS=-x").returncode == 0
    assert clone.recorded() == [
        "setup.sh dev web machine",
        "pytest -n auto -x tests/journeys tests/cli tests/browser",
    ]


def test_docs_makes_every_document_that_is_made_from_the_code(clone: Clone) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=clone.folder, check=True)

    done = clone.make("docs")

    assert done.returncode == 0, done.stderr
    for name in ("API_REFERENCE", "DATA_MODEL", "TESTS_REFERENCE", "configuration"):
        assert (clone.folder / "docs" / f"{name}.md").read_text().startswith("# ")
    assert "openapi" in json.loads((clone.folder / "docs" / "openapi.json").read_text())
    assert "- `Makefile`: " in (clone.folder / "docs" / "REPO_REFERENCE.md").read_text()
