"""The demo organisations: made once, whoever asks how often."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from lumi.core.db import Database
from lumi.core.settings import Settings, get_settings
from lumi.demo import characters, keys, seed
from lumi.modules.knowledge import public as knowledge
from lumi.modules.tenants import public as tenants

COUNTED = (
    "tenant", "membership", "role", "contact", "contact_point", "channel_account", "provider_app",
    "inbound_identifier", "document", "section",
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation in a folder of its own."""
    return get_settings().model_copy(update={"lumi_home": tmp_path, "app_env": "development"})


async def counts(database: Database) -> dict[tuple[str, str], int]:
    """How many rows each organisation has."""
    found: dict[tuple[str, str], int] = {}
    for slug in characters.SLUGS:
        tenant = await tenants.find_by_slug(database, slug)
        assert tenant is not None
        async with database.transaction(tenant.id) as session:
            for table in COUNTED:
                found[slug, table] = (await session.execute(text(f"select count(*) from {table}"))).scalar_one()
    return found


async def test_two_processes_that_seed_at_once_make_each_organisation_once(
    database: Database, settings: Settings
) -> None:
    one, other = await asyncio.gather(seed.seed(database, settings), seed.seed(database, settings))
    first = await counts(database)
    third = await seed.seed(database, settings)

    assert one.password == other.password == third.password
    assert await counts(database) == first
    for slug in characters.SLUGS:
        assert first[slug, "tenant"] == 1
        assert first[slug, "document"] >= 27
        assert first[slug, "channel_account"] == 3


async def test_an_installation_with_a_tenant_is_not_seeded_by_itself(
    database: Database, settings: Settings, tenant: tenants.Tenant
) -> None:
    assert await seed.seed_if_empty(database, settings) is False


async def test_the_owner_signs_in_with_the_password_that_was_printed(database: Database, settings: Settings) -> None:
    kept = await seed.seed(database, settings)
    known = keys.find(settings.lumi_home)

    assert known is not None
    assert known.password == kept.password
    assert len(kept.password) >= 16
    for organisation in characters.everyone():
        tenant = await tenants.find_by_slug(database, organisation.slug)
        assert tenant is not None
        async with database.transaction(tenant.id) as session:
            name = await session.scalar(
                text("select i.name from membership m join identity i on i.id = m.identity_id where i.email = :email"),
                {"email": organisation.owner.email},
            )
        assert name == organisation.owner.name


@pytest.mark.parametrize("slug", characters.SLUGS)
async def test_an_organisation_knows_the_answer_to_its_own_questions(
    database: Database, settings: Settings, slug: str
) -> None:
    await seed.seed(database, settings)
    organisation, tenant = characters.find(slug), await tenants.find_by_slug(database, slug)
    assert organisation is not None
    assert tenant is not None

    for question in organisation.suggestions[organisation.locale]:
        passages = await knowledge.find_passages(database.pool, tenant.id, question, organisation.locale, 3)
        assert knowledge.answer_from(passages) is not None, question


def test_every_file_of_the_demo_can_be_read() -> None:
    for organisation in characters.everyone():
        ids = [each.id for each in organisation.questions]
        assert len(ids) == len(set(ids)) >= 25
        assert len(organisation.documents) == 2
        assert set(organisation.description) == set(organisation.languages)
        assert all(len(questions) == 3 for questions in organisation.suggestions.values())


def test_the_keys_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    facts = [each.facts for each in characters.everyone()]

    first, second = keys.keep(tmp_path, facts), keys.keep(tmp_path, facts)

    assert first == second
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600
    assert len({each.app_secret for each in first.players}) == 3
    assert first.password not in repr(first)
