-- What every part stands on: the tenant of a transaction, the policies, workers, lanes, jobs.
-- The roles (lumi_owner, lumi_app, lumi_system) are made before by lumi/core/migrate.py.

create schema app;
grant usage on schema app to lumi_app, lumi_system;
grant create on schema app to lumi_system;
grant usage on schema public to lumi_app, lumi_system;
alter default privileges revoke execute on functions from public;

-- The tenant this transaction is bound to, or null: then no tenant row is visible.
-- A transaction-local setting reads '' after its transaction, hence the nullif.
create function app.tenant_id() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;
grant execute on function app.tenant_id() to public;

-- Binds the tenant for the rest of the transaction: what the listener does, for SQL functions.
create function app.bind(tenant uuid) returns void
language sql volatile
as $$
    select set_config('app.tenant_id', tenant::text, true), set_config('app.current_creator_id', tenant::text, true)
$$;
grant execute on function app.bind(uuid) to lumi_app;

-- Row-level security of a tenant table, the same for all: forced, and one tenant only.
create function app.protect(target regclass, rights text default 'select, insert, update, delete')
returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy tenant on %s to lumi_app, lumi_owner'
        ' using (tenant_id = (select app.tenant_id())) with check (tenant_id = (select app.tenant_id()))',
        target
    );
    execute format('grant %s on %s to lumi_app', rights, target);
end $$;

-- Lets the role that owns the few cross-tenant functions see a table whole. A shape test lists these tables.
create function app.open_to_system(target regclass, rights text) returns void language plpgsql as $$
begin
    execute format('create policy system on %s to lumi_system using (true) with check (true)', target);
    execute format('grant %s on %s to lumi_system', rights, target);
end $$;

-- Worker processes alive. The truth is the advisory lock (42, id); the beat catches those that hang.
create table worker (
    id int generated always as identity primary key,
    host text not null,
    pid int not null,
    started_at timestamptz not null default clock_timestamp(),
    beat_at timestamptz not null default clock_timestamp(),
    backend_pid int not null default pg_backend_pid()
);
grant select, insert, update, delete on worker to lumi_app, lumi_system;

-- A lane is one ordered line of work: the only writer and the only speaker of what its key names.
-- seq is the version of that thing; whatever must make a pending answer stale adds one.
-- event_n, message_n, delivery_n are the last numbers given under this row's lock.
create table lane (
    tenant_id uuid not null,
    key uuid not null,
    seq bigint not null default 0,
    ready_at timestamptz,
    owner int,
    epoch bigint not null default 0,
    crashes int not null default 0,
    event_n bigint not null default 0,
    message_n bigint not null default 0,
    delivery_n bigint not null default 0,
    primary key (tenant_id, key)
) with (fillfactor = 70);
create index lane_due on lane (tenant_id, ready_at) where owner is null and ready_at is not null;
create index lane_owned on lane (owner) where owner is not null;
select app.protect('lane');
select app.open_to_system('lane', 'select, insert, update');

-- Work without a thread, on the same claim, fence and reap. tenant_id is null for the house's own.
create table job (
    id uuid primary key,
    tenant_id uuid,
    kind text not null,
    args jsonb not null,
    key text,
    ready_at timestamptz default clock_timestamp(),
    owner int,
    epoch bigint not null default 0,
    crashes int not null default 0,
    error text,
    created_at timestamptz not null default clock_timestamp(),
    dead_at timestamptz
) with (fillfactor = 70);
create index job_due on job (ready_at) where owner is null and ready_at is not null;
create index job_owned on job (owner) where owner is not null;
create index job_dead on job (tenant_id, dead_at) where dead_at is not null;
create unique index job_key on job (tenant_id, kind, key) nulls not distinct
    where key is not null and crashes = 0;
alter table job enable row level security;
alter table job force row level security;
create policy tenant on job to lumi_app, lumi_owner
    using (tenant_id is not distinct from (select app.tenant_id()))
    with check (tenant_id is not distinct from (select app.tenant_id()));
grant select, insert, update, delete on job to lumi_app;
select app.open_to_system('job', 'select, update');

-- Schedules of the house: each due row becomes a job without a tenant.
create table cron (
    name text primary key,
    schedule text not null,
    next_at timestamptz not null
);
grant select, insert, update, delete on cron to lumi_app;

-- What was authentic but could not be used, kept as it came, for a person to look at.
create table dead_letter (
    tenant_id uuid not null,
    id uuid primary key,
    source text not null check (source in ('webhook', 'event', 'job')),
    origin text not null,
    body bytea not null,
    reason text not null,
    created_at timestamptz not null default clock_timestamp(),
    closed_at timestamptz,
    closed_by uuid,
    unique (tenant_id, id)
);
create index dead_letter_open on dead_letter (tenant_id, created_at) where closed_at is null;
select app.protect('dead_letter');

-- Which version of each SQL file beside the modules is installed.
create table sql_file (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
);
grant select on sql_file to lumi_app;
