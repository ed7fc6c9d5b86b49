"""The Dockerfile and what gets into a build; test_steps.py does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy import dockerfile
from tests.deploy.ignored import is_kept, kept, patterns
from tests.deploy.programs import ROOT, of_ours, said_by

DOCKERFILE = ROOT / "Dockerfile"


def test_hadolint_has_nothing_to_say() -> None:
    assert said_by(of_ours("hadolint"), "--no-color", DOCKERFILE) == (0, "")


def test_hadolint_finds_a_fault(tmp_path: Path) -> None:
    faulty = tmp_path / "Dockerfile"
    faulty.write_text(DOCKERFILE.read_text().replace("node:24.20.0-trixie-slim", "node:latest"))

    code, said = said_by(of_ours("hadolint"), "--no-color", faulty)

    assert code == 1
    assert "DL3007" in said


def test_every_image_is_pinned_to_the_last_figure() -> None:
    known = {stage.name for stage in dockerfile.stages(DOCKERFILE)}
    others = {stage.base for stage in dockerfile.stages(DOCKERFILE)} - known

    assert {each.partition(":")[0] for each in others} == {"python", "node"}
    for each in others:
        figures = each.partition(":")[2].split("-")[0].split(".")
        assert len(figures) == 3, each


def test_an_edit_of_the_code_repeats_only_the_last_steps() -> None:
    *before, last = dockerfile.stages(DOCKERFILE)

    early = [step.rest for stage in before for step in stage.steps if step.word == "COPY"]
    assert not any(words.startswith(("lumi", "migrations", ".")) for words in early), early
    words = [step.word for step in last.steps]
    at = words.index("COPY", next(n for n, step in enumerate(last.steps) if step.rest.startswith("migrations")))
    assert words[at:] == ["COPY", "COPY", "RUN", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"]


LOCAL = (
    ".env", ".env.production", "lumi/.env", "web/.env.local", ".git/config", ".lumi/secret.key", ".lumi-two/demo.json",
    ".venv/bin/python", ".make/uv.txt", "web/node_modules/react/index.js", "web/dist/console/index.html", "id_rsa",
    "server.pem", "lumi/core/tls.key", "web/keys/private.pem", "backup.tar", "lumi/__pycache__/main.cpython-311.pyc",
    "lumi/core/.main.py.swp", "docs/install.md", "tests/conftest.py", "compose.yaml", "Dockerfile",
)  # fmt: skip
WANTED = (
    "alembic.ini", "requirements.txt", "requirements-dev.txt", "lumi/main.py", "lumi/core/sql/lanes.sql",
    "lumi/core/locales/ar/assistant.ftl", "lumi/demo/organisations/nadia/faq.yaml", "migrations/env.py",
    "migrations/versions/001_initial_squashed/tables.sql", "web/package-lock.json", "web/.npmrc", "web/console/app.tsx",
)  # fmt: skip


@pytest.mark.parametrize("path", LOCAL)
def test_what_is_secret_or_local_never_gets_into_a_build(path: str) -> None:
    assert not is_kept(path, patterns(ROOT / ".dockerignore"))


@pytest.mark.parametrize("path", WANTED)
def test_what_a_build_needs_gets_in(path: str) -> None:
    assert is_kept(path, patterns(ROOT / ".dockerignore"))


def test_of_this_folder_as_it_is_nothing_else_gets_in() -> None:
    found = list(kept(ROOT, patterns(ROOT / ".dockerignore")))

    assert {each.split("/")[0] for each in found} == {
        "alembic.ini", "requirements.txt", "requirements-dev.txt", "lumi", "migrations", "web"
    }  # fmt: skip
    assert not [each for each in found if "/." in each and each != "web/.npmrc"]
