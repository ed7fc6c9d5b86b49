-- The ledger: every message of a thread, numbered without gaps.

create table message (
    tenant_id uuid not null,
    thread_id uuid not null,
    n bigint not null,
    id uuid not null,
    author text not null check (author in ('contact', 'assistant', 'staff', 'system')),
    author_id uuid,
    kind text not null default 'text' check (kind in ('text', 'media', 'location', 'contacts', 'reaction', 'other')),
    text text not null,
    lang text,
    sources jsonb not null default '[]',
    handover boolean not null default false,
    event_n bigint,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, thread_id, n),
    unique (tenant_id, id),
    foreign key (tenant_id, thread_id) references thread (tenant_id, id) on delete cascade
);
select app.protect('message', 'select, insert, delete');

-- The answer to a request that was sent twice with the same Idempotency-Key.
create table idempotency_key (
    tenant_id uuid not null references tenant (id) on delete cascade,
    actor_id uuid not null,
    route text not null,
    key text not null,
    fingerprint text not null,
    result uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, actor_id, route, key)
);
select app.protect('idempotency_key');
