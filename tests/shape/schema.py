"""Rules about the schema, asked of a migrated database. Each list may only shrink."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from tests.shape.tree import compared

if TYPE_CHECKING:
    import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Tables without the column tenant_id, and what stands in for it.
WITHOUT_TENANT = frozenset({"alembic_version", "cron", "protocol", "sql_file", "worker"})
BOUND: Mapping[str, str] = {
    "tenant": "(id = ( SELECT app.tenant_id() AS tenant_id))",
    "dead_letter": "(NOT (tenant_id IS DISTINCT FROM ( SELECT app.tenant_id() AS tenant_id)))",
    "job": "(NOT (tenant_id IS DISTINCT FROM ( SELECT app.tenant_id() AS tenant_id)))",
    "identity": "(EXISTS ( SELECT FROM membership m WHERE (m.identity_id = identity.id)))",
}
WRAPPED = "(tenant_id = ( SELECT app.tenant_id() AS tenant_id))"

# What the few functions that see all tenants may see.
OPEN_TO_SYSTEM = frozenset(
    [
        "audit_entry",  # by the policy of everybody: of the tenant that is bound
        "channel_account",
        "channel_alert",  # to be counted
        "channel_traffic",
        "channel_cursor",  # whose time it is to be read
        "dead_letter",  # kind and whether open, to be counted
        "delivery",
        "event",
        "event_key",
        "identity",
        "inbound_identifier",
        "job",
        "lane",
        "membership",
        "provider_app",
        "receipt",
        "tenant",
        "thread",
        "thread_address",
    ]
)
SEE_ALL_TENANTS = frozenset(
    {
        "app.claim_jobs(integer,integer)",  # a worker takes due jobs
        "app.claim_lanes(integer,integer)",  # a worker takes due lanes
        "app.count_traffic(timestamp with time zone,timestamp with time zone)",  # hours of all accounts at once
        "app.due_pulls(text[],integer)",  # accounts whose time it is to be read
        "app.unattended(text[],integer)",  # accounts for which no worker stands by
        "app.finish_turns(integer,jsonb)",  # gives lanes of many tenants back at once
        "app.forget_traffic(timestamp with time zone)",  # hours of no use to anybody
        "app.identity_for(uuid,text,text,text)",  # one login a person for the whole installation
        # a batch of many tenants
        "app.ingest(uuid[],uuid[],text[],text[],text[],text[],text[],jsonb[],timestamp with time zone[])",
        "app.ingest_receipts(uuid[],uuid[],text[],text[],text[],uuid[])",  # the same for receipts
        "app.lanes_waiting()",  # two figures for operators
        "app.lost_workers()",  # ids of workers that hold lanes or jobs and no longer live
        "app.next_job_due()",  # seconds until any job is due
        "app.next_lane_due()",  # seconds until any lane is due
        "app.open_alerts()",  # figures for operators
        "app.open_letters()",  # figures for operators
        "app.open_thread(uuid,uuid,text,text[],timestamp with time zone)",  # called by ingest
        "app.provider_apps(text,uuid)",  # secrets to verify a webhook with
        "app.provider_apps_shown(text,bytea)",  # the same, by the hash of a secret that was shown
        "app.purge_audit(interval,integer)",  # deletes what the application may only add; of the tenant that is bound
        "app.purge_seen(interval)",  # forgets old dedupe keys
        "app.reap(integer[])",  # frees what a dead worker held
        "app.rehash_password(uuid,text,text)",  # a login belongs to no tenant
        "app.sign_in_candidate(text)",  # who signs in, before a tenant is known
        "app.tenant_by_slug(text)",  # which tenant a page belongs to
        "app.tenant_of_identifier(text,text)",  # which tenant an outside name belongs to
        "app.tenant_slugs()",  # the list of the command line and the landing page
        "app.tenants_with_accounts()",  # whose accounts are watched
        "app.traffic_counted_to()",  # an hour
    }
)
# Temporary tables last: named or not, they would be looked at first, and everybody may make one called `thread`.
PATH = "pg_catalog, public, pg_temp"

# Indexes without the tenant in front, each for a look-up over all tenants.
OVER_ALL_TENANTS = frozenset(
    {
        "dead_letter_waiting",
        "inbound_identifier_value",
        "job_due",
        "job_owned",
        "lane_owned",
        "membership_identity",
        "provider_app_proof",
    }
)
# Unique over all tenants: tells one tenant what another has, so only where that is the point.
UNIQUE_OVER_ALL = frozenset({"channel_account_connected"})  # a number that two connect would lead to one of them only
# References to what has no tenant.
BEYOND_TENANTS = frozenset({"membership_identity_id_fkey"})

_TABLES = """
    select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as forced,
        exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as has_tenant
    from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
"""
_POLICIES = """
    select tablename as name, policyname as policy, permissive, roles::text[] as roles, qual, with_check, cmd
    from pg_policies where schemaname = 'public' order by tablename, policyname
"""
_INDEXES = """
    select i.indrelid::regclass::text as "table", i.indexrelid::regclass::text as name, i.indisprimary as is_primary,
        i.indisunique as is_unique,
        array(select pg_get_indexdef(i.indexrelid, k, true) from generate_series(1, i.indnkeyatts) k) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace
"""
_KEYS = """
    select c.conrelid::regclass::text as "table", c.confrelid::regclass::text as target, c.conname as name,
        array(select a.attname::text from unnest(c.conkey) with ordinality k (n, at)
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.at) as columns,
        array(select a.attname::text from unnest(c.confkey) with ordinality k (n, at)
              join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.at) as targets
    from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace
"""
_FUNCTIONS = """
    select p.oid::regprocedure::text as name, p.prosecdef as definer, p.proowner::regrole::text as owner,
        coalesce(p.proconfig, '{}') as settings,
        exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                where a.grantee = 0 and a.privilege_type = 'EXECUTE') as is_public
    from pg_proc p where p.pronamespace in ('app'::regnamespace, 'public'::regnamespace)
    and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""


async def open_tables(conn: Connection) -> list[str]:
    """Tables of tenants without forced row-level security or without a policy, and policies that are not ours."""
    found: list[str] = []
    policies: dict[str, list[asyncpg.Record]] = {}
    for row in await conn.fetch(_POLICIES):
        policies.setdefault(row["name"], []).append(row)
    plain: set[str] = set()
    for row in await conn.fetch(_TABLES):
        name = str(row["name"])
        if not row["has_tenant"] and name not in BOUND:
            plain.add(name)
            continue
        if not row["forced"]:
            found.append(f"{name}: row-level security is not forced")
        if not any(each["policy"] == "tenant" for each in policies.get(name, ())):
            found.append(f"{name}: no policy `tenant`")
        found += [f"{name}: {fault}" for each in policies.get(name, ()) for fault in _faults(name, each)]
    return sorted(found) + compared(plain, WITHOUT_TENANT)


def _faults(table: str, policy: asyncpg.Record) -> list[str]:
    if policy["policy"] == "system":
        return [] if list(policy["roles"]) == ["lumi_system"] else ["policy `system` is not for lumi_system alone"]
    if policy["policy"] != "tenant":
        return [f"unknown policy `{policy['policy']}`"]
    wanted = BOUND.get(table, WRAPPED)
    given = {" ".join(str(policy[side]).split()) for side in ("qual", "with_check") if policy[side] is not None}
    if policy["with_check"] is None and policy["cmd"] != "SELECT":
        return ["policy `tenant` has no WITH CHECK"]
    if given != {wanted}:
        return [f"policy `tenant` is {' / '.join(sorted(given))}, not {wanted}"]
    return [] if "lumi_app" in policy["roles"] else ["policy `tenant` is not for lumi_app"]


async def tables_open_to_system(conn: Connection) -> list[str]:
    """Tables that lumi_system may see whole."""
    rows = await conn.fetch(_POLICIES)
    granted = await conn.fetch(
        "select distinct c.relname as name from pg_class c, aclexplode(c.relacl) a"
        " where c.relnamespace = 'public'::regnamespace and a.grantee = 'lumi_system'::regrole"
    )
    seen = {str(row["name"]) for row in rows if "lumi_system" in row["roles"]} | {str(row["name"]) for row in granted}
    return compared(seen - WITHOUT_TENANT, OPEN_TO_SYSTEM)


async def strange_indexes(conn: Connection) -> list[str]:
    """Indexes of tenant tables that do not begin with the tenant; primary keys by id alone are meant."""
    tenants = await _tenant_tables(conn)
    found = {
        str(row["name"])
        for row in await conn.fetch(_INDEXES)
        if row["table"] in tenants and row["columns"][0] != "tenant_id" and not _is_id(row) and not row["is_unique"]
    }
    return compared(found, OVER_ALL_TENANTS)


async def strange_uniques(conn: Connection) -> list[str]:
    """Unique over all tenants."""
    tenants = await _tenant_tables(conn)
    found = {
        str(row["name"])
        for row in await conn.fetch(_INDEXES)
        if row["table"] in tenants and row["is_unique"] and row["columns"][0] != "tenant_id" and not _is_id(row)
    }
    return compared(found, UNIQUE_OVER_ALL)


def _is_id(index: asyncpg.Record) -> bool:
    return bool(index["is_primary"]) and list(index["columns"]) == ["id"]


async def open_references(conn: Connection) -> list[str]:
    """Foreign keys between tenant tables that do not carry the tenant: row-level security does not guard them."""
    tenants = await _tenant_tables(conn)
    found: list[str] = []
    beyond: set[str] = set()
    for row in await conn.fetch(_KEYS):
        if row["table"] not in tenants or (row["target"] == "tenant" and list(row["columns"]) == ["tenant_id"]):
            continue
        if row["target"] not in tenants:
            beyond.add(str(row["name"]))
        elif (row["columns"][0], row["targets"][0]) != ("tenant_id", "tenant_id"):
            found.append(f"{row['table']}.{row['name']}: {', '.join(row['columns'])}")
    return sorted(found) + compared(beyond, BEYOND_TENANTS)


async def far_seeing_functions(conn: Connection) -> list[str]:
    """`security definer` functions that are not on the list, not lumi_system's, or without a fixed search_path."""
    found: list[str] = []
    definers: set[str] = set()
    for row in await conn.fetch(_FUNCTIONS):
        if not row["definer"]:
            continue
        definers.add(str(row["name"]))
        if f"search_path={PATH}" not in row["settings"]:
            found.append(f"{row['name']}: search_path is not {PATH}")
        if row["owner"] != "lumi_system":
            found.append(f"{row['name']}: belongs to {row['owner']}")
    return sorted(found) + compared(definers, SEE_ALL_TENANTS)


async def public_functions(conn: Connection) -> list[str]:
    """Functions that everybody may run."""
    return sorted(
        str(row["name"])
        for row in await conn.fetch(_FUNCTIONS)
        if row["is_public"] and row["name"] != "app.tenant_id()"
    )


async def powers(conn: Connection) -> list[str]:
    """Roles that may pass row-level security, what lumi_app owns, and views that would see through other eyes."""
    roles = await conn.fetch(
        "select rolname from pg_roles where rolname in ('lumi_app', 'lumi_system', 'lumi_owner')"
        " and (rolsuper or rolbypassrls)"
    )
    owned = await conn.fetch(
        "select relname from pg_class where relowner = 'lumi_app'::regrole and relkind in ('r', 'p', 'v', 'm')"
    )
    views = await conn.fetch(
        "select relname, relkind from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
        " and not coalesce(reloptions @> '{security_invoker=true}' and relkind = 'v', false)"
        " and not exists (select from pg_depend d where d.objid = pg_class.oid and d.deptype = 'e')"
    )
    return [
        *(f"role {row['rolname']} passes row-level security" for row in roles),
        *(f"lumi_app owns {row['relname']}" for row in owned),
        *(f"view {row['relname']} is not security_invoker" for row in views),
    ]


async def naive_times(conn: Connection) -> list[str]:
    """Times without a zone."""
    rows = await conn.fetch(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        " and data_type in ('timestamp without time zone', 'time without time zone', 'time with time zone')"
    )
    return [f"{row['table_name']}.{row['column_name']}" for row in rows]


async def _tenant_tables(conn: Connection) -> frozenset[str]:
    return frozenset(str(row["name"]) for row in await conn.fetch(_TABLES) if row["has_tenant"])
