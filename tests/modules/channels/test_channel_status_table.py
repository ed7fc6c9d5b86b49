"""`lumi channels status`: the exit code says whether anything is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from lumi.cli import channel_status
from lumi.core.clock import now
from lumi.core.ids import new_id
from lumi.modules.channels import public as channels
from lumi.modules.channels.public import Channel, Credentials
from lumi.modules.channels.services import watching

if TYPE_CHECKING:
    from lumi.modules.tenants.public import Tenant
    from tests.conftest import Begin


async def test_what_is_wrong_follows_the_table_in_words(
    begin: Begin, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    async with begin(tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.MESSENGER, external_id=new_id().hex, name="Page",
            credentials=Credentials("secret", "verify", "token"),
        )  # fmt: skip
        ends = {"at": now() + timedelta(days=2, hours=1)}
        await ctx.session.execute(sql("update channel_account set token_expires_at = :at, failed_at = now(),"
            " failed_why = 'busy', failure = 'asked too often'"), ends)  # fmt: skip
        await ctx.session.flush()
        await watching.watch(ctx)
        found = await channels.list_statuses(ctx)

    channel_status.draw({"the-page": found}, by_name=True)

    shown = capsys.readouterr()
    head, row = (line.split("\t") for line in shown.out.splitlines())
    assert head[:3] == ["organisation", "channel", "account"]
    assert row[:3] == ["the-page", "messenger", "Page"]
    assert "2 days" in shown.out
    assert "attention" in shown.out
    said = shown.err.replace("\u2068", "").replace("\u2069", "")
    assert "The access to Messenger ends in 2 days." in said
    assert "(asked too often)" in said


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=2, hours=1), "2 days"), (timedelta(days=1, hours=1), "1 day"),
        (timedelta(hours=1), "its last day"), (timedelta(days=-40), "ended 20"),
    ],
)  # fmt: skip
async def test_a_token_that_has_ended_is_not_said_to_have_days_left(
    begin: Begin, tenant: Tenant, capsys: pytest.CaptureFixture[str], left: timedelta, said: str
) -> None:
    async with begin(tenant) as ctx:
        await channels.connect(
            ctx, channel=Channel.MESSENGER, external_id=new_id().hex, name="Page",
            credentials=Credentials("secret", "verify", "token"),
        )  # fmt: skip
        await ctx.session.execute(sql("update channel_account set token_expires_at = :at"), {"at": now() + left})
        found = await channels.list_statuses(ctx)

    channel_status.draw({tenant.slug: found}, by_name=False)

    assert capsys.readouterr().out.splitlines()[-1].rpartition("\t")[2].startswith(said)
