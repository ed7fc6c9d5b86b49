-- tables: worker, channel_account, channel_cursor
-- Accounts that are read rather than posted to.

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
      and coalesce(c.next_at <= now() or (c.wanted and c.failures = 0), true)
      and (coalesce(c.leased_until < now(), true)
           or (c.owner is not null and not exists (select from worker w where w.id = c.owner)))
    order by c.next_at nulls first, a.id limit most;
end $$;

alter function app.due_pulls(text[], int) owner to lumi_system;
grant execute on function app.due_pulls(text[], int) to lumi_app;
