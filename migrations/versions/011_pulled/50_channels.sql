-- Every statement may run twice.

-- How far an account that is read rather than posted to was read. Whoever pulls it holds the lease; its id is the fence
-- behind which the cursor moves, so that one who was too slow moves nothing. An error stays until a pull succeeds. wanted: while it
-- was read, somebody heard that there is more.
create table if not exists channel_cursor (
    tenant_id uuid not null,
    account_id uuid not null,
    cursor jsonb,
    pulled_at timestamptz,
    next_at timestamptz not null default clock_timestamp(),
    failures int not null default 0,
    failed_at timestamptz,
    error text,
    leased_by uuid,
    leased_until timestamptz,
    wanted boolean not null default false,
    primary key (tenant_id, account_id),
    foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade,
    check ((leased_by is null) = (leased_until is null)),
    check ((failed_at is null) = (error is null))
);
drop policy if exists tenant on channel_cursor;
drop policy if exists system on channel_cursor;
select app.protect('channel_cursor');
select app.open_to_system('channel_cursor', 'select');
