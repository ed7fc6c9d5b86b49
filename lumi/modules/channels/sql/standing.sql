-- tables: worker, channel_account, channel_cursor
-- Accounts that workers stand by for.

-- Those for which nobody does, and that are not let alone for a while because of a failure. Two ids each.
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
      and (coalesce(c.leased_until < now(), true)
           or (c.owner is not null and not exists (select from worker w where w.id = c.owner)))
      and (coalesce(c.failures, 0) = 0 or c.next_at <= now())
    order by a.id limit most;
end $$;

alter function app.unattended(text[], int) owner to lumi_system;
grant execute on function app.unattended(text[], int) to lumi_app;
