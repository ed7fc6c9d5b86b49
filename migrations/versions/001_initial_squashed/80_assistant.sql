-- What the assistant understood and decided, turn by turn, so that every turn can be looked at again.

create table turn (
    tenant_id uuid not null,
    id uuid primary key,
    thread_id uuid not null,
    seq bigint not null,
    epoch bigint not null,
    attempt int not null default 1,
    input jsonb not null,
    commands jsonb not null,
    effects jsonb not null,
    began_at timestamptz not null,
    saved_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    foreign key (tenant_id, thread_id) references thread (tenant_id, id) on delete cascade
);
create index turn_thread on turn (tenant_id, thread_id, seq);
select app.protect('turn', 'select, insert, delete');
