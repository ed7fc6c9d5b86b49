-- Every statement may run twice.

-- The owner of the tables sees no row of any tenant; for the few statements that put old rows right, it does.
alter table tenant no force row level security;
alter table lane no force row level security;
alter table job no force row level security;
alter table dead_letter no force row level security;
alter table receipt no force row level security;
alter table channel_account no force row level security;

-- What a deleted tenant left behind.
delete from lane x where not exists (select from tenant t where t.id = x.tenant_id);
delete from job x where x.tenant_id is not null and not exists (select from tenant t where t.id = x.tenant_id);
delete from dead_letter x where x.tenant_id is not null and not exists (select from tenant t where t.id = x.tenant_id);
delete from receipt x
where not exists (select from channel_account a where a.tenant_id = x.tenant_id and a.id = x.account_id);

-- Of accounts connected twice under one number the first was believed; the others never got a message.
update channel_account a set disconnected_at = clock_timestamp()
where a.app_id is not null and a.disconnected_at is null and exists (
    select from channel_account b
    where b.channel = a.channel and b.external_id = a.external_id and b.app_id is not null and b.disconnected_at is null
      and (b.connected_at, b.id) < (a.connected_at, a.id));

alter table tenant force row level security;
alter table lane force row level security;
alter table job force row level security;
alter table receipt force row level security;
alter table channel_account force row level security;

-- Lanes, jobs and letters go with their tenant.
alter table lane drop constraint if exists lane_tenant_id_fkey,
    add constraint lane_tenant_id_fkey foreign key (tenant_id) references tenant (id) on delete cascade;
alter table job drop constraint if exists job_tenant_id_fkey,
    add constraint job_tenant_id_fkey foreign key (tenant_id) references tenant (id) on delete cascade;

-- A letter nobody can be said to own has no tenant: it is seen by who is bound to none, and by nobody over the API.
-- One that was sent again is closed, and says when.
alter table dead_letter alter column tenant_id drop not null,
    drop constraint if exists dead_letter_tenant_id_fkey,
    add constraint dead_letter_tenant_id_fkey foreign key (tenant_id) references tenant (id) on delete cascade,
    add column if not exists requeued_at timestamptz,
    drop constraint if exists dead_letter_check,
    add constraint dead_letter_check check (requeued_at is null or closed_at is not null);
drop policy if exists tenant on dead_letter;
create policy tenant on dead_letter to lumi_app, lumi_owner
    using (tenant_id is not distinct from (select app.tenant_id()))
    with check (tenant_id is not distinct from (select app.tenant_id()));
alter table dead_letter force row level security;
create index if not exists dead_letter_newest on dead_letter (tenant_id, created_at, id);

-- The keys of what was seen are written with every message: a foreign key to the one row of the tenant would be
-- locked by all of them at once. They are deleted with the tenant instead.
create or replace function app.forget_keys() returns trigger
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    delete from event_key where tenant_id = old.id;
    return old;
end $$;
create or replace trigger tenant_forgets_keys before delete on tenant for each row execute function app.forget_keys();

-- A number that a provider posts for is connected once in the installation: a second would never hear anything.
create unique index if not exists channel_account_connected on channel_account (channel, external_id)
    where app_id is not null and disconnected_at is null;

alter table thread_address drop constraint if exists thread_address_tenant_id_account_id_fkey,
    add constraint thread_address_tenant_id_account_id_fkey
        foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade;
alter table receipt drop constraint if exists receipt_tenant_id_account_id_fkey,
    add constraint receipt_tenant_id_account_id_fkey
        foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade;

-- The inbox, filtered.
create index if not exists thread_waiting on thread (tenant_id, active_at, id)
    where wants_human_at is not null and held_by is null;
create index if not exists thread_held on thread (tenant_id, active_at, id) where held_by is not null;
