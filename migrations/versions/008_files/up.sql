-- Every statement may run twice.

-- The bytes lie elsewhere, under storage_key, which is made of ids alone. A file without a scan is 'pending' where
-- there is a scanner and 'unscanned' where the installation has none.
create table if not exists stored_file (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    name text not null,
    kind text not null check (kind in ('image', 'audio', 'video', 'document')),
    mime text not null,
    size_bytes bigint not null check (size_bytes > 0),
    sha256 bytea not null check (octet_length(sha256) = 32),
    state text not null check (state in ('pending', 'clean', 'infected', 'failed', 'unscanned')),
    note text,
    storage text not null check (storage in ('local', 's3')),
    storage_key text not null,
    request_key text,
    created_at timestamptz not null default clock_timestamp(),
    created_by uuid,
    scanned_at timestamptz,
    deleted_at timestamptz,
    deleted_by uuid,
    unique (tenant_id, id)
);
create index if not exists stored_file_newest on stored_file (tenant_id, created_at, id);
create index if not exists stored_file_waiting on stored_file (tenant_id, id)
    where state in ('pending', 'unscanned') and deleted_at is null;
create unique index if not exists stored_file_request on stored_file (tenant_id, created_by, request_key)
    nulls not distinct where request_key is not null;
drop policy if exists tenant on stored_file;
select app.protect('stored_file');

-- The roles every tenant began with may use files as those of a new tenant may. Their owner is bound to a tenant like
-- everybody else, so for this one statement that is lifted.
alter table role no force row level security;
update role set permissions = array(
    select distinct each from unnest(permissions || case when name = 'analyst' then array['files:read']
        else array['files:read', 'files:write'] end) each order by 1)
where name in ('owner', 'admin', 'agent', 'analyst');
alter table role force row level security;
