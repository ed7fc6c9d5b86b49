-- Every statement may run twice.

-- An outcome has its time, and only an outcome: so the index of what is unfinished need not name the state, and the
-- step from committed to sending touches no index at all.
alter table delivery no force row level security;
update delivery set settled_at = clock_timestamp() where settled_at is null and state not in ('committed', 'sending');
update delivery set settled_at = null where settled_at is not null and state in ('committed', 'sending');
alter table delivery force row level security;
alter table delivery drop constraint if exists delivery_check,
    add constraint delivery_check check ((state in ('committed', 'sending')) = (settled_at is null));
drop index if exists delivery_unfinished;
create index delivery_unfinished on delivery (tenant_id, thread_id, n) where settled_at is null;

-- Nothing refers to these by tenant and id.
alter table delivery drop constraint if exists delivery_tenant_id_id_key;
alter table turn drop constraint if exists turn_tenant_id_id_key;
