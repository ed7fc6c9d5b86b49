"""A crowd: threads with a past, each with a question nobody has answered yet, written straight into the tables."""

from __future__ import annotations

import asyncpg

from benchmarks.line_parts.ground import Ground

# How many turns lie behind each of them.
PAST_TURNS = 2

_GROW = (
    """
    create temp table crowd on commit drop as
    select uuidv7() as id, 'phone:' || (78000000000 + g) as address, now() - g * interval '1 ms' as since
    from generate_series($3::bigint + 1, $4::bigint) g where $1::uuid is not null and $2::uuid is not null
    """,
    """
    insert into thread (tenant_id, id, account_id, channel, address, language)
    select $1, id, $2, 'whatsapp', address, 'en' from crowd where $3::bigint < $4::bigint
    """,
    """
    insert into thread_address (tenant_id, account_id, address, thread_id)
    select $1, $2, address, id from crowd where $3::bigint < $4::bigint order by address
    """,
    """
    insert into lane (tenant_id, key, seq, event_n, message_n, delivery_n, ready_at)
    select $1, id, $5 + 1, $5 + 1, 2 * $5, $5, since from crowd where $2::uuid is not null and $3::bigint < $4::bigint
    """,
    """
    insert into event_key (tenant_id, account_id, provider_id)
    select $1, $2, 'past.' || id || n from crowd, generate_series(1, $5 + 1) n where $3::bigint < $4::bigint
    """,
    """
    insert into event (tenant_id, thread_id, n, kind, provider_id, payload, recorded_at, settled_at, settled_by)
    select $1, id, n, 'message', 'past.' || id || n,
           '{"kind": "text", "type": "text", "text": "Do you open on Sunday morning?", "name": "Guest"}',
           case when n <= $5 then now() end, case when n <= $5 then now() end, case when n <= $5 then 'turn' end
    from crowd, generate_series(1, $5 + 1) n where $2::uuid is not null and $3::bigint < $4::bigint
    """,
    """
    insert into message (tenant_id, thread_id, n, id, author, text, lang, event_n)
    select $1, id, n, uuidv7(), case when n % 2 = 1 then 'contact' else 'assistant' end,
           'Do you open on Sunday morning?', 'en', case when n % 2 = 1 then n / 2 + 1 end
    from crowd, generate_series(1, 2 * $5) n where $2::uuid is not null and $3::bigint < $4::bigint
    """,
    """
    insert into delivery (
        tenant_id, id, thread_id, n, account_id, message_n, author, body, state, provider_id, settled_at)
    select $1, uuidv7(), id, n, $2, 2 * n, 'assistant', '{"text": "Yes, from nine to two."}', 'sent',
           'past.out.' || id || n, now()
    from crowd, generate_series(1, $5) n where $3::bigint < $4::bigint
    """,
    """
    insert into turn (tenant_id, id, thread_id, seq, epoch, attempt, input, commands, effects, began_at)
    select $1, uuidv7(), id, n, n, 1, '{"said": []}', '[]', '[]', now()
    from crowd, generate_series(1, $5) n where $2::uuid is not null and $3::bigint < $4::bigint
    """,
)


async def grow(ground: Ground, *, present: int, wanted: int) -> None:
    """From so many open threads to so many, and the tables as autovacuum leaves them."""
    connection = await asyncpg.connect(ground.url("lumi"))
    try:
        async with connection.transaction():
            await connection.execute("set local session_replication_role = replica")  # what is made here fits together
            for statement in _GROW:
                arguments = (ground.tenant_id, ground.account_id, present, wanted, PAST_TURNS)
                await connection.execute(statement, *arguments[: 5 if "$5" in statement else 4])
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()
