-- Every statement may run twice.

-- What a person agreed to, and took back: never changed, the newest of a purpose counts.
create table if not exists consent (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    contact_id uuid not null,
    purpose text not null check (purpose in ('proactive')),
    state text not null check (state in ('granted', 'withdrawn')),
    source text not null check (source in ('person', 'staff', 'import', 'provider')),
    evidence text not null default '',
    at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index if not exists consent_newest on consent (tenant_id, contact_id, purpose, id desc);
drop policy if exists tenant on consent;
select app.protect('consent', 'select, insert');
