"""What the pages suggest to ask, in every language they speak, is answered from the right source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict, cast

import pytest
from sqlalchemy import text

from lumi.core.db import Database
from lumi.core.settings import Settings, get_settings
from lumi.demo import characters, seed
from lumi.demo.characters import Organisation
from lumi.modules.assistant.engine.language import detect
from lumi.modules.knowledge import public as knowledge
from lumi.modules.tenants import public as tenants


class Line(TypedDict):
    """One line of an organisation's cases."""

    lang: str
    question: str
    answer_ids: list[str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation in a folder of its own."""
    return get_settings().model_copy(update={"lumi_home": tmp_path, "app_env": "development"})


def expected(slug: str) -> dict[str, frozenset[str]]:
    """What answers each suggestion, by the organisation's own cases."""
    file = Path(seed.__file__).parent / "organisations" / slug / "cases.jsonl"
    lines = [cast("Line", json.loads(line)) for line in file.read_text().splitlines()]
    return {line["question"]: frozenset(line["answer_ids"]) for line in lines}


@pytest.mark.parametrize("slug", characters.SLUGS)
async def test_every_suggestion_is_answered_from_the_right_source(
    database: Database, settings: Settings, slug: str
) -> None:
    await seed.seed(database, settings)
    organisation, tenant = characters.find(slug), await tenants.find_by_slug(database, slug)
    assert organisation is not None
    assert tenant is not None
    wanted, wrong = expected(slug), dict[str, str]()

    for lang, question in suggestions(organisation):
        heard = detect(question, among=organisation.languages, history=[lang]).lang
        answer = knowledge.answer_from(await knowledge.find_passages(database.pool, tenant.id, question, heard, 10))
        source = "nothing" if answer is None else await source_of(database, tenant, answer)
        if not {source, source.partition("#")[0]} & wanted[question]:
            wrong[f"{lang}: {question}"] = source

    assert wrong == {}


@pytest.mark.parametrize("slug", characters.SLUGS)
def test_every_suggestion_has_its_expected_source_beside_it(slug: str) -> None:
    organisation = characters.find(slug)
    assert organisation is not None
    assert set(organisation.suggestions) == set(organisation.languages)
    for _, question in suggestions(organisation):
        assert expected(slug)[question]


def suggestions(organisation: Organisation) -> list[tuple[str, str]]:
    """Every question a page may show, with the page's language."""
    return [(lang, each) for lang, questions in organisation.suggestions.items() for each in questions]


async def source_of(database: Database, tenant: tenants.Tenant, answer: knowledge.Answer) -> str:
    """The name of the section that is quoted, as cases have it."""
    async with database.transaction(tenant.id) as session:
        found = await session.scalar(
            text(
                "select d.external_id || case when d.kind = 'faq' then '' else '#' || s.anchor end"
                " from section s join document d on d.id = s.document_id where s.id = :id"
            ),
            {"id": answer.sources[0].id},
        )
    return str(found)
