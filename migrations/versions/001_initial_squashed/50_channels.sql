-- Where messages come in and go out: provider apps, accounts, threads, events, deliveries.

-- Who signs: one app may serve several accounts, and only accounts of the app that signed are believed.
create table provider_app (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    channel text not null check (channel in ('whatsapp', 'web', 'terminal')),
    name text not null,
    secret bytea not null,
    verify_token bytea not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    unique (tenant_id, channel, name)
);
select app.protect('provider_app');
select app.open_to_system('provider_app', 'select');

create table channel_account (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    channel text not null check (channel in ('whatsapp', 'web', 'terminal')),
    app_id uuid,
    external_id text not null,
    name text not null,
    access_token bytea,
    settings jsonb not null default '{}',
    connected_at timestamptz not null default clock_timestamp(),
    disconnected_at timestamptz,
    unique (tenant_id, id),
    unique (tenant_id, channel, external_id),
    foreign key (tenant_id, app_id) references provider_app (tenant_id, id)
);
select app.protect('channel_account');
select app.open_to_system('channel_account', 'select');

-- One dialogue on one account. Its lane has the same id.
create table thread (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    account_id uuid not null,
    channel text not null check (channel in ('whatsapp', 'web', 'terminal')),
    address text not null,
    contact_id uuid,
    language text,
    held_by uuid,
    held_at timestamptz,
    wants_human_at timestamptz,
    active_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade,
    foreign key (tenant_id, contact_id) references contact (tenant_id, id),
    check ((held_by is null) = (held_at is null))
) with (fillfactor = 80);
create index thread_active on thread (tenant_id, active_at, id);
create index thread_contact on thread (tenant_id, contact_id);
select app.protect('thread');
select app.open_to_system('thread', 'select, insert');

-- Every address a thread is known under: a phone and a business-scoped id may both lead to one person.
create table thread_address (
    tenant_id uuid not null,
    account_id uuid not null,
    address text not null,
    thread_id uuid not null,
    primary key (tenant_id, account_id, address),
    foreign key (tenant_id, thread_id) references thread (tenant_id, id) on delete cascade
);
create index thread_address_thread on thread_address (tenant_id, thread_id);
select app.protect('thread_address');
select app.open_to_system('thread_address', 'select, insert');

-- What came in, numbered under the lane's lock. due_at in the future makes it a timer.
create table event (
    tenant_id uuid not null,
    thread_id uuid not null,
    n bigint not null,
    kind text not null check (kind in ('message', 'timer')),
    provider_id text not null,
    payload jsonb not null,
    sent_at timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    due_at timestamptz not null default clock_timestamp(),
    recorded_at timestamptz,
    settled_at timestamptz,
    settled_by text check (settled_by in ('turn', 'human', 'not_needed', 'superseded', 'dead')),
    turn_id uuid,
    primary key (tenant_id, thread_id, n),
    foreign key (tenant_id, thread_id) references thread (tenant_id, id) on delete cascade,
    check ((settled_at is null) = (settled_by is null))
) with (fillfactor = 70);
create index event_open on event (tenant_id, thread_id, n) where settled_at is null;
select app.protect('event');
select app.open_to_system('event', 'select, insert, update');

-- The provider's id of everything seen, so that a repeated delivery has no second effect. Purged after 30 days.
create table event_key (
    tenant_id uuid not null,
    account_id uuid not null,
    provider_id text not null,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, account_id, provider_id)
);
create index event_key_seen on event_key (tenant_id, seen_at);
select app.protect('event_key');
select app.open_to_system('event_key', 'select, insert, delete');

-- One message on its way out. Its life: committed, sending, then an outcome.
create table delivery (
    tenant_id uuid not null,
    id uuid primary key,
    thread_id uuid not null,
    n bigint not null,
    account_id uuid not null,
    message_n bigint not null,
    author text not null check (author in ('contact', 'assistant', 'staff', 'system')),
    body jsonb not null,
    state text not null default 'committed' check (state in
        ('committed', 'sending', 'unknown', 'sent', 'delivered', 'read', 'failed', 'withdrawn', 'held')),
    attempt int not null default 0,
    epoch bigint,
    next_try_at timestamptz,
    valid_until timestamptz,
    provider_id text,
    error text,
    created_at timestamptz not null default clock_timestamp(),
    sending_at timestamptz,
    settled_at timestamptz,
    unique (tenant_id, id),
    unique (tenant_id, thread_id, n),
    foreign key (tenant_id, thread_id) references thread (tenant_id, id) on delete cascade
) with (fillfactor = 70);
create index delivery_unfinished on delivery (tenant_id, thread_id, n) where state in ('committed', 'sending');
create index delivery_message on delivery (tenant_id, thread_id, message_n);
create unique index delivery_provider on delivery (tenant_id, account_id, provider_id) where provider_id is not null;
select app.protect('delivery');
select app.open_to_system('delivery', 'select, update');

-- A status that arrived before we knew the provider's id of what it speaks of.
create table receipt (
    tenant_id uuid not null,
    account_id uuid not null,
    provider_id text not null,
    state text not null check (state in ('sent', 'delivered', 'read', 'failed')),
    error text,
    seen_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, account_id, provider_id, state)
);
create index receipt_seen on receipt (tenant_id, seen_at);
select app.protect('receipt');
select app.open_to_system('receipt', 'select, insert, delete');
