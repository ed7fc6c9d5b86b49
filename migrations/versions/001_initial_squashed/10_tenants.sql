-- Organisations: who they are, how they speak, where they are reached.

create table tenant (
    id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    name text not null check (name <> ''),
    kind text not null check (kind in ('business', 'hotel', 'creator', 'community')),
    locale text not null default 'fr',
    languages text[] not null check (languages <@ array['fr', 'en', 'es', 'de', 'it', 'pt', 'ar', 'ru']),
    time_zone text not null default 'Europe/Paris',
    packs text[] not null default '{}' check (packs <@ array['appointments', 'hotel', 'coaching', 'community']),
    settings jsonb not null default '{}',
    version int not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    check (locale = any (languages))
);
alter table tenant enable row level security;
alter table tenant force row level security;
create policy tenant on tenant to lumi_app, lumi_owner
    using (id = (select app.tenant_id())) with check (id = (select app.tenant_id()));
grant select, insert, update, delete on tenant to lumi_app;
select app.open_to_system('tenant', 'select');

-- Names under which the outside knows a tenant. Unique inside a tenant only: a unique index over all of them
-- would tell one tenant what another has. The look-up answers only when exactly one tenant claims a name.
create table inbound_identifier (
    tenant_id uuid not null references tenant (id) on delete cascade,
    kind text not null check (kind in ('phone_number_id', 'bot', 'mailbox', 'domain')),
    value text not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, kind, value)
);
select app.protect('inbound_identifier');
select app.open_to_system('inbound_identifier', 'select');
-- Without the tenant in front: this one serves the look-up over all tenants.
create index inbound_identifier_value on inbound_identifier (kind, value);
