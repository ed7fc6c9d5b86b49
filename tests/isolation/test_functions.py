"""Functions that see all tenants do what their contract says, called from B with the ids and keys of A."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import orjson
import pytest

from tests.isolation import functions
from tests.isolation.functions import CONTRACTS, Call, Caller

if TYPE_CHECKING:
    from tests.isolation.world import World


async def test_every_function_with_its_owners_rights_has_a_contract(world: World) -> None:
    assert await functions.unknown(world.truth) == []


async def test_they_have_a_fixed_search_path_and_an_owner_without_a_login(world: World) -> None:
    assert await functions.unpinned(world.truth) == []
    may_log_in = await world.truth.fetchval("select rolcanlogin from pg_roles where rolname = 'lumi_system'")
    assert may_log_in is False


async def test_nobody_but_the_application_may_call_functions(world: World) -> None:
    assert await functions.open_to_all(world.truth) == []


@pytest.mark.parametrize("signature", CONTRACTS)
async def test_a_function_keeps_its_contract(world: World, signature: str) -> None:
    await CONTRACTS[signature].proof(Caller(world))


async def test_a_turn_ended_with_a_key_that_both_have_leaves_the_others_lane_alone(world: World) -> None:
    a, b = world.a, world.b
    key, ours, theirs = a.ids["chat"], b.tenant.id, a.tenant.id
    ends = [
        functions.ending(ours, key, 1),
        functions.ending(theirs, key, 99, functions.failing(a.ids["delivery"])),
    ]

    ended = await Caller(world)(
        "select app.finish_turns(-1, $1::jsonb) as freed", orjson.dumps(ends, default=str).decode(),
        before=f"insert into lane (tenant_id, key, owner, epoch) values ('{ours}', '{key}', -1, 1);"
        f" update lane set owner = -2 where tenant_id = '{theirs}'",
    )  # fmt: skip

    assert ended.changed == []


BOUND_CALLS = {
    "begin_turns": "select * from app.begin_turns(-1, $1, array[$2::uuid], array[1::bigint])",
    "depart": "select app.depart(-1, $1, array[$2::uuid], array[1::bigint], array[1::bigint], array[$3::uuid]) as gone",
    "threads_belong": "select app.threads_belong($1, array[$2::uuid], array[$3::uuid])",
    "release_lane": "select app.release_lane(-1, $1, $2, 1, '1 s') as freed",
    "postpone_lane": "select app.postpone_lane(-1, $1, $2, 1, '1 s') as freed",
    "has_word": "select app.has_word($1, $3)",
    "touch_lane": "select app.touch_lane($1, $2) as version",
    "write_turns": "select app.write_turns($1, $4::jsonb)",
    "carry_over": "select app.carry_over($1, $2)",
    "absorb_thread": "select app.absorb_thread($1, $2, $2)",
}


@pytest.mark.parametrize("name", BOUND_CALLS)
async def test_a_step_of_the_turn_in_our_name_does_nothing_to_a_thread_of_the_other(world: World, name: str) -> None:
    a, b = world.a, world.b
    item = {"key": a.ids["chat"], "settled": [{"n": 1, "by": "dead"}], "messages": [], "wants_human": True,
            "turn": {"id": a.ids["turn"]}, "contact_id": a.ids["contact"], "stopped": True, "jobs": []}  # fmt: skip
    given = [b.tenant.id, a.ids["chat"], a.ids["delivery"], orjson.dumps([item], default=str).decode()]
    statement = BOUND_CALLS[name]
    used = [value for place, value in enumerate(given, 1) if f"${place}" in statement]
    owned = f"update lane set owner = -1, epoch = 1, seq = 1 where key = '{a.ids['chat']}'"
    for place, index in enumerate((i for i in range(1, 5) if f"${i}" in statement), 1):
        statement = statement.replace(f"${index}", f"${place}")

    try:
        done = await Caller(world)(statement, *used, before=owned)
    except asyncpg.IntegrityConstraintViolationError:
        done = Call([], [])

    assert done.changed == []
    assert a.words.mark not in done.text


async def test_who_is_met_by_b_is_nobody_whom_a_knows(world: World) -> None:
    a, b = world.a, world.b
    item = {"name": None, "search_name": "", "language": None, "points": [{"kind": "phone", "value": a.phone}]}

    met = await Caller(world)("select app.meet($1, $2::jsonb) as met", b.tenant.id, orjson.dumps([item]).decode())

    assert met.changed == []
    assert str(a.ids["contact"]) not in met.text


@pytest.mark.parametrize(
    "call",
    [
        "hand_over($1, $2, 'whatsapp', $3)",
        "leave_addresses($1, $2, 'whatsapp', 'whatsapp:FR.1', $3, true, 'infinity')",
    ],
)
async def test_a_number_of_a_that_b_hands_over_stays_where_it_leads(world: World, call: str) -> None:
    a, b = world.a, world.b
    number, known_as = f"phone:{a.phone.lstrip('+')}", "whatsapp:FR.1"
    known = (
        "insert into thread_address (tenant_id, account_id, address, thread_id)"
        f" values ('{a.tenant.id}', '{a.ids['whatsapp']}', '{known_as}', '{a.ids['chat']}') on conflict do nothing"
    )
    for account in (a.ids["whatsapp"], b.ids["whatsapp"]):
        done = await Caller(world)(
            f"select app.{call}", b.tenant.id, account, [number, "whatsapp:FR.2"],
            before=known,
        )  # fmt: skip
        assert done.changed == []


BINDING = {
    "apply_parked": "the tenant of the account that the receipts came for",
    "apply_watermark": "the tenant of the account that the receipt came for",
    "apply_changes": "the tenant of the lane this worker has claimed",
    "begin_turns": "the tenant of the lane this worker has claimed",
    "save_turns": "the tenant of the lane this worker has claimed",
    "depart": "the tenant of the lane this worker has claimed",
    "has_word": "the tenant of the lane this worker has claimed",
    "mark_early": "the tenant of the lane this worker has claimed",
    "handles": "the tenant of the lane this worker has claimed",
    "move_on": "the tenant of the lane this worker has claimed",
    "release_held": "the tenant of the lane this worker has claimed",
    "meet": "the tenant of the lanes this worker has claimed",
    "threads_belong": "the tenant of the lanes this worker has claimed",
    "release_lane": "the tenant of the lane this worker has claimed",
    "postpone_lane": "the tenant of the lane this worker has claimed",
    "touch_lane": "the tenant of the caller's own context",
    "hand_over": "the tenant of the account on which the address is somebody else's by now",
    "leave_addresses": "the tenant of the account on which the addresses are one person's",
    "unite_threads": "the tenant of the account on which the addresses are one person's",
    "carry_over": "the tenant of the caller's own context or account",
    "knowledge_search": "the tenant of the caller's own context or lane",
    "find_passages": "the tenant of the caller's own context or lane",
    "knowledge_version": "the tenant of the caller's own context or lane",
}


async def test_functions_that_bind_a_tenant_themselves_are_known_and_say_whose(world: World) -> None:
    rows = await world.truth.fetch(
        "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'app' and p.prosrc ~ 'app\\.bind\\(|set_config'"
    )

    assert {str(row[0]) for row in rows} == BINDING.keys() | {"bind"}
