-- Every statement may run twice.

-- One file of a message somebody sent. `reference` is what its provider knows it by; until `wait_until` the turn waits
-- for what becomes of it. The file is kept by the files module, and may be forgotten before this is.
create table if not exists attachment (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key default uuidv7(),
    thread_id uuid not null,
    event_n bigint not null,
    place int not null,
    kind text not null check (kind in ('image', 'audio', 'video', 'document')),
    is_voice boolean not null,
    reference jsonb not null,
    name text not null,
    mime text,
    size_bytes bigint,
    state text not null default 'waiting' check (state in ('waiting', 'ready', 'refused', 'failed', 'removed')),
    file_id uuid,
    transcript text,
    language text,
    error text,
    created_at timestamptz not null default clock_timestamp(),
    wait_until timestamptz not null,
    settled_at timestamptz,
    unique (tenant_id, id),
    unique (tenant_id, thread_id, event_n, place),
    foreign key (tenant_id, thread_id) references thread (tenant_id, id) on delete cascade,
    foreign key (tenant_id, file_id) references stored_file (tenant_id, id) on delete set null (file_id),
    check ((state = 'waiting') = (settled_at is null))
);
create index if not exists attachment_file on attachment (tenant_id, file_id) where file_id is not null;
drop policy if exists tenant on attachment;
select app.protect('attachment');

-- What was said in a recording enters the lane of whoever sent it, like an edit of what they wrote.
alter table event drop constraint if exists event_kind_check, add constraint event_kind_check
    check (kind in ('message', 'edit', 'deletion', 'echo', 'heard', 'timer'));
grant update (lang) on message to lumi_app;
