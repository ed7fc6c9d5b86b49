"""The functions that see all tenants: which there are, what each may do, and the rules for every one of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import orjson
import pytest

from lumi.core import crypto
from lumi.core.dead_letters import Source
from lumi.core.ids import new_id
from lumi.modules.channels.public import AlertKind
from tests.isolation import whole
from tests.isolation.attempts import changed
from tests.isolation.ours import ALL_READ, OVERDUE, of_ours

if TYPE_CHECKING:
    from tests.isolation.whole import Connection
    from tests.isolation.world import World

Row = Mapping[str, object]
# May be called by everybody: reads the setting of the own transaction.
OPEN_TO_ALL = frozenset({"app.tenant_id()"})


@dataclass(frozen=True, slots=True)
class Call:
    """What a call by the application, bound to B, gave, and which tables of A it changed."""

    rows: Sequence[Row]
    changed: Sequence[str]

    @property
    def text(self) -> str:
        """Everything it returned."""
        return " ".join(str(value) for row in self.rows for value in row.values())


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls functions as the application role, bound to B; everything is undone."""

    world: World

    async def __call__(self, statement: str, *args: object, before: str = "") -> Call:
        """One call; `before` is done as superuser in the same transaction."""
        conn, a = self.world.truth, self.world.a.tenant.id
        async with whole.undone(conn):
            if before:
                await conn.execute(before)
            was = await whole.fingerprint(conn, a)
            async with conn.transaction():
                await whole.become(conn, self.world.b.tenant.id)
                rows = [dict(row) for row in await conn.fetch(statement, *args)]
                await conn.execute("reset role")
            return Call(rows, changed(was, await whole.fingerprint(conn, a)))


Proof = Callable[[Caller], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Contract:
    """Why a function may see all tenants, and the proof that it does no more than that."""

    why: str
    proof: Proof


async def definers(conn: Connection) -> set[str]:
    """Every function that runs with its owner's rights."""
    rows = await conn.fetch(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where p.prosecdef and n.nspname in ('app', 'public')"
    )
    return {str(row[0]) for row in rows}


async def unknown(conn: Connection) -> list[str]:
    """Functions with their owner's rights that have no contract, and contracts without a function."""
    there, known = await definers(conn), CONTRACTS.keys()
    new = [f"{each}: runs with its owner's rights and has no contract" for each in there - known]
    return new + [f"{each}: a contract for no function" for each in known - there]


async def unpinned(conn: Connection) -> list[str]:
    """Functions with their owner's rights whose search path is the caller's, or whose owner is not lumi_system."""
    rows = await conn.fetch(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where p.prosecdef and n.nspname in ('app', 'public') and (p.proowner <> 'lumi_system'::regrole"
        " or not coalesce('search_path=pg_catalog, public, pg_temp' = any (p.proconfig), false))"
    )
    return [f"{row[0]}: not owned by lumi_system with a fixed search path" for row in rows]


async def open_to_all(conn: Connection) -> list[str]:
    """Functions that every role may call."""
    rows = await conn.fetch(
        "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname = 'app' and has_function_privilege('public', p.oid, 'execute')"
    )
    return [f"{row[0]}: everybody may call it" for row in rows if row[0] not in OPEN_TO_ALL]


async def _open_thread(call: Caller) -> None:
    a = call.world.a
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await call("select app.open_thread($1, $2, 'web', array['visitor:x'], now())", a.tenant.id, a.ids["web"])


_INGEST = (
    "select app.ingest(array[$1::uuid], array[$2::uuid], array['whatsapp'], array['message'], array[$3],"
    " array[$4], array[null], array['{}'::jsonb], array[null::timestamptz]) as new"
)


async def _ingest(call: Caller) -> None:
    a, b = call.world.a, call.world.b
    address = f"phone:{a.phone.lstrip('+')}"
    ((seen, *_), *_) = await call.world.rows(
        a, "select provider_id from event_key where account_id = :id", id=a.ids["web"]
    )
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await call(_INGEST, b.tenant.id, a.ids["web"], seen, address)
    came = await call(_INGEST, b.tenant.id, b.ids["whatsapp"], seen, address)
    assert (came.rows, came.changed) == ([{"new": [True]}], [])


async def _ingest_receipts(call: Caller) -> None:
    a, b = call.world.a, call.world.b
    statement = (
        "select app.ingest_receipts(array[$1::uuid], array[$2::uuid], array[$3], array['failed'], array['x'],"
        " array[$4::uuid]) as known"
    )
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await call(statement, b.tenant.id, a.ids["whatsapp"], a.texts["sent"], a.ids["delivery"])
    came = await call(statement, b.tenant.id, b.ids["whatsapp"], a.texts["sent"], a.ids["delivery"])
    assert (came.rows, came.changed) == ([{"known": 0}], [])


async def _provider_apps(call: Caller) -> None:
    a, b = call.world.a, call.world.b
    apps = await call("select * from app.provider_apps('whatsapp', $1)", a.ids["whatsapp"])
    (row,) = apps.rows
    assert set(row) == {"tenant_id", "app_id", "secret", "verify_token", "account_ids", "external_ids"}
    assert a.secret not in apps.text
    assert a.verify_token not in apps.text
    for sealed in (row["secret"], row["verify_token"]):
        assert isinstance(sealed, bytes)
        with pytest.raises(crypto.NotOpened):
            crypto.open_sealed(sealed, tenant_id=b.tenant.id)
    assert apps.changed == []


async def _due_pulls(call: Caller) -> None:
    found = await call("select * from app.due_pulls(array['whatsapp'], 1000)", before=OVERDUE)
    assert {row["account_id"] for row in found.rows} >= {call.world.a.ids["whatsapp"], call.world.b.ids["whatsapp"]}
    assert set(found.rows[0]) == {"tenant_id", "account_id"}
    assert found.changed == []
    assert not of_ours(call.world, (await call("select * from app.due_pulls(array['whatsapp'], 1000)")).rows)


async def _unattended(call: Caller) -> None:
    found = await call("select * from app.unattended(array['whatsapp'], 1000)")
    assert {row["account_id"] for row in found.rows} >= {call.world.a.ids["whatsapp"], call.world.b.ids["whatsapp"]}
    assert set(found.rows[0]) == {"tenant_id", "account_id"}
    assert found.changed == []
    left = await call("select * from app.unattended(array['whatsapp'], 1000)", before=ALL_READ)
    assert not of_ours(call.world, left.rows)


async def _purge_seen(call: Caller) -> None:
    assert (await call("select app.purge_seen('30 days')")).changed == []


async def _purge_audit(call: Caller) -> None:
    aged = "update audit_entry set at = now() - interval '10 years'"
    purged = await call("select app.purge_audit('0 days', 100000) as gone", before=aged)
    assert purged.changed == []
    assert purged.rows[0]["gone"] > 0  # type: ignore[operator]  # B's own
    young = await call("select app.purge_audit('0 days', 100000) as gone")
    assert (young.rows, young.changed) == ([{"gone": 0}], [])


_DUE = "update lane set ready_at = now() - interval '1 h'; update job set ready_at = now() - interval '1 h'"


async def _claim_lanes(call: Caller) -> None:
    claims = await call("select * from app.claim_lanes(0, 100000)", before=_DUE)
    assert {row["key"] for row in claims.rows} >= {call.world.a.ids["visit"]}
    assert set(claims.rows[0]) == {"tenant_id", "key", "epoch", "crashes"}
    assert [each.partition(":")[0] for each in claims.changed] == ["lane"]
    assert (await call("select * from app.claim_lanes(0, 100000)")).changed == []


async def _claim_jobs(call: Caller) -> None:
    claims = await call("select * from app.claim_jobs(0, 100000)", before=_DUE)
    assert {row["id"] for row in claims.rows} >= {call.world.a.ids["job"]}
    assert set(claims.rows[0]) == {"tenant_id", "id", "epoch", "crashes"}
    assert [each.partition(":")[0] for each in claims.changed] == ["job"]
    assert (await call("select * from app.claim_jobs(0, 100000)")).changed == []


async def _lost_workers(call: Caller) -> None:
    lost = await call("select * from app.lost_workers()")
    assert {type(value) for row in lost.rows for value in row.values()} <= {int, type(None)}
    assert lost.changed == []


async def _lanes_waiting(call: Caller) -> None:
    waiting = await call("select * from app.lanes_waiting()", before=_DUE)
    (row,) = waiting.rows
    assert {name: type(value) for name, value in row.items()} == {"due": int, "oldest_seconds": float}
    assert waiting.changed == []


async def _open_letters(call: Caller) -> None:
    counted = await call("select * from app.open_letters()")
    assert {row["source"] for row in counted.rows} <= set(Source)
    assert {name: type(value) for name, value in counted.rows[0].items()} == {"source": str, "waiting": int}
    assert counted.changed == []


async def _traffic_counted_to(call: Caller) -> None:
    counted = await call("select app.traffic_counted_to() as hour")
    assert {type(value) for value in counted.rows[0].values()} <= {datetime}
    assert counted.changed == []


async def _count_traffic(call: Caller) -> None:
    # A's hours are what A's own rows say, whoever has them counted.
    told = await call("select app.count_traffic(now() - interval '3 h', now() + interval '1 h') as written")
    assert isinstance(told.rows[0]["written"], int)
    assert {each.partition(":")[0] for each in told.changed} <= {"channel_traffic"}
    again = "select app.count_traffic(now() - interval '3 h', now() + interval '1 h')"
    assert (await call(again, before=again)).changed == []


async def _forget_traffic(call: Caller) -> None:
    assert (await call("select app.forget_traffic(now() - interval '10 weeks')")).changed == []


async def _tenants_with_accounts(call: Caller) -> None:
    found = await call("select app.tenants_with_accounts() as id")
    assert {row["id"] for row in found.rows} >= {call.world.a.tenant.id, call.world.b.tenant.id}
    assert found.changed == []


async def _open_alerts(call: Caller) -> None:
    counted = await call("select * from app.open_alerts()")
    assert {row["kind"] for row in counted.rows} <= set(AlertKind)
    types = {name: type(value) for name, value in counted.rows[0].items()}
    assert types == {"channel": str, "kind": str, "open": int, "oldest_seconds": float}
    assert counted.changed == []


async def _provider_apps_shown(call: Caller) -> None:
    shown = await call("select * from app.provider_apps_shown('whatsapp', $1)", b"\0" * 32)
    assert shown.rows, "apps of which no hash is kept are tried"
    assert call.world.a.secret not in shown.text
    for row in shown.rows:
        for sealed in (row["secret"], row["verify_token"]):
            assert isinstance(sealed, bytes)
    proven = "update provider_app set proof = sha256('another')"
    assert (await call("select * from app.provider_apps_shown('whatsapp', $1)", b"\0" * 32, before=proven)).rows == []
    assert shown.changed == []


async def _next_lane_due(call: Caller) -> None:
    due = await call("select app.next_lane_due() as seconds", before=_DUE)
    assert isinstance(due.rows[0]["seconds"], float)
    assert due.changed == []


async def _next_job_due(call: Caller) -> None:
    due = await call("select app.next_job_due() as seconds", before=_DUE)
    assert isinstance(due.rows[0]["seconds"], float)
    assert due.changed == []


async def _reap(call: Caller) -> None:
    # Lanes and jobs of workers that are not named stay theirs.
    owned = "update lane set owner = -1; update job set owner = -1 where dead_at is null"
    freed = await call("select app.reap(array[-2]) as freed", before=owned)
    assert (freed.rows, freed.changed) == ([{"freed": 0}], [])


def ending(tenant: UUID, key: UUID, epoch: int, *marks: Mapping[str, object]) -> dict[str, object]:
    """The end of a turn as finish_turns takes it."""
    return {
        "tenant": tenant, "key": key, "epoch": epoch, "marks": marks, "not_before": None, "failed": False,
    }  # fmt: skip


def failing(delivery: UUID) -> dict[str, object]:
    """An outcome that would rewrite a delivery."""
    return {"id": delivery, "state": "read", "provider_id": "wamid.forged", "error": "forged"}


async def _finish_turns(call: Caller) -> None:
    a, b = call.world.a, call.world.b
    mark = failing(a.ids["delivery"])
    items = [ending(a.tenant.id, a.ids["chat"], 1, mark), ending(b.tenant.id, b.ids["chat"], 5, mark)]
    # B's lane is this worker's at this epoch; A's was taken over by another epoch.
    owned = f"update lane set owner = -1, epoch = case tenant_id when '{b.tenant.id}' then 5 else 9 end"
    for worker in (0, -1):
        ended = await call(
            "select app.finish_turns($1, $2::jsonb) as freed", worker, orjson.dumps(items, default=str).decode(),
            before=owned,
        )  # fmt: skip
        assert ended.changed == []
        assert a.ids["chat"] not in ended.rows[0]["freed"]  # type: ignore[operator]  # an array of keys


async def _tenant_by_slug(call: Caller) -> None:
    found = await call("select app.tenant_by_slug($1) as id", call.world.a.tenant.slug)
    assert (found.rows, found.changed) == ([{"id": call.world.a.tenant.id}], [])


async def _tenant_slugs(call: Caller) -> None:
    found = await call("select * from app.tenant_slugs()")
    assert set(found.rows[0]) == {"id", "slug"}
    assert found.changed == []


async def _tenant_of_identifier(call: Caller) -> None:
    found = await call("select app.tenant_of_identifier('domain', $1) as id", call.world.a.texts["shop"])
    assert (found.rows, found.changed) == ([{"id": call.world.a.tenant.id}], [])


async def _sign_in_candidate(call: Caller) -> None:
    found = await call("select * from app.sign_in_candidate($1)", call.world.a.email)
    (row,) = found.rows
    assert set(row) == {"identity_id", "name", "password_hash", "tenant_id", "tenant_slug", "tenant_name"}
    assert str(row["password_hash"]).startswith("$argon2id$")
    assert found.changed == []
    assert (await call("select * from app.sign_in_candidate('%')")).rows == []


async def _identity_for(call: Caller) -> None:
    a = call.world.a
    found = await call("select app.identity_for($1, $2, 'Mallory', 'hash') as id", new_id(), a.email)
    assert (found.rows, found.changed) == ([{"id": a.ids["identity"]}], [])


async def _rehash_password(call: Caller) -> None:
    done = await call("select app.rehash_password($1, 'a guess', 'mine') as done", call.world.a.ids["identity"])
    assert (done.rows, done.changed) == ([{"done": False}], [])


_BY_ITS_WORKER = "a worker serves all tenants"
_BEFORE_A_TENANT = "asked before any tenant is known"
CONTRACTS = {
    "app.open_thread(uuid,uuid,text,text[],timestamp with time zone)": Contract("a step of ingest", _open_thread),
    "app.ingest(uuid[],uuid[],text[],text[],text[],text[],text[],jsonb[],timestamp with time zone[])": Contract(
        "one transaction for what waits of all tenants; writes only where account and tenant belong together", _ingest
    ),
    "app.ingest_receipts(uuid[],uuid[],text[],text[],text[],uuid[])": Contract(
        "the same for statuses; a delivery is found under its tenant and account only", _ingest_receipts
    ),
    "app.provider_apps(text,uuid)": Contract(
        f"who may have signed is {_BEFORE_A_TENANT}; secrets stay sealed with the tenant's key", _provider_apps
    ),
    "app.due_pulls(text[],integer)": Contract("the house reads what is due: returns ids only", _due_pulls),
    "app.unattended(text[],integer)": Contract("the house takes what nobody stands by for: ids only", _unattended),
    "app.purge_seen(interval)": Contract("the house forgets old keys of all tenants, and nothing young", _purge_seen),
    "app.purge_audit(interval,integer)": Contract("forgets old entries of the bound tenant only", _purge_audit),
    "app.claim_lanes(integer,integer)": Contract(f"{_BY_ITS_WORKER}: returns keys only", _claim_lanes),
    "app.claim_jobs(integer,integer)": Contract(f"{_BY_ITS_WORKER}: returns keys only", _claim_jobs),
    "app.lost_workers()": Contract(f"{_BY_ITS_WORKER}: returns numbers of workers only", _lost_workers),
    "app.lanes_waiting()": Contract("figures for operators: a count and seconds over all tenants", _lanes_waiting),
    "app.open_letters()": Contract("figures for operators: a count a kind over all tenants", _open_letters),
    "app.traffic_counted_to()": Contract("until when the house has counted: returns an hour", _traffic_counted_to),
    "app.count_traffic(timestamp with time zone,timestamp with time zone)": Contract(
        "counts the hours of all accounts, each from its own rows; returns a number", _count_traffic
    ),
    "app.forget_traffic(timestamp with time zone)": Contract("forgets old hours of all accounts", _forget_traffic),
    "app.tenants_with_accounts()": Contract("whose accounts are watched: returns ids", _tenants_with_accounts),
    "app.open_alerts()": Contract("figures for operators: counts and seconds over all tenants", _open_alerts),
    "app.provider_apps_shown(text,bytea)": Contract(
        f"who may have posted is {_BEFORE_A_TENANT}; secrets stay sealed with the tenant's key", _provider_apps_shown
    ),
    "app.next_lane_due()": Contract(f"{_BY_ITS_WORKER}: returns seconds only", _next_lane_due),
    "app.next_job_due()": Contract(f"{_BY_ITS_WORKER}: returns seconds only", _next_job_due),
    "app.reap(integer[])": Contract("frees what named workers held, nothing else", _reap),
    "app.finish_turns(integer,jsonb)": Contract("ends turns of lanes this worker owns, nothing else", _finish_turns),
    "app.tenant_by_slug(text)": Contract(f"{_BEFORE_A_TENANT}: returns an id", _tenant_by_slug),
    "app.tenant_slugs()": Contract("for the operator's command line: returns ids and slugs", _tenant_slugs),
    "app.tenant_of_identifier(text,text)": Contract(f"{_BEFORE_A_TENANT}: returns an id", _tenant_of_identifier),
    "app.sign_in_candidate(text)": Contract(f"{_BEFORE_A_TENANT}: one person by the whole address", _sign_in_candidate),
    "app.identity_for(uuid,text,text,text)": Contract("a login that exists keeps name and password", _identity_for),
    "app.rehash_password(uuid,text,text)": Contract("only who knows the old hash replaces it", _rehash_password),
}
