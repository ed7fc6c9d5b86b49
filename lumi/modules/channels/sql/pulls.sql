-- tables: worker, channel_account, channel_cursor
-- Accounts that are read rather than posted to, and who reads them.

-- Whether a reader has an account: for as long as it was lent, and not once that worker is dead.
create or replace function app.is_lent(leased_until timestamptz, reader int) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select coalesce(leased_until >= statement_timestamp(), false)
        and (reader is null or exists (select from worker w where w.id = reader))
$$;

-- Those that are due and that nobody reads now, the longest overdue first. Two ids each, so that a worker may ask.
create or replace function app.due_pulls(channels text[], most int) returns table (tenant_id uuid, account_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select a.tenant_id, a.id
    from channel_account a
    left join channel_cursor c on c.tenant_id = a.tenant_id and c.account_id = a.id
    where a.channel = any (channels) and a.app_id is not null and a.disconnected_at is null
      and not app.is_lent(c.leased_until, c.owner)
      and coalesce(c.next_at <= now() or (c.wanted and c.failures = 0), true)
    order by c.next_at nulls first, a.id limit most;
end $$;

-- Those for which nobody stands by, and that are not let alone for a while because of a failure.
create or replace function app.unattended(channels text[], most int) returns table (tenant_id uuid, account_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select a.tenant_id, a.id
    from channel_account a
    left join channel_cursor c on c.tenant_id = a.tenant_id and c.account_id = a.id
    where a.channel = any (channels) and a.app_id is not null and a.disconnected_at is null
      and not app.is_lent(c.leased_until, c.owner)
      and (coalesce(c.failures, 0) = 0 or c.next_at <= now())
    order by a.id limit most;
end $$;

alter function app.due_pulls(text[], int) owner to lumi_system;
alter function app.unattended(text[], int) owner to lumi_system;
grant execute on function app.due_pulls(text[], int), app.unattended(text[], int),
    app.is_lent(timestamptz, int) to lumi_app, lumi_system;
