-- Who may do what: people with a login, their membership in a tenant, sessions, keys, and the audit.

-- A person with a login, once for the whole installation. A tenant sees only its own members, and nobody
-- sees a password's hash but the functions in lumi/modules/accounts/sql.
create table identity (
    id uuid primary key,
    email text not null unique check (email = lower(email) and length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 200),
    password_hash text,
    created_at timestamptz not null default clock_timestamp()
);

create table role (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    name text not null check (length(name) between 1 and 100),
    permissions text[] not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    unique (tenant_id, name)
);
select app.protect('role');

create table membership (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    identity_id uuid not null references identity (id) on delete cascade,
    role_id uuid not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    unique (tenant_id, identity_id),
    foreign key (tenant_id, role_id) references role (tenant_id, id)
);
create index membership_role on membership (tenant_id, role_id);
-- Sign-in asks by person before a tenant is known.
create index membership_identity on membership (identity_id);
select app.protect('membership');
select app.open_to_system('membership', 'select');

alter table identity enable row level security;
alter table identity force row level security;
create policy tenant on identity for select to lumi_app, lumi_owner
    using (exists (select from membership m where m.identity_id = identity.id));
grant select (id, email, name, created_at) on identity to lumi_app;
select app.open_to_system('identity', 'select, insert, update (password_hash)');

-- One sign-in on one device. Ended by its person, by the reuse of a refresh token, or by time.
create table session (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    identity_id uuid not null,
    user_agent text not null,
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_why text check (revoked_why in ('signed_out', 'reused')),
    unique (tenant_id, id),
    check ((revoked_at is null) = (revoked_why is null)),
    foreign key (tenant_id, identity_id) references membership (tenant_id, identity_id) on delete cascade
);
create index session_identity on session (tenant_id, identity_id);
select app.protect('session');

-- Refresh tokens, each good for one use. The successor is kept, sealed, for the few seconds in which the same
-- client may ask twice.
create table refresh_token (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    session_id uuid not null,
    digest bytea not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    successor bytea,
    unique (tenant_id, id),
    foreign key (tenant_id, session_id) references session (tenant_id, id) on delete cascade
);
create index refresh_token_session on refresh_token (tenant_id, session_id, expires_at);
select app.protect('refresh_token');

create table api_key (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    name text not null check (length(name) between 1 and 100),
    digest bytea not null,
    permissions text[] not null,
    created_at timestamptz not null,
    created_by uuid not null,
    created_by_name text not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by uuid,
    unique (tenant_id, id),
    check ((revoked_at is null) = (revoked_by is null))
);
create index api_key_created on api_key (tenant_id, created_at, id);
select app.protect('api_key');

-- Who did what. Added and read, never changed: the application has no right to.
create table audit_entry (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    at timestamptz not null,
    actor_kind text not null check (actor_kind in ('staff', 'api_key', 'contact', 'system')),
    actor_id uuid,
    actor_name text not null,
    action text not null,
    target text not null,
    detail jsonb not null,
    request_id text not null,
    unique (tenant_id, id)
);
create index audit_entry_at on audit_entry (tenant_id, at, id);
select app.protect('audit_entry', 'select, insert');
