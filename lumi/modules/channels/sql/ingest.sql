-- tables: thread, thread_address, event_key, event, lane, delivery, receipt, provider_app, channel_account
-- Ingest: what providers deliver, in one transaction for all that waits at this moment.
-- Lock order: addresses, dedupe keys, lanes, threads that were there before, deliveries.

drop function if exists app.open_thread(uuid, uuid, text, text[]);  -- it wrote into threads whose lanes nobody had locked

-- The thread of a person on an account, under any of the addresses they came with; made if there is none. `widened`:
-- so many addresses are new for a thread that was there, which whoever asks writes down once its lane is locked.
create or replace function app.open_thread(
    tenant uuid, account uuid, via text, addresses text[], written timestamptz, out thread_id uuid, out widened int
)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare one text; is_new boolean;
begin
    foreach one in array (select array_agg(a order by a) from unnest(addresses) a) loop
        perform pg_advisory_xact_lock(hashtextextended(tenant::text || account::text || one, 1));
    end loop;
    select t.id into thread_id
    from thread_address a join thread t on t.tenant_id = a.tenant_id and t.id = a.thread_id
    where a.tenant_id = tenant and a.account_id = account and a.address = any (addresses)
    order by t.created_at, t.id limit 1;
    is_new := thread_id is null;
    if is_new then
        thread_id := uuidv7();
        insert into thread (tenant_id, id, account_id, channel, address)
        values (tenant, thread_id, account, via, addresses[1]);
    end if;
    insert into thread_address (tenant_id, account_id, address, thread_id, told_at)
    select tenant, account, a, open_thread.thread_id, least(written, now()) from unnest(addresses) a order by a
    on conflict do nothing;
    get diagnostics widened = row_count;
    if is_new then
        widened := 0;
    end if;
end $$;

-- Commits items; says of each whether it was new. Parallel arrays: one place is one item. Nothing of them is committed
-- when two addresses of one item lead to two threads (LM001, the item's place in the detail), which are to be united
-- first, or an address is somebody else's by now (LM002, the same), which is to be handed over first, or when one of
-- the threads was closed while we waited for its lane (40001): then once more.
create or replace function app.ingest(
    tenants uuid[], accounts uuid[], channels text[], kinds text[], provider_ids text[],
    firsts text[], seconds text[], payloads jsonb[], sent timestamptz[]
) returns boolean[]
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    threads uuid[]; wider int[]; i int; fresh int[]; is_closed boolean; written timestamptz; theirs text[]; lost text[];
    opened record;
begin
    threads := array(
        select (select a.thread_id from thread_address a
                where a.tenant_id = u.tenant and a.account_id = u.account and a.address = u.address)
        from unnest(tenants, accounts, firsts) with ordinality u (tenant, account, address, place)
        order by u.place);
    for i in
        select u.place from unnest(tenants, accounts, firsts, seconds) with ordinality
            u (tenant, account, address, other, place)
        where threads[u.place] is null or (u.other is not null and not exists (
            select from thread_address a
            where a.tenant_id = u.tenant and a.account_id = u.account and a.address = u.other
              and a.thread_id = threads[u.place]))
        order by least(u.address, u.other), u.place
    loop
        written := coalesce(sent[i], now());
        theirs := array_remove(array[firsts[i], seconds[i]], null);
        if exists (select from app.strays(tenants[i], accounts[i], channels[i], theirs) s where s.told_at <= written) then
            raise exception 'an address is somebody else''s by now' using errcode = 'LM002', detail = i::text;
        end if;
        -- Written before somebody else came with one of them: it takes nothing back.
        lost := array(select s.address from app.strays(tenants[i], accounts[i], channels[i], theirs) s);
        theirs := array(select a from unnest(theirs) with ordinality u (a, place) where a <> all (lost) order by place);
        opened := app.open_thread(tenants[i], accounts[i], channels[i], theirs, written);
        threads[i] := opened.thread_id;
        wider[i] := opened.widened;
        if exists (
            select from thread_address a where a.tenant_id = tenants[i] and a.account_id = accounts[i]
            and a.address = any (theirs) and a.thread_id <> threads[i]) then
            raise exception 'two threads of one person' using errcode = 'LM001', detail = i::text;
        end if;
    end loop;

    with item as materialized (
        select * from unnest(tenants, accounts, threads, kinds, provider_ids, payloads, sent) with ordinality
            u (tenant_id, account_id, thread_id, kind, provider_id, payload, sent_at, place)
    ), first_seen as (
        select distinct on (tenant_id, account_id, provider_id) * from item
        order by tenant_id, account_id, provider_id, place
    ), new_key as (
        insert into event_key (tenant_id, account_id, provider_id)
        select tenant_id, account_id, provider_id from first_seen order by tenant_id, account_id, provider_id
        on conflict do nothing
        returning tenant_id, account_id, provider_id
    ), entered as materialized (
        select f.*, row_number() over w as place_in_lane, count(*) over (partition by f.tenant_id, f.thread_id) as of_lane
        from first_seen f join new_key using (tenant_id, account_id, provider_id)
        window w as (partition by f.tenant_id, f.thread_id order by f.place)
    ), moved as (
        insert into lane as l (tenant_id, key, seq, event_n, ready_at)
        select tenant_id, thread_id, max(of_lane), max(of_lane), now() from entered
        group by tenant_id, thread_id order by tenant_id, thread_id
        on conflict (tenant_id, key) do update
            set seq = l.seq + excluded.seq, event_n = l.event_n + excluded.event_n, ready_at = least(l.ready_at, now())
        returning l.tenant_id, l.key, l.event_n, l.closed_at
    ), stored as (
        insert into event (tenant_id, thread_id, n, kind, provider_id, payload, sent_at)
        select e.tenant_id, e.thread_id, m.event_n - e.of_lane + e.place_in_lane, e.kind, e.provider_id, e.payload, e.sent_at
        from entered e join moved m on m.tenant_id = e.tenant_id and m.key = e.thread_id
    )
    select array_agg(e.place::int), bool_or(m.closed_at is not null) into fresh, is_closed
    from entered e join moved m on m.tenant_id = e.tenant_id and m.key = e.thread_id;
    if is_closed then
        raise exception 'the thread was closed meanwhile' using errcode = 'serialization_failure';
    end if;

    if exists (select from unnest(wider) more where more > 0) then
        perform t.id from thread t where t.id = any (threads) order by t.id for no key update;
        update thread t set new_addresses = t.new_addresses + w.more
        from (select tenant, thread, sum(more)::int as more from unnest(tenants, threads, wider) u (tenant, thread, more)
              where more > 0 group by tenant, thread) w
        where t.tenant_id = w.tenant and t.id = w.thread;
    end if;
    return array(select p = any (coalesce(fresh, '{}')) from generate_series(1, cardinality(tenants)) p order by p);
end $$;

-- How far a delivery has come. Providers take a message first and say later that it failed; only the word that it
-- arrived outranks that.
create or replace function app.delivery_rank(state text) returns int
language sql immutable parallel safe
as $$ select array_position(array['withdrawn','held','committed','sending','unknown','sent','failed','delivered','read'], state) $$;

-- The state of a delivery of which a watermark spoke before it was written down as sent: it arrived, so it was sent.
create or replace function app.as_far(state text, reached text) returns text
language sql immutable parallel safe
as $$
    select case when as_far.state in ('sent', 'delivered') and app.delivery_rank(reached) > app.delivery_rank(as_far.state)
                then reached else as_far.state end
$$;

-- Whether nobody would understand it any more if it left now: what was said after it has left, or the conversation goes
-- on in another one.
create or replace function app.is_past(d delivery) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select exists (select from delivery n where n.tenant_id = d.tenant_id and n.thread_id = d.thread_id and n.n > d.n
                   and n.message_n > d.message_n and n.state in ('sending', 'unknown', 'sent', 'delivered', 'read'))
        or exists (select from lane l where l.tenant_id = d.tenant_id and l.key = d.thread_id and l.closed_at is not null)
$$;

-- Statuses of what we sent: forward only, by rank; kept when we do not know yet what they speak of.
-- keys: our own delivery id where the provider carries it back.
create or replace function app.ingest_receipts(
    tenants uuid[], accounts uuid[], provider_ids text[], states text[], errors text[], keys uuid[]
) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare known int; given_back uuid[];
begin
    perform l.key from lane l
    join (
        select distinct d.tenant_id, d.thread_id
        from unnest(tenants, keys, errors) u (tenant, delivery, error)
        join delivery d on d.tenant_id = u.tenant and d.id = u.delivery
        where d.state in ('sending', 'unknown') or u.error = 'window_closed'
    ) w on w.tenant_id = l.tenant_id and w.thread_id = l.key
    order by l.tenant_id, l.key for update of l;

    with item as (
        select u.*, coalesce(k.id, p.id) as delivery_id
        from unnest(tenants, accounts, provider_ids, states, errors, keys)
            u (tenant_id, account_id, provider_id, state, error, key)
        left join delivery k on k.tenant_id = u.tenant_id and k.account_id = u.account_id and k.id = u.key
        left join delivery p on p.tenant_id = u.tenant_id and p.account_id = u.account_id and p.provider_id = u.provider_id
    ), parked as (
        insert into receipt (tenant_id, account_id, provider_id, state, error)
        select distinct on (tenant_id, account_id, provider_id, state) tenant_id, account_id, provider_id, state, error
        from item where delivery_id is null
        order by tenant_id, account_id, provider_id, state
        on conflict do nothing
    ), best as (
        select distinct on (delivery_id) * from item where delivery_id is not null
        order by delivery_id, app.delivery_rank(state) desc
    ), locked as (
        select d.tenant_id, d.thread_id, d.state as was, b.* from delivery d
        join best b (b_tenant, account, provider, state, error, b_key, delivery_id) on d.id = b.delivery_id
        order by d.thread_id, d.n for update of d
    ), marked as (
        -- That an attempt failed is no news of one that waits, or that left under another name.
        update delivery d set
            state = app.as_far(l.state, d.reached), provider_id = coalesce(d.provider_id, l.provider),
            error = case when l.state = 'failed' then l.error end, settled_at = coalesce(d.settled_at, now())
        from locked l
        where d.id = l.delivery_id and app.delivery_rank(l.state) > app.delivery_rank(d.state)
          and (l.state <> 'failed' or d.state <> 'committed')
          and (l.error is distinct from 'window_closed' or coalesce(d.provider_id, l.provider) = l.provider)
        returning d.id, d.tenant_id, d.thread_id, l.was,
            l.b_key is not null and d.error is not distinct from 'window_closed' and not d.body ? 'template'
                and not app.is_past(d) as shut
    ), woken as (
        update lane l set ready_at = now()
        from (select distinct tenant_id, thread_id from marked where was in ('sending', 'unknown') or shut) m
        where l.tenant_id = m.tenant_id and l.key = m.thread_id and l.closed_at is null
    )
    select count(*), (select array_agg(m.id) from marked m where m.shut) into known, given_back from best;
    -- The provider took these and says now that the window was closed: nothing left. The gate decides anew.
    update delivery d set state = 'committed', provider_id = null, settled_at = null, sending_at = null, reached = null,
        next_try_at = now()
    where d.id = any (given_back);
    return known;
end $$;

-- Apps that may have signed a body on this path, with the accounts that are theirs. Secrets stay sealed.
create or replace function app.provider_apps(via text, only_account uuid)
returns table (tenant_id uuid, app_id uuid, secret bytea, verify_token bytea, account_ids uuid[], external_ids text[])
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select p.tenant_id, p.id, p.secret, p.verify_token, array_agg(a.id order by a.id), array_agg(a.external_id order by a.id)
    from provider_app p
    join channel_account a on a.tenant_id = p.tenant_id and a.app_id = p.id and a.disconnected_at is null
    where p.channel = via and (only_account is null or a.id = only_account)
    group by p.tenant_id, p.id
    order by p.created_at, p.id
$$;

-- Dedupe keys and parked receipts older than any provider repeats; never those of the last two weeks.
create or replace function app.purge_seen(older_than interval) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare gone bigint;
begin
    older_than := greatest(older_than, interval '14 days');
    delete from event_key where seen_at < now() - older_than;
    get diagnostics gone = row_count;
    delete from receipt where seen_at < now() - older_than;
    return gone;
end $$;

alter function app.open_thread(uuid, uuid, text, text[], timestamptz) owner to lumi_system;
alter function app.ingest(uuid[], uuid[], text[], text[], text[], text[], text[], jsonb[], timestamptz[]) owner to lumi_system;
alter function app.ingest_receipts(uuid[], uuid[], text[], text[], text[], uuid[]) owner to lumi_system;
alter function app.provider_apps(text, uuid) owner to lumi_system;
alter function app.purge_seen(interval) owner to lumi_system;
grant execute on function app.is_past(delivery) to lumi_app, lumi_system;
grant execute on function app.delivery_rank(text), app.as_far(text, text) to lumi_app, lumi_system;
grant execute on function app.ingest(uuid[], uuid[], text[], text[], text[], text[], text[], jsonb[], timestamptz[]) to lumi_app;
grant execute on function app.ingest_receipts(uuid[], uuid[], text[], text[], text[], uuid[]) to lumi_app;
grant execute on function app.provider_apps(text, uuid), app.purge_seen(interval) to lumi_app;
