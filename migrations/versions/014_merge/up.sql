-- Every statement may run twice.

-- A lane that is closed is never due again.
alter table lane add column if not exists closed_at timestamptz;

-- A thread that turned out to be another's person is closed with a pointer to that. heard_at: when the person was last
-- heard in threads that were merged into this one; new_addresses: how many addresses it got that its contact has not
-- been asked about yet.
alter table thread
    add column if not exists merged_into uuid,
    add column if not exists merged_at timestamptz,
    add column if not exists heard_at timestamptz,
    add column if not exists new_addresses integer not null default 0;
alter table thread drop constraint if exists thread_merged_into_fkey, add constraint thread_merged_into_fkey
    foreign key (tenant_id, merged_into) references thread (tenant_id, id) on delete cascade;
alter table thread drop constraint if exists thread_merged_check, add constraint thread_merged_check
    check (merged_at is null or merged_into is not null);
create index if not exists thread_merged on thread (tenant_id, merged_into) where merged_into is not null;

-- What goes on in another thread takes its words along.
grant update (thread_id, n, event_n) on message to lumi_app;

-- Ingest notes on a thread that it got another address.
grant update (new_addresses) on thread to lumi_system;
