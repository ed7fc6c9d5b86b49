"""Twenty thousand of everything for one tenant, beside twenty thousand tenants who have one of each.

Only staff is by the hundred: nobody has more, and a list by address has to sort them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from lumi.core.ids import new_id
from lumi.modules.knowledge import rules

if TYPE_CHECKING:
    from tests.shape.schema import Connection

MANY = 20_000
_WORDS = ("coupe", "couleur", "brushing", "mariage", "retard", "horaires", "parking", "cadeau", "enfant", "barbe")

# $1 is the tenant, $2 its account, $3 its role, $4 the long thread. `g` counts to MANY; ids come from new_uuid.
_OF_ONE = """
insert into identity (id, email, name)
    select new_uuid(1, g), 'p' || g || '@example.org', 'Personne ' || g from numbers;
insert into membership (tenant_id, id, identity_id, role_id)
    select case when g % 100 = 0 then $1 else new_uuid(20, g) end, new_uuid(2, g), new_uuid(1, g),
        case when g % 100 = 0 then $3 else new_uuid(21, g) end from numbers;
insert into session (tenant_id, id, identity_id, user_agent, created_at, seen_at, expires_at)
    select $1, new_uuid(3, g), new_uuid(1, 100 * (1 + g % 200)), 'tests', past(g), past(g), now() + interval '1 day'
    from numbers;
insert into refresh_token (tenant_id, id, session_id, digest, expires_at)
    select $1, new_uuid(4, g), new_uuid(3, g), 'x', now() + interval '1 day' from numbers;
insert into api_key (tenant_id, id, name, digest, permissions, created_at, created_by, created_by_name)
    select $1, new_uuid(5, g), 'clé ' || g, 'x', '{}', past(g), new_uuid(1, g), 'Personne' from numbers;
insert into audit_entry (tenant_id, id, at, actor_kind, actor_name, action, target, detail, request_id)
    select $1, new_uuid(6, g), past(g), 'system', '', 'contacts.added', '', '{}', '' from numbers;
insert into contact (tenant_id, id, name, search_name, created_at, merged_into)
    select $1, new_uuid(7, g), 'Amélie ' || g, 'amelie ' || g, past(g),
        case when g % 100 = 0 then new_uuid(7, g - 1) end from numbers;
insert into contact_point (tenant_id, id, contact_id, kind, value)
    select $1, new_uuid(8, g), new_uuid(7, g), 'phone', '+336' || (10000000 + g) from numbers;
insert into consent (tenant_id, id, contact_id, purpose, state, source, at)
    select $1, new_uuid(27, g), new_uuid(7, g), 'proactive', 'granted', 'staff', past(g) from numbers;
insert into inbound_identifier (tenant_id, kind, value) select $1, 'domain', 'd' || g || '.example' from numbers;
insert into dead_letter (tenant_id, id, source, origin, body, reason, created_at, closed_at)
    select $1, new_uuid(9, g), 'webhook', 'whatsapp', 'x', 'unreadable', past(g),
        case when g % 2 = 0 then past(g) end from numbers;
insert into job (id, tenant_id, kind, args, created_at, ready_at, dead_at)
    select new_uuid(10, g), $1, 'tests.Nothing', '{}', past(g), null, past(g) from numbers;
insert into thread (tenant_id, id, account_id, channel, address, contact_id, active_at, held_by, held_at,
        wants_human_at)
    select $1, case when g = 1 then $4 else new_uuid(11, g) end, $2, 'web', 'visitor:' || g, new_uuid(7, g), past(g),
        case when g % 50 = 0 then new_uuid(1, g) end, case when g % 50 = 0 then past(g) end,
        case when g % 40 = 1 then past(g) end from numbers;
insert into thread_address (tenant_id, account_id, address, thread_id)
    select tenant_id, account_id, address, id from thread where tenant_id = $1;
insert into lane (tenant_id, key, message_n, event_n, delivery_n)
    select tenant_id, id, 20001, 20001, 20001 from thread where tenant_id = $1;
insert into event (tenant_id, thread_id, n, kind, provider_id, payload, recorded_at, settled_at, settled_by)
    select $1, $4, g, 'message', 'v/' || g, '{}', past(g), past(g), 'turn' from numbers;
insert into channel_account (tenant_id, id, channel, external_id, name)
    values ($1, new_uuid(24, 1), 'whatsapp', 'wa', 'W');
insert into message_template
    (tenant_id, id, account_id, provider_id, name, language, category, body, plain, status)
    select $1, new_uuid(25, g), new_uuid(24, 1), 'p' || g, 't' || g, 'fr', 'UTILITY', 'Bonjour', true, 'approved'
    from generate_series(1, 50) g;
insert into event_key (tenant_id, account_id, provider_id, seen_at) select $1, $2, 'v/' || g, past(g) from numbers;
insert into message (tenant_id, thread_id, n, id, author, text, event_n, created_at)
    select $1, $4, g, new_uuid(12, g), case when g % 2 = 0 then 'assistant' else 'contact' end, 'Bonjour ' || g, g,
        past(g)
    from numbers;
insert into message (tenant_id, thread_id, n, id, author, text, created_at)
    select $1, new_uuid(11, g), 1, new_uuid(13, g), 'contact', 'Bonjour', past(g) from numbers where g > 1;
insert into delivery (tenant_id, id, thread_id, n, account_id, message_n, author, body, state, created_at, settled_at)
    select $1, new_uuid(14, g), $4, g, $2, g, 'assistant', '{}', 'sent', past(g), past(g) from numbers;
update delivery set state = (array['unknown', 'failed', 'held'])[1 + n % 3], error = 'refused',
    body = jsonb_build_object('message_id', id) where n % 50 = 0;
insert into channel_traffic (tenant_id, account_id, hour, received)
    select $1, $2, date_trunc('hour', now()) - g * interval '1 hour', g % 40 from numbers where g < 1600;
insert into channel_alert (tenant_id, id, account_id, kind, raised_at, cleared_at)
    select $1, new_uuid(24, g), $2, 'silent', past(g), case when g > 1 then past(g) end from numbers;
insert into document (tenant_id, id, kind, external_id, lang, title, created_at, archived_at)
    select $1, new_uuid(15, g), 'faq', 'e' || g, 'fr', 'Question ' || g, past(g),
        case when g % 100 = 0 then past(g) end from numbers;
insert into document_version (tenant_id, document_id, number, title, format, body, checksum)
    select $1, new_uuid(15, g), 1, 'Question ' || g, 'plain', 'Bonjour', '' from numbers;
insert into section (tenant_id, id, document_id, anchor, place, title_path, text, lang, words, checksum)
    select $1, new_uuid(16, g), new_uuid(15, g), 'a', 0, array['Question ' || g], 'Bonjour', 'fr', 1, '' from numbers;
insert into gap (tenant_id, id, question, fingerprint, first_asked_at, last_asked_at, closed_at)
    select $1, new_uuid(17, g), 'Pourquoi ' || g, 'f' || g, past(g), past(g),
        case when g % 2 = 0 then past(g) end from numbers;
insert into stored_file (tenant_id, id, name, kind, mime, size_bytes, sha256, state, storage, storage_key, created_at)
    select $1, new_uuid(18, g), 'menu.pdf', 'document', 'application/pdf', 1, decode(repeat('00', 32), 'hex'),
        case when g % 100 = 0 then 'pending' else 'clean' end, 'local', 'key', past(g) from numbers;
insert into attachment (tenant_id, id, thread_id, event_n, place, kind, is_voice, reference, name, state, file_id,
        wait_until, settled_at)
    select $1, new_uuid(19, g), $4, g, 1, 'document', false, '{}', 'menu.pdf', 'ready', new_uuid(18, g),
        past(g), past(g) from numbers;
insert into attachment (tenant_id, id, thread_id, place, kind, shown_as, is_voice, reference, name, mime, size_bytes,
        state, wait_until, settled_at, message_id)
    select $1, new_uuid(19, 20000 + g), $4, 1, 'document', 'document', false, '{}', 'menu.pdf', 'application/pdf', 1,
        'ready', past(g), past(g), case when g > 1 then new_uuid(12, g) end from numbers where g % 2 = 1;
"""
# What every organisation has few of: with one row each of twenty thousand others.
_OF_OTHERS = """
insert into tenant (id, slug, name, kind, languages)
    select new_uuid(20, g), 'other-' || g, 'Autre ' || g, 'business', '{fr}' from numbers;
insert into role (tenant_id, id, name, permissions) select new_uuid(20, g), new_uuid(21, g), 'owner', '{}' from numbers;
insert into channel_account (tenant_id, id, channel, external_id, name)
    select new_uuid(20, g), new_uuid(22, g), 'web', 'w' || g, 'Site' from numbers;
insert into channel_traffic (tenant_id, account_id, hour, received)
    select new_uuid(20, g), new_uuid(22, g), date_trunc('hour', now()), 1 from numbers;
insert into provider_app (tenant_id, id, channel, name, secret, verify_token)
    select new_uuid(20, g), new_uuid(23, g), 'whatsapp', 'app', 'x', 'x' from numbers;
insert into message_template
    (tenant_id, id, account_id, provider_id, name, language, category, body, plain, status)
    select new_uuid(20, g), new_uuid(26, g), new_uuid(22, g), 'p' || g, 't', 'fr', 'UTILITY', 'Hi', true, 'approved'
    from numbers;
insert into knowledge_state (tenant_id) select new_uuid(20, g) from numbers;
insert into collection (tenant_id, lang, sections, length) select new_uuid(20, g), 'fr', 1, 10 from numbers;
"""
_MAKERS = f"""
create temp view numbers as select g from generate_series(1, {MANY}) g;
create function pg_temp.new_uuid(kind int, g bigint) returns uuid language sql immutable
    as $$ select ('019a0000-0000-7000-8000-' || lpad(to_hex(kind), 4, '0') || lpad(to_hex(g), 8, '0'))::uuid $$;
create function pg_temp.past(g bigint) returns timestamptz language sql immutable
    as $$ select timestamptz '2026-01-01 00:00Z' + g * interval '1 minute' $$;
"""


def made(kind: int, number: int) -> UUID:
    """The id a row was given by `fill`."""
    return UUID(f"019a0000-0000-7000-8000-{kind:04x}{number:08x}")


async def fill(conn: Connection, tenant: UUID, account: UUID) -> UUID:
    """Give the tenant its rows, through a superuser's connection; returns the id of its longest thread."""
    role, thread = await conn.fetchval("select id from role where tenant_id = $1 limit 1", tenant), new_id()
    places = {"$1": f"'{tenant}'::uuid", "$2": f"'{account}'::uuid", "$3": f"'{role}'::uuid", "$4": f"'{thread}'::uuid"}
    statements = _OF_ONE + _OF_OTHERS
    for place, value in places.items():
        statements = statements.replace(place, value)
    for name in ("new_uuid", "past"):
        statements = statements.replace(f"{name}(", f"pg_temp.{name}(")
    async with conn.transaction():
        await conn.execute("set local session_replication_role = replica")  # every reference is there, just later
        await conn.execute(_MAKERS)
        await conn.execute(statements)
        await conn.execute("drop view pg_temp.numbers")
    await _index(conn, tenant)
    await conn.execute("analyze")
    return thread


async def _index(conn: Connection, tenant: UUID) -> None:
    """Every section is found by two common words and one that is its own."""
    for begin in range(1, MANY + 1, 2_000):
        numbers = range(begin, begin + 2_000)
        bodies = [f"{_WORDS[n % 10]} {_WORDS[n // 10 % 10]} unique{n}" for n in numbers]
        titles, empty = [f"question {n}" for n in numbers], [""] * len(bodies)
        columns = ([made(16, n) for n in numbers], ["fr"] * len(bodies), [2.0] * len(bodies), titles, empty, bodies)
        await conn.execute(
            "select app.knowledge_index($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            *(tenant, rules.INDEX_EDITION, *columns, empty, empty),
        )
