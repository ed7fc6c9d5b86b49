-- tables: thread
-- What is written into many threads at once.

-- Place by place: this thread is this contact's. Their rows are locked in one order, so two calls never deadlock.
create or replace function app.threads_belong(tenant uuid, threads uuid[], contacts uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    perform t.id from thread t where t.tenant_id = tenant and t.id = any (threads) order by t.id for no key update;
    update thread t set contact_id = u.contact_id
    from unnest(threads, contacts) u (id, contact_id)
    where t.tenant_id = tenant and t.id = any (threads) and t.id = u.id;
end $$;

grant execute on function app.threads_belong(uuid, uuid[], uuid[]) to lumi_app;
