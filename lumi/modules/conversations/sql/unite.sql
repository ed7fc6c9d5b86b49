-- tables: lane, thread, thread_address, event, attachment, message, delivery, audit_entry
-- Two threads of one person on one account become one: the older survives, the younger is closed with a pointer to it.
-- Lock order: addresses, lanes by key, threads by id.

-- All these addresses are one person's: they lead to one thread from now on, the oldest of those they led to. It comes
-- first in the answer, those that were closed behind it; empty when none of the addresses is known. `moved`: the
-- person is reached at the first of a kind from now on.
create or replace function app.unite_threads(tenant uuid, account uuid, addresses text[], moved boolean) returns uuid[]
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare known uuid[]; survivor uuid; one text; more int;
begin
    perform app.bind(tenant);
    foreach one in array (select array_agg(distinct a order by a) from unnest(addresses) a) loop
        perform pg_advisory_xact_lock(hashtextextended(tenant::text || account::text || one, 1));
    end loop;
    known := app.threads_at(tenant, account, addresses);
    if cardinality(known) = 0 then
        return known;
    end if;
    insert into lane (tenant_id, key) select tenant, k from unnest(known) k order by k on conflict do nothing;
    perform l.key from lane l where l.tenant_id = tenant and l.key = any (known) order by l.key for update of l;
    if known <> app.threads_at(tenant, account, addresses) then  -- by other addresses of theirs, a moment ago
        raise exception 'the threads were united meanwhile' using errcode = 'serialization_failure';
    end if;

    perform t.id from thread t where t.tenant_id = tenant and t.id = any (known) order by t.id for no key update of t;
    survivor := known[1];
    for place in 2 .. cardinality(known) loop
        perform app.absorb_thread(tenant, known[place], survivor);
    end loop;
    insert into thread_address (tenant_id, account_id, address, thread_id)
    select tenant, account, a, survivor from (select distinct unnest(addresses) a) x order by a
    on conflict do nothing;
    get diagnostics more = row_count;
    update thread t set new_addresses = t.new_addresses + more, address = coalesce((
        select a from unnest(addresses) with ordinality u (a, place)
        where moved and split_part(a, ':', 1) = split_part(t.address, ':', 1) order by u.place limit 1), t.address)
    where t.tenant_id = tenant and t.id = survivor and (more > 0 or moved);
    return known;
end $$;

-- The threads these addresses lead to, the oldest first.
create or replace function app.threads_at(tenant uuid, account uuid, addresses text[]) returns uuid[]
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select coalesce(array_agg(t.id order by t.created_at, t.id), '{}') from thread t
    where t.tenant_id = tenant and t.id in (
        select a.thread_id from thread_address a
        where a.tenant_id = tenant and a.account_id = account and a.address = any (addresses))
$$;

-- Closes the younger; whoever works on it is fenced. Both lanes and both threads are locked.
create or replace function app.absorb_thread(tenant uuid, younger uuid, survivor uuid) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    update lane l set owner = null, ready_at = null, epoch = l.epoch + 1, crashes = 0, closed_at = clock_timestamp()
    where l.tenant_id = tenant and l.key = younger;
    update thread_address a set thread_id = survivor where a.tenant_id = tenant and a.thread_id = younger;

    update thread s set
        held_by = coalesce(s.held_by, y.held_by),
        held_at = case when s.held_by is null then y.held_at else s.held_at end,
        wants_human_at = case when coalesce(s.held_by, y.held_by) is null then least(s.wants_human_at, y.wants_human_at) end,
        quiet_until = greatest(s.quiet_until, y.quiet_until),
        language = coalesce(s.language, y.language),
        contact_id = coalesce(s.contact_id, y.contact_id),
        new_addresses = s.new_addresses + 1,
        opted_out_at = coalesce(s.opted_out_at, y.opted_out_at), blocked_at = greatest(s.blocked_at, y.blocked_at),
        heard_at = greatest(s.heard_at, y.heard_at, (
            select least(e.sent_at, e.received_at) from event e where e.tenant_id = tenant and e.thread_id = younger and e.kind = 'message'
            order by e.n desc limit 1)),
        active_at = now()
    from thread y
    where s.tenant_id = tenant and s.id = survivor and y.tenant_id = tenant and y.id = younger;
    update thread t set merged_into = survivor, merged_at = coalesce(t.merged_at, clock_timestamp()),
        held_by = null, held_at = null, wants_human_at = null, quiet_until = null
    where t.tenant_id = tenant and younger in (t.id, t.merged_into);

    perform app.carry_over(tenant, younger);
    insert into audit_entry (tenant_id, id, at, actor_kind, actor_id, actor_name, action, target, detail, request_id)
    values (tenant, uuidv7(), now(), 'system', null, '', 'conversations.merged', survivor::text,
            jsonb_build_object('merged', younger), '');
end $$;

-- What is not finished in a closed thread goes on in the one it leads to: what nobody settled, what has not left, and
-- with that its words and what it answers. Given new numbers in the old order; says how many rows went. What is settled
-- stays. Both lanes are locked here, in the order of their keys.
create or replace function app.carry_over(tenant uuid, younger uuid) returns int
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare
    survivor uuid; events bigint[]; messages bigint[]; deliveries bigint[]; last lane;
begin
    perform app.bind(tenant);
    select t.merged_into into survivor from thread t where t.tenant_id = tenant and t.id = younger;
    if survivor is null then
        return 0;
    end if;
    perform l.key from lane l where l.tenant_id = tenant and l.key in (younger, survivor) order by l.key for update of l;

    events := array(
        select e.n from event e where e.tenant_id = tenant and e.thread_id = younger and (
            e.settled_at is null or e.settled_by = 'parked' or e.turn_id in (
                select (d.body ->> 'turn_id')::uuid from delivery d
                where d.tenant_id = tenant and d.thread_id = younger and d.settled_at is null))
        order by e.n);
    messages := array(
        select m.n from message m where m.tenant_id = tenant and m.thread_id = younger and (
            m.event_n = any (events) or m.n in (
                select d.message_n from delivery d
                where d.tenant_id = tenant and d.thread_id = younger and d.settled_at is null))
        order by m.n);
    deliveries := array(
        select d.n from delivery d
        where d.tenant_id = tenant and d.thread_id = younger and (d.settled_at is null or d.message_n = any (messages))
        order by d.n);

    update lane l set seq = l.seq + 1, event_n = l.event_n + cardinality(events),
        message_n = l.message_n + cardinality(messages), delivery_n = l.delivery_n + cardinality(deliveries),
        ready_at = least(l.ready_at, now())
    where l.tenant_id = tenant and l.key = survivor
    returning l.* into last;

    update event e set thread_id = survivor,
        n = last.event_n - cardinality(events) + array_position(events, e.n)
    where e.tenant_id = tenant and e.thread_id = younger and e.n = any (events);
    update attachment a set thread_id = survivor,
        event_n = last.event_n - cardinality(events) + array_position(events, a.event_n)
    where a.tenant_id = tenant and a.thread_id = younger and a.event_n = any (events);
    update attachment a set thread_id = survivor
    from message m
    where m.tenant_id = tenant and m.thread_id = younger and m.n = any (messages)
      and a.tenant_id = tenant and a.message_id = m.id;
    update message m set thread_id = survivor,
        n = last.message_n - cardinality(messages) + array_position(messages, m.n),
        event_n = last.event_n - cardinality(events) + array_position(events, m.event_n)
    where m.tenant_id = tenant and m.thread_id = younger and m.n = any (messages);
    update delivery d set thread_id = survivor,
        n = last.delivery_n - cardinality(deliveries) + array_position(deliveries, d.n),
        message_n = coalesce(last.message_n - cardinality(messages) + array_position(messages, d.message_n), d.message_n)
    where d.tenant_id = tenant and d.thread_id = younger and d.n = any (deliveries);
    perform pg_notify('lumi_wake', 'lanes');
    return cardinality(events) + cardinality(messages) + cardinality(deliveries);
end $$;

grant execute on function app.unite_threads(uuid, uuid, text[], boolean), app.threads_at(uuid, uuid, text[]),
    app.absorb_thread(uuid, uuid, uuid), app.carry_over(uuid, uuid) to lumi_app;
