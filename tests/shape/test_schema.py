"""The schema keeps the rules, and each rule is seen to fail where it is broken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.shape import closed_sets
from tests.shape import schema as rules
from tests.shape.schema import Connection

Rule = Callable[[Connection], Awaitable[list[str]]]

RULES: tuple[Rule, ...] = (
    rules.open_tables,
    rules.tables_open_to_system,
    rules.strange_indexes,
    rules.strange_uniques,
    rules.open_references,
    rules.far_seeing_functions,
    rules.public_functions,
    rules.powers,
    rules.naive_times,
    closed_sets.torn_sets,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_the_schema_keeps_the_rule(schema: Connection, rule: Rule) -> None:
    assert await rule(schema) == []


A_TABLE = "create table toy (tenant_id uuid not null references tenant (id), id uuid primary key, name text);"
PROTECTED = f"{A_TABLE} select app.protect('toy');"

# A rule, what breaks it, and what it then says: these exactly.
BREAKS: tuple[tuple[Rule, str, list[str]], ...] = (
    (
        rules.open_tables,
        A_TABLE,
        ["toy: no policy `tenant`", "toy: row-level security is not forced"],
    ),
    (
        rules.open_tables,
        "alter table message no force row level security",
        ["message: row-level security is not forced"],
    ),
    (
        rules.open_tables,
        "alter policy tenant on message using (tenant_id = app.tenant_id()) with check (tenant_id = app.tenant_id())",
        [f"message: policy `tenant` is (tenant_id = app.tenant_id()), not {rules.WRAPPED}"],
    ),
    (
        rules.open_tables,
        "drop policy tenant on message; create policy tenant on message to lumi_app"
        " using (tenant_id = (select app.tenant_id()))",
        ["message: policy `tenant` has no WITH CHECK"],
    ),
    (
        rules.open_tables,
        "create policy everybody on message to lumi_app using (true)",
        ["message: unknown policy `everybody`"],
    ),
    (
        rules.open_tables,
        "create policy system on message using (true)",
        ["message: policy `system` is not for lumi_system alone"],
    ),
    (
        rules.open_tables,
        "create table toy (id uuid primary key)",
        ["toy: not on the list"],
    ),
    (
        rules.open_tables,
        "drop table cron",
        ["cron: listed and no longer needed, take it off"],
    ),
    (
        rules.tables_open_to_system,
        f"{PROTECTED} select app.open_to_system('toy', 'select')",
        ["toy: not on the list"],
    ),
    (
        rules.tables_open_to_system,
        "grant select on message to lumi_system",
        ["message: not on the list"],
    ),
    (
        rules.strange_indexes,
        "create index message_text on message (text)",
        ["message_text: not on the list"],
    ),
    (
        rules.strange_indexes,
        "drop index lane_owned",
        ["lane_owned: listed and no longer needed, take it off"],
    ),
    (
        rules.strange_uniques,
        f"{PROTECTED} alter table toy add unique (name)",
        ["toy_name_key: not on the list"],
    ),
    (
        rules.open_references,
        f"{PROTECTED} alter table toy add contact_id uuid references contact (id)",
        ["toy.toy_contact_id_fkey: contact_id"],
    ),
    (
        rules.open_references,
        f"{PROTECTED} alter table toy add identity_id uuid references identity (id)",
        ["toy_identity_id_fkey: not on the list"],
    ),
    (
        rules.far_seeing_functions,
        f"create function app.peek() returns bigint language sql security definer set search_path = {rules.PATH}"
        " as 'select count(*) from message'; alter function app.peek() owner to lumi_system",
        ["app.peek(): not on the list"],
    ),
    (
        rules.far_seeing_functions,
        "alter function app.next_lane_due() reset search_path",
        [f"app.next_lane_due(): search_path is not {rules.PATH}"],
    ),
    (
        rules.far_seeing_functions,
        "alter function app.next_lane_due() set search_path = pg_catalog, public",
        [f"app.next_lane_due(): search_path is not {rules.PATH}"],
    ),
    (
        rules.far_seeing_functions,
        "alter function app.next_lane_due() owner to lumi_owner",
        ["app.next_lane_due(): belongs to lumi_owner"],
    ),
    (
        rules.public_functions,
        "grant execute on function app.next_lane_due() to public",
        ["app.next_lane_due()"],
    ),
    (
        rules.powers,
        "alter role lumi_app bypassrls",
        ["role lumi_app passes row-level security"],
    ),
    (
        rules.powers,
        "alter table message owner to lumi_app",
        ["lumi_app owns message"],
    ),
    (
        rules.powers,
        "create view letters as select * from message",
        ["view letters is not security_invoker"],
    ),
    (
        rules.powers,
        "create materialized view letters as select * from message",
        ["view letters is not security_invoker"],
    ),
    (
        rules.naive_times,
        f"{PROTECTED} alter table toy add at timestamp",
        ["toy.at"],
    ),
    (
        closed_sets.torn_sets,
        "alter table thread drop constraint thread_channel_check; alter table thread"
        " add constraint thread_channel_check check (channel in ('whatsapp', 'telegram', 'instagram', 'messenger',"
        " 'gmail', 'mailbox', 'web', 'terminal', 'pigeon'))",
        ["thread_channel_check: pigeon on one side only"],
    ),
    (
        closed_sets.torn_sets,
        f"{PROTECTED} alter table toy add check (name in ('a', 'b'))",
        ["toy_name_check: compared with nothing"],
    ),
    (
        closed_sets.torn_sets,
        "alter table thread drop constraint thread_channel_check",
        ["thread_channel_check: not in the database"],
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "broken_by", "says"), BREAKS, ids=[f"{rule.__name__}-{n}" for n, (rule, *_) in enumerate(BREAKS)]
)
async def test_a_broken_rule_is_told(schema: Connection, rule: Rule, broken_by: str, says: list[str]) -> None:
    before = await rule(schema)
    await schema.execute(broken_by)
    assert [each for each in await rule(schema) if each not in before] == says


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, *_ in BREAKS} == set(RULES)
