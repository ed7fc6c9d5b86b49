"""Questions nothing answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lumi.core.context import Context
from lumi.core.ids import new_id
from lumi.modules.knowledge import public as knowledge
from lumi.modules.knowledge.errors import GapNotFound
from lumi.modules.tenants.public import Tenant
from tests.conftest import Begin


async def test_the_same_question_is_one_gap_asked_more_often(ctx: Context) -> None:
    first = await knowledge.log_gap(ctx, question="Avez-vous une piscine ?", lang="fr")
    later = replace(ctx, now=ctx.now + timedelta(hours=1))
    again = await knowledge.log_gap(later, question="  avez-vous une PISCINE !!", lang="fr")
    assert (again.id, again.times, again.question) == (first.id, 2, "Avez-vous une piscine ?")
    assert (again.first_asked_at, again.last_asked_at) == (ctx.now, later.now)


async def test_another_question_is_another_gap(ctx: Context) -> None:
    one = await knowledge.log_gap(ctx, question="Piscine ?", lang="fr")
    assert (await knowledge.log_gap(ctx, question="Sauna ?", lang="fr")).id != one.id
    smile = await knowledge.log_gap(ctx, question="🙂", lang=None)
    assert (await knowledge.log_gap(ctx, question="🙃", lang=None)).id != smile.id


async def test_a_closed_question_that_is_asked_again_is_open_again(ctx: Context) -> None:
    gap = await knowledge.log_gap(ctx, question="Piscine ?", lang="fr")
    closed = await knowledge.close_gap(ctx, gap.id)
    assert closed.closed_at == ctx.now
    assert await knowledge.close_gap(replace(ctx, now=ctx.now + timedelta(days=1)), gap.id) == closed
    again = await knowledge.log_gap(ctx, question="piscine", lang="fr")
    assert (again.id, again.times, again.closed_at) == (gap.id, 2, None)


async def test_a_very_long_question_with_a_nul_is_kept_short_and_clean(ctx: Context) -> None:
    gap = await knowledge.log_gap(ctx, question="a\x00b " * 40_000, lang=None)
    assert len(gap.question) == 4000
    assert "\x00" not in gap.question


async def test_another_tenants_gap_does_not_exist(begin: Begin, tenant: Tenant, other_tenant: Tenant) -> None:
    async with begin(tenant) as ctx:
        gap = await knowledge.log_gap(ctx, question="Piscine ?", lang="fr")
    async with begin(other_tenant) as ctx:
        assert (await knowledge.log_gap(ctx, question="Piscine ?", lang="fr")).times == 1
        for gap_id in (gap.id, new_id()):
            with pytest.raises(GapNotFound):
                await knowledge.close_gap(ctx, gap_id)
