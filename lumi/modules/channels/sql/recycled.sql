-- tables: thread, thread_address, audit_entry
-- What a provider calls a person is theirs for good; a number may be somebody else's by now. Their own name is the
-- address whose kind is the channel's.

drop function if exists app.strays(uuid, uuid, text, text[]);  -- it did not say since when

-- Those of the addresses that lead to the thread of somebody who is known by another own name than the one given here,
-- and when it was written that they do.
create or replace function app.strays(tenant uuid, account uuid, via text, addresses text[])
returns table (address text, thread_id uuid, told_at timestamptz)
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select a.address, a.thread_id, a.told_at from thread_address a
    where a.tenant_id = tenant and a.account_id = account and a.address = any (addresses)
      and split_part(a.address, ':', 1) <> via
      and exists (select from unnest(addresses) own where split_part(own, ':', 1) = via)
      and exists (select from thread_address o where o.tenant_id = tenant and o.thread_id = a.thread_id
                  and split_part(o.address, ':', 1) = via)
      and not exists (select from thread_address o where o.tenant_id = tenant and o.thread_id = a.thread_id
                      and split_part(o.address, ':', 1) = via and o.address = any (addresses))
$$;

drop function if exists app.hand_over(uuid, uuid, text, text[]);  -- before it was asked when that was written

-- Such an address leads nowhere from now on, where that was written after it was told to be theirs: who comes with it
-- next begins a thread of their own. The old thread is answered by its person's own name, what is about to leave there
-- is looked at anew; says whose thread it was.
create or replace function app.hand_over(
    tenant uuid, account uuid, via text, addresses text[], written timestamptz default 'infinity'
)
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
    perform app.touch_lane(tenant, s.thread_id, true) from (
        select distinct s.thread_id from app.strays(tenant, account, via, addresses) s
        where s.told_at <= written order by s.thread_id) s;
    for stray in
        select s.address, s.thread_id from app.strays(tenant, account, via, addresses) s
        where s.told_at <= written order by s.thread_id
    loop
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

-- Somebody who is at this address now left others: those lead nowhere, nor, where nobody has told what the provider
-- calls them now, the own names they had. What is about to leave is looked at anew; says what they left, and who they are.
create or replace function app.leave_addresses(
    tenant uuid, account uuid, via text, at text, gone text[], unnamed boolean, written timestamptz
)
returns table (address text, contact_id uuid)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
declare theirs uuid; one text;
begin
    perform app.bind(tenant);
    foreach one in array (select array_agg(distinct a order by a) from unnest(gone || at) a) loop
        perform pg_advisory_xact_lock(hashtextextended(tenant::text || account::text || one, 1));
    end loop;
    select a.thread_id into theirs from thread_address a
    where a.tenant_id = tenant and a.account_id = account and a.address = at;
    if not exists (
        select from thread_address a
        where a.tenant_id = tenant and a.account_id = account and a.thread_id = theirs and a.address <> at
          and (a.address = any (gone) or (unnamed and split_part(a.address, ':', 1) = via and a.told_at <= written))) then
        return;
    end if;
    perform app.touch_lane(tenant, theirs, true);
    return query
        with left_behind as (
            delete from thread_address a
            where a.tenant_id = tenant and a.account_id = account and a.thread_id = theirs and a.address <> at
              and (a.address = any (gone) or (unnamed and split_part(a.address, ':', 1) = via and a.told_at <= written))
            returning a.address
        )
        select l.address, t.contact_id from left_behind l join thread t on t.tenant_id = tenant and t.id = theirs;
    if found then
        update thread t set address = at
        where t.tenant_id = tenant and t.id = theirs and not exists (
            select from thread_address a where a.tenant_id = tenant and a.account_id = account
            and a.address = t.address and a.thread_id = theirs);
        insert into audit_entry (tenant_id, id, at, actor_kind, actor_id, actor_name, action, target, detail, request_id)
        values (tenant, uuidv7(), now(), 'system', null, '', 'channels.address_left', theirs::text, '{}', '');
    end if;
end $$;

drop function if exists app.forget_own_names(uuid, uuid, text, text[]);  -- whoever told it again took a new name away

grant execute on function app.strays(uuid, uuid, text, text[]) to lumi_app, lumi_system;
grant execute on function app.hand_over(uuid, uuid, text, text[], timestamptz),
    app.leave_addresses(uuid, uuid, text, text, text[], boolean, timestamptz) to lumi_app;
