-- The people a tenant talks with, and the addresses they are reached at.

-- A person met twice becomes one: the younger row stays and points to the older one (never to a third), its points
-- move. What references it stays true, and stopped_at and is_owner are the same in both, so that whoever reads the
-- row a thread names reads the right one. search_name is the name as it is searched: lower case, no accents.
create table contact (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    name text,
    search_name text not null default '',
    language text check (language ~ '^[a-z]{2,3}$'),
    is_owner boolean not null default false,
    stopped_at timestamptz,
    merged_into uuid check (merged_into <> id),
    version int not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    foreign key (tenant_id, merged_into) references contact (tenant_id, id) on delete cascade
);
create index contact_newest on contact (tenant_id, created_at, id) where merged_into is null;
create index contact_merged on contact (tenant_id, merged_into) where merged_into is not null;
select app.protect('contact');

create table contact_point (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    contact_id uuid not null,
    kind text not null check (kind in
        ('phone', 'whatsapp', 'telegram', 'instagram', 'messenger', 'email', 'visitor', 'terminal')),
    value text not null check (value <> ''),
    created_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    unique (tenant_id, kind, value),
    foreign key (tenant_id, contact_id) references contact (tenant_id, id) on delete cascade
);
create index contact_point_contact on contact_point (tenant_id, contact_id);
select app.protect('contact_point');
