-- Every statement may run twice.

-- How an account is, as far as its provider and our own sends have told. token_expires_at is null while nobody knows,
-- or where a token never expires; the provider was asked at checked_at.
alter table channel_account
    add column if not exists checked_at timestamptz,
    add column if not exists token_expires_at timestamptz,
    add column if not exists token_refused_at timestamptz,
    add column if not exists webhook_trouble text,
    add column if not exists failed_at timestamptz,
    add column if not exists failed_why text,
    add column if not exists failure text;
alter table channel_account drop constraint if exists channel_account_failed_why_check,
    add constraint channel_account_failed_why_check check (failed_why in (
        'token', 'policy', 'window', 'recipient', 'content', 'template', 'registration', 'busy', 'unreachable',
        'unknown', 'other'));

-- Where a secret is shown by whoever posts instead of signing: its SHA-256, so that one app is read and not all.
alter table provider_app add column if not exists proof bytea check (octet_length(proof) = 32);
create index if not exists provider_app_proof on provider_app (channel, proof);

-- What came in and what became of what was to leave, an hour a row; an hour in which nothing happened has none.
create table if not exists channel_traffic (
    tenant_id uuid not null,
    account_id uuid not null,
    hour timestamptz not null,
    received int not null default 0,
    sent int not null default 0,
    failed int not null default 0,
    unknown int not null default 0,
    heard_at timestamptz,
    primary key (tenant_id, account_id, hour),
    foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade
);
drop policy if exists tenant on channel_traffic;
select app.protect('channel_traffic');
drop policy if exists system on channel_traffic;
select app.open_to_system('channel_traffic', 'select, insert, update, delete');

-- What somebody should know of an account. One of a kind is open at a time.
create table if not exists channel_alert (
    tenant_id uuid not null,
    id uuid primary key,
    account_id uuid not null,
    kind text not null check (kind in (
        'silent', 'token_expiring', 'token_refused', 'failing', 'unknown_outcomes', 'webhook_broken')),
    stage int not null default 0,
    detail jsonb not null default '{}',
    raised_at timestamptz not null default clock_timestamp(),
    cleared_at timestamptz,
    foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade
);
create unique index if not exists channel_alert_open on channel_alert (tenant_id, account_id, kind)
    where cleared_at is null;
drop policy if exists tenant on channel_alert;
select app.protect('channel_alert');
drop policy if exists system on channel_alert;
select app.open_to_system('channel_alert', 'select');

-- What did not surely arrive, by account. It names no state: the step from committed to sending touches no index.
create index if not exists delivery_trouble on delivery (tenant_id, account_id, settled_at, id)
    where error is not null and settled_at is not null;
