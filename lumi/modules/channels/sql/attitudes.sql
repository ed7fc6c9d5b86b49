-- tables: thread, event
-- Who does not want to be written to unasked, or cannot be.

-- Why the provider lets nothing that nobody asked for through to a person: `blocked` (nothing else either, until they
-- write), `opted_out`, or null.
create or replace function app.shuns(tenant uuid, thread_id uuid) returns text
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select case
        when t.blocked_at > coalesce(greatest(t.heard_at, (
            select e.received_at from event e
            where e.tenant_id = tenant and e.thread_id = t.id and e.kind = 'message' order by e.n desc limit 1)),
            '-infinity') then 'blocked'
        when t.opted_out_at is not null then 'opted_out' end
    from thread t where t.tenant_id = tenant and t.id = shuns.thread_id
$$;

grant execute on function app.shuns(uuid, uuid) to lumi_app;
