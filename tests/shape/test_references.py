"""The documents made from the code say what the code says; `make docs` makes them again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from lumi.core.settings import get_settings
from scripts.references import api, data, repository, suite
from tests.shape.tree import ROOT

DOCS = ROOT / "docs"
MOST_WORDS = 200


def kept(name: str) -> str:
    """What the document in the tree says."""
    return (DOCS / name).read_text()


def test_the_api_reference_is_the_api() -> None:
    assert kept("API_REFERENCE.md") == api.document(get_settings()), "make docs"


async def test_the_data_model_is_the_database(database_url: str) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        assert kept("DATA_MODEL.md") == await data.text_of(conn), "make docs"
    finally:
        await conn.close()


def test_the_list_of_files_is_the_tree() -> None:
    assert kept("REPO_REFERENCE.md") == repository.document(ROOT), "make docs"


def test_the_list_of_tests_is_the_suite() -> None:
    assert kept("TESTS_REFERENCE.md") == suite.document(ROOT), "make docs"


def test_an_operation_is_told_with_what_it_takes_and_answers() -> None:
    app = FastAPI()

    @app.get("/toys/{size}", tags=["toys"])
    def list_toys(size: int, colour: str = "red") -> list[str]:  # pyright: ignore[reportUnusedFunction]
        """Toys of a size."""
        return [colour] * size

    told = api.text_of(app.openapi())

    assert "### GET /toys/{size}\n\nToys of a size.\n\n- open to everybody\n" in told
    assert (
        "- path `size` (integer, required)\n- query `colour` (string, default `red`)\n- 200: list of string\n" in told
    )


async def test_a_column_more_is_told(database_url: str) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        before = await data.text_of(conn)
        await conn.execute("create temporary table toy (size integer not null default 3)")
        scratch = await conn.fetchval("select pg_my_temp_schema()::regnamespace::text")
        assert (
            "## toy\n\n| column | type | default |\n| --- | --- | --- |\n| size | integer | `3` |"
            in await data.text_of(conn, scratch)
        )
        assert await data.text_of(conn) == before
    finally:
        await conn.close()


def test_a_file_that_says_something_else_is_told(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("hidden.py\n")
    (tmp_path / "hidden.py").write_text('"""Not to be seen."""\n')
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "__init__.py").write_text('"""Things to play with. And more."""\n')
    (tmp_path / "toys" / "ball.sql").write_text("-- tables: ball\n-- Round.\nselect 1;\n")

    told = repository.document(tmp_path)

    assert "## toys\n\nThings to play with.\n\n- `ball.sql`: Round.\n" in told
    assert "hidden" not in told


def test_a_test_more_is_told(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_toys.py").write_text('"""Toys."""\n\ndef test_a_ball_is_round() -> None: ...\n')

    assert "## `tests/test_toys.py`\n\nToys.\n\n- a ball is round\n" in suite.document(tmp_path)


def test_why_the_newest_change_is_as_it_is_takes_at_most_200_words() -> None:
    said = (ROOT / "EXPLANATIONS.md").read_text()

    assert 0 < len(said.split()) <= MOST_WORDS
    assert "docs/decisions/" in said
    assert "CHANGELOG.md" in said
