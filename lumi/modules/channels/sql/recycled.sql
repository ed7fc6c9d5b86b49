-- tables: thread, thread_address, audit_entry
-- What a provider calls a person is theirs for good; a number may be somebody else's by now. Their own name is the
-- address whose kind is the channel's.

-- Those of the addresses that lead to the thread of somebody who is known by another own name than the one given here.
create or replace function app.strays(tenant uuid, account uuid, via text, addresses text[])
returns table (address text, thread_id uuid)
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select a.address, a.thread_id from thread_address a
    where a.tenant_id = tenant and a.account_id = account and a.address = any (addresses)
      and split_part(a.address, ':', 1) <> via
      and exists (select from unnest(addresses) own where split_part(own, ':', 1) = via)
      and exists (select from thread_address o where o.tenant_id = tenant and o.thread_id = a.thread_id
                  and split_part(o.address, ':', 1) = via)
      and not exists (select from thread_address o where o.tenant_id = tenant and o.thread_id = a.thread_id
                      and split_part(o.address, ':', 1) = via and o.address = any (addresses))
$$;

-- Such an address leads nowhere from now on: who comes with it next begins a thread of their own. The old thread is
-- answered by its person's own name, what is about to leave there is looked at anew; says whose thread it was.
create or replace function app.hand_over(tenant uuid, account uuid, via text, addresses text[])
returns table (address text, contact_id uuid)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare one text; stray record;
begin
    perform app.bind(tenant);
    foreach one in array (select array_agg(distinct a order by a) from unnest(addresses) a) loop
        perform pg_advisory_xact_lock(hashtextextended(tenant::text || account::text || one, 1));
    end loop;
    for stray in select s.address, s.thread_id from app.strays(tenant, account, via, addresses) s order by s.thread_id loop
        perform app.touch_lane(tenant, stray.thread_id, true);
        delete from thread_address a
        where a.tenant_id = tenant and a.account_id = account and a.address = stray.address;
        update thread t set address = (
            select o.address from thread_address o
            where o.tenant_id = tenant and o.thread_id = t.id and split_part(o.address, ':', 1) = via
            order by o.address limit 1)
        where t.tenant_id = tenant and t.id = stray.thread_id and t.address = stray.address;
        insert into audit_entry (tenant_id, id, at, actor_kind, actor_id, actor_name, action, target, detail, request_id)
        values (tenant, uuidv7(), now(), 'system', null, '', 'channels.address_handed_over', stray.thread_id::text,
                jsonb_build_object('kind', split_part(stray.address, ':', 1)), '');
        return query select stray.address, t.contact_id from thread t
                     where t.tenant_id = tenant and t.id = stray.thread_id and t.contact_id is not null;
    end loop;
end $$;

-- Somebody has another number, and so another own name that nobody has told yet: the next one they come with is theirs.
create or replace function app.forget_own_names(tenant uuid, account uuid, via text, addresses text[]) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    delete from thread_address o
    where o.tenant_id = tenant and o.account_id = account and split_part(o.address, ':', 1) = via and o.thread_id in (
        select a.thread_id from thread_address a
        where a.tenant_id = tenant and a.account_id = account and a.address = any (addresses)
          and split_part(a.address, ':', 1) <> via);
end $$;

grant execute on function app.strays(uuid, uuid, text, text[]) to lumi_app, lumi_system;
grant execute on function app.hand_over(uuid, uuid, text, text[]), app.forget_own_names(uuid, uuid, text, text[])
    to lumi_app;
