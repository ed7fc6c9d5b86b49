-- tables: lane, event, message, thread, contact, delivery, turn, job, thread_address, receipt, dead_letter, audit_entry
-- The turn: begin (record and load), save, depart, finish. Every write is fenced by the lane's owner and epoch.

-- What these two return has changed since they first landed, and `create or replace` cannot change that.
drop function if exists app.begin_turns(int, uuid, uuid[], bigint[]);
drop function if exists app.delivery_facts(delivery);

-- Locks the lanes this worker still owns, writes their new events into the ledger, and loads what a turn reads.
create or replace function app.begin_turns(worker int, tenant uuid, keys uuid[], epochs bigint[])
returns table (lane_key uuid, state json)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare mine uuid[]; carrying boolean;
begin
    perform app.bind(tenant);
    mine := array(
        select l.key from lane l join unnest(keys, epochs) u (key, epoch) on l.key = u.key and l.epoch = u.epoch
        where l.tenant_id = tenant and l.key = any (keys) and l.owner = worker order by l.key for update of l);

    with fresh as (
        select e.thread_id, e.n, e.payload, e.received_at,
               row_number() over (partition by e.thread_id order by e.n) as place
        from event e
        where e.tenant_id = tenant and e.thread_id = any (mine) and e.settled_at is null and e.recorded_at is null
          and e.kind = 'message' and e.due_at <= clock_timestamp()
          -- What a person wrote elsewhere stands where it was said: it is applied before what came after it.
          and not exists (select from event s where s.tenant_id = tenant and s.thread_id = e.thread_id
                          and s.settled_at is null and s.kind = 'echo' and s.n < e.n)
    ), written as (
        insert into message (tenant_id, thread_id, n, id, author, kind, text, event_n, created_at)
        select tenant, f.thread_id, l.message_n + f.place, uuidv7(), 'contact',
               coalesce(f.payload ->> 'kind', 'text'), coalesce(f.payload ->> 'text', ''), f.n, f.received_at
        from fresh f join lane l on l.tenant_id = tenant and l.key = f.thread_id and l.key = any (mine)
    ), numbered as (
        update lane l set message_n = l.message_n + f.new
        from (select thread_id, max(place) as new from fresh group by thread_id) f
        where l.tenant_id = tenant and l.key = f.thread_id and l.key = any (mine)
    ), recorded as (
        update event e set recorded_at = clock_timestamp()
        from fresh f
        where e.tenant_id = tenant and e.thread_id = any (mine) and e.thread_id = f.thread_id and e.n = f.n and e.settled_at is null
        returning f.payload ? 'media' as carries
    )
    select bool_or(carries) into carrying from recorded;
    if carrying then
        perform app.attach(tenant, mine);
    end if;

    return query
    select l.key, json_build_object(
        'seq', l.seq,
        'account_id', t.account_id, 'channel', t.channel, 'address', t.address, 'language', t.language,
        'addresses', (select json_agg(a.address order by a.address) from thread_address a
                      where a.tenant_id = tenant and a.thread_id = t.id),
        'contact_id', t.contact_id, 'new_addresses', t.new_addresses,
        'held_by', t.held_by,  -- read by workers of the release before
        'held', t.held_by is not null or coalesce(t.quiet_until > clock_timestamp(), false),
        'parked', exists (select from event p where p.tenant_id = tenant and p.thread_id = l.key and p.settled_by = 'parked'),
        'wants_human', t.wants_human_at is not null,
        'stopped', c.stopped_at is not null,
        'time_zone', c.time_zone,
        'waiting', exists (select from delivery w where w.tenant_id = tenant and w.thread_id = l.key and w.held_at is not null),
        'events', (
            select coalesce(json_agg(json_build_object(
                'n', e.n, 'kind', e.kind, 'provider_id', e.provider_id, 'payload', e.payload, 'sent_at', e.sent_at, 'received_at', e.received_at,
                'attached', case when e.payload ? 'media' then app.attached(tenant, l.key, e.n) end
            ) order by e.n), '[]')
            from (select * from event v where v.tenant_id = tenant and v.thread_id = l.key and v.settled_at is null
                  and v.due_at <= clock_timestamp() order by v.n limit 50) e),
        'deliveries', (
            select coalesce(json_agg(app.delivery_facts(d) order by d.n), '[]') from delivery d
            where d.tenant_id = tenant and d.thread_id = l.key and d.settled_at is null),
        'last_inbound_at', greatest(t.heard_at, heard.at),
        'reply', heard.reply,
        'answered', case when heard.reply is not null then (  -- where two machines may answer each other
            select coalesce(json_agg(a.at order by a.at), '[]') from (
                select max(v.sending_at) as at from (
                    select d.message_n, d.author, d.sending_at from delivery d
                    where d.tenant_id = tenant and d.thread_id = l.key order by d.n desc limit 200) v
                where v.author = 'assistant' and v.sending_at > clock_timestamp() - interval '1 day'
                group by v.message_n) a) end,
        'history', (
            select coalesce(json_agg(json_build_object('n', h.n, 'author', h.author, 'lang', h.lang, 'text', h.text, 'choices', h.choices) order by h.n), '[]')
            from (select m.n, m.author, m.lang, left(m.text, 500) as text, m.choices from message m
                  where m.tenant_id = tenant and m.thread_id = l.key order by m.n desc limit 8) h)
    )
    from lane l
    join thread t on t.tenant_id = tenant and t.id = l.key
    left join contact c on c.tenant_id = tenant and c.id = t.contact_id
    left join lateral (
        select max(h.at) as at, (array_agg(h.reply order by h.n desc))[1] as reply
        from (select e.n, least(e.sent_at, e.received_at) as at, e.payload -> 'reply' as reply  -- late, it opens no window
              from event e where e.tenant_id = tenant and e.thread_id = l.key and e.kind = 'message'
              order by e.n desc limit 5) h) heard on true
    where l.tenant_id = tenant and l.key = any (mine);
end $$;

-- What the gate needs to know of a delivery.
create or replace function app.delivery_facts(d delivery) returns json
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select json_build_object(
        'id', d.id, 'n', d.n, 'account_id', d.account_id, 'message_n', d.message_n, 'author', d.author, 'body', d.body,
        'state', d.state, 'attempt', d.attempt, 'epoch', d.epoch, 'next_try_at', d.next_try_at,
        'valid_until', d.valid_until, 'sending_at', d.sending_at, 'purpose', d.purpose, 'continues', d.continues,
        'shut', coalesce(d.error = 'window_closed', false) and not exists (  -- unless they have written since
            select from event e where e.tenant_id = d.tenant_id and e.thread_id = d.thread_id and e.kind = 'message'
            and least(e.sent_at, e.received_at) > d.sending_at))
$$;

-- Saves turns that are still wanted. Of each: saved, moved (something newer came: think again) or fenced.
-- A final one is saved although the lane moved: what it did not read stays open for the next turn.
create or replace function app.save_turns(worker int, tenant uuid, items jsonb)
returns table (place int, outcome text)
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare outcomes text[]; good jsonb; keys uuid[];
begin
    perform app.bind(tenant);
    keys := array(select (i ->> 'key')::uuid from jsonb_array_elements(items) i);
    perform l.key from lane l where l.tenant_id = tenant and l.key = any (keys) order by l.key for update;

    select array_agg(case
            when l.key is null then 'fenced'
            when l.seq <> (i.item ->> 'seq')::bigint and not (i.item ->> 'final')::boolean then 'moved'
            else 'saved' end order by i.ordinality),
        jsonb_agg(i.item order by i.ordinality) filter (
            where l.key is not null and (l.seq = (i.item ->> 'seq')::bigint or (i.item ->> 'final')::boolean))
    into outcomes, good
    from jsonb_array_elements(items) with ordinality i (item, ordinality)
    left join lane l on l.tenant_id = tenant and l.key = any (keys) and l.key = (i.item ->> 'key')::uuid
        and l.owner = worker and l.epoch = (i.item ->> 'epoch')::bigint;

    if good is not null then
        perform app.write_turns(tenant, good);
    end if;
    return query select u.p::int, u.o from unnest(outcomes) with ordinality u (o, p);
end $$;

-- Writes what save_turns let through: settled events, ledger, deliveries, thread, turn record, news.
create or replace function app.write_turns(tenant uuid, items jsonb) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare keys uuid[] := array(select (i ->> 'key')::uuid from jsonb_array_elements(items) i);
begin
    update event e set settled_at = clock_timestamp(), settled_by = s.settled_by, turn_id = s.turn_id
    from jsonb_to_recordset(items) i (key uuid, turn jsonb, settled jsonb)
    cross join lateral (
        select (x ->> 'n')::bigint as n, x ->> 'by' as settled_by, (i.turn ->> 'id')::uuid as turn_id
        from jsonb_array_elements(i.settled) x) s
    where e.tenant_id = tenant and e.thread_id = any (keys) and e.thread_id = i.key and e.n = s.n and e.settled_at is null;

    if items @? '$[*].dead_reason' then
        insert into dead_letter (tenant_id, id, source, origin, body, reason)
        select tenant, uuidv7(), 'event', i.key::text || '/' || e.n, convert_to(e.payload::text, 'UTF8'), i.dead_reason
        from jsonb_to_recordset(items) i (key uuid, settled jsonb, dead_reason text)
        cross join lateral jsonb_to_recordset(i.settled) s (n bigint, by text)
        join event e on e.tenant_id = tenant and e.thread_id = any (keys) and e.thread_id = i.key and e.n = s.n
        where s.by = 'dead';
    end if;

    with said as (
        select i.key, i.account_id, i.turn ->> 'id' as turn_id, m.*,
               row_number() over (partition by i.key order by m.place) as nth
        from jsonb_to_recordset(items) i (key uuid, account_id uuid, turn jsonb, messages jsonb)
        cross join lateral (
            select place, r.* from jsonb_array_elements(i.messages) with ordinality x (one, place)
            cross join lateral jsonb_to_record(x.one) r (
                id uuid, author text, text text, parts jsonb, lang text, sources jsonb, handover boolean,
                confirms_stop boolean, valid_for int, delivery_id uuid, plain text, choices jsonb, reply jsonb)) m
    ), numbered as (
        select s.*, l.message_n + s.nth as message_n, l.delivery_n
        from said s cross join lateral (  -- one look each: a join is planned as a scan of the tenant's lanes
            select n.message_n, n.delivery_n from lane n where n.tenant_id = tenant and n.key = s.key limit 1) l
    ), part as (
        select n.key, n.delivery_n, n.account_id, n.message_n, n.author, n.id, n.turn_id, n.confirms_stop, n.valid_for, n.nth, n.reply,
               p.delivery_id, p.plain, p.spoken, p.choices, row_number() over (partition by n.key order by n.place, p.part) as nth_part
        from numbered n cross join lateral (
            select r.*, x.part  -- workers of the release before know no parts
            from jsonb_array_elements(coalesce(n.parts, jsonb_build_array(jsonb_build_object(
                'delivery_id', n.delivery_id, 'plain', n.plain)))) with ordinality x (one, part)
            cross join lateral jsonb_to_record(x.one) r (delivery_id uuid, plain text, spoken jsonb, choices jsonb)) p
    ), ledger as (
        insert into message (tenant_id, thread_id, n, id, author, text, lang, sources, handover, choices)
        select tenant, key, message_n, id, author, text, lang, sources, handover, coalesce(choices, '[]') from numbered
    ), outgoing as (
        insert into delivery (tenant_id, id, thread_id, n, account_id, message_n, author, body, next_try_at, valid_until)
        select tenant, delivery_id, key, delivery_n + nth_part, account_id, message_n, author,
               jsonb_build_object('text', plain, 'message_id', id, 'turn_id', turn_id, 'confirms_stop', confirms_stop)
                   || case when spoken is null then '{}' else jsonb_build_object('spoken', spoken) end
                   || case when choices <> '[]' then jsonb_build_object('choices', choices) else '{}' end
                   || case when jsonb_typeof(reply) = 'object' then jsonb_build_object('reply', reply) else '{}' end, now(), now() + make_interval(secs => valid_for)
        from part
    )
    update lane l set message_n = l.message_n + c.new, delivery_n = l.delivery_n + c.leaving
    from (select key, max(nth) as new, max(nth_part) as leaving from part group by key) c
    where l.tenant_id = tenant and l.key = any (keys) and l.key = c.key;

    -- the place in the inbox is right to the second: a row of six indexes is not written anew for each of five messages
    update thread t set
        active_at = case when t.active_at < now() - interval '1 s' then now() else t.active_at end,
        language = coalesce(i.language, t.language),
        wants_human_at = case when i.wants_human then coalesce(t.wants_human_at, now()) else t.wants_human_at end
    from jsonb_to_recordset(items) i (key uuid, language text, wants_human boolean)
    where t.tenant_id = tenant and t.id = any (keys) and t.id = i.key
      and (t.active_at < now() - interval '1 s' or t.language is distinct from coalesce(i.language, t.language)
           or (i.wants_human and t.wants_human_at is null));

    if items @? '$[*].stopped ? (@ != null)' then
        perform app.write_silence(tenant, items);
        perform pg_notify('lumi_wake', 'jobs');
    end if;

    insert into turn (tenant_id, id, thread_id, seq, epoch, attempt, input, commands, effects, began_at)
    select tenant, r.id, i.key, i.seq, i.epoch, r.attempt, r.input, r.commands, r.effects, r.began_at
    from jsonb_to_recordset(items) i (key uuid, seq bigint, epoch bigint, turn jsonb)
    cross join lateral jsonb_to_record(i.turn) r (
        id uuid, attempt int, input jsonb, commands jsonb, effects jsonb, began_at timestamptz);

    if items @? '$[*].jobs[*]' then
        insert into job (id, tenant_id, kind, args)
        select j.id, tenant, j.kind, j.args
        from jsonb_to_recordset(items) i (jobs jsonb)
        cross join lateral jsonb_to_recordset(i.jobs) j (id uuid, kind text, args jsonb);
        perform pg_notify('lumi_wake', 'jobs');
    end if;
end $$;

-- Who wants to hear no more, or again: the same in every row of the person, with the audit and the news of contacts,
-- once and only where something changed.
create or replace function app.write_silence(tenant uuid, items jsonb) returns void
language sql volatile set search_path = pg_catalog, public, pg_temp
as $$
    with wish as (
        select distinct on (coalesce(o.merged_into, o.id)) coalesce(o.merged_into, o.id) as person, i.stopped,
               i.news_kinds, i.turn ->> 'id' as turn_id
        from jsonb_to_recordset(items) i (contact_id uuid, stopped boolean, news_kinds jsonb, turn jsonb)
        join contact o on o.tenant_id = tenant and o.id = i.contact_id
        where i.stopped is not null
        order by coalesce(o.merged_into, o.id)
    ), changed as (
        update contact c set stopped_at = case when w.stopped then now() end, version = c.version + (c.id = w.person)::int
        from wish w
        where c.tenant_id = tenant and w.person in (c.id, c.merged_into) and (c.stopped_at is not null) <> w.stopped
        returning c.id, c.name, w.*
    ), noted as (
        insert into audit_entry (
            tenant_id, id, at, actor_kind, actor_id, actor_name, action, target, detail, request_id)
        select tenant, uuidv7(), now(), 'contact', c.id, coalesce(c.name, ''),
               case when c.stopped then 'contacts.contact_stopped' else 'contacts.contact_resumed' end,
               'contact:' || c.id, jsonb_build_object('turn', c.turn_id), c.turn_id
        from changed c where c.id = c.person
    )
    insert into job (id, tenant_id, kind, args)
    select uuidv7(), tenant, k, jsonb_build_object('contact_id', c.id)
    from changed c cross join lateral jsonb_array_elements_text(c.news_kinds) k where c.id = c.person
$$;

-- Commits that a post is about to begin. Nothing departs when the lane is not ours or moved since the gate looked.
create or replace function app.depart(worker int, tenant uuid, keys uuid[], epochs bigint[], seqs bigint[], ids uuid[])
returns boolean[]
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare gone uuid[];
begin
    perform app.bind(tenant);
    perform l.key from lane l where l.tenant_id = tenant and l.key = any (keys) order by l.key for update;
    with departing as (
        update delivery d set state = 'sending', attempt = d.attempt + 1, epoch = u.epoch, sending_at = clock_timestamp()
        from unnest(keys, epochs, seqs, ids) u (key, epoch, seq, id)
        join lane l on l.tenant_id = tenant and l.key = any (keys) and l.key = u.key
            and l.owner = worker and l.epoch = u.epoch and l.seq = u.seq
        where d.tenant_id = tenant and d.id = any (ids) and d.id = u.id and d.state = 'committed'
          and d.purpose <> 'proactive'  -- these are counted when they leave
        returning d.id
    )
    select array_agg(id) into gone from departing;
    return array(select u.id = any (coalesce(gone, '{}')) from unnest(ids) with ordinality u (id, p) order by p);
end $$;

-- Whether a provider has said what became of a post, before the turn that posted it has ended.
create or replace function app.has_word(tenant uuid, delivery_id uuid) returns boolean
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    return not exists (select from delivery d where d.tenant_id = tenant and d.id = delivery_id and d.state = 'sending');
end $$;

-- Ends turns: marks outcomes, frees lanes, due again at the earliest of open event, waiting delivery, timer.
-- Repeatable: the fence makes a second call do nothing. A turn that failed keeps its count of crashes.
create or replace function app.finish_turns(worker int, items jsonb) returns uuid[]
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
    mine jsonb; freed uuid[];
    tenants uuid[] := array(select (i ->> 'tenant')::uuid from jsonb_array_elements(items) i);
    keys uuid[] := array(select (i ->> 'key')::uuid from jsonb_array_elements(items) i);
begin
    mine := (
        select coalesce(jsonb_agg(o.item), '[]') from (
            select x.item from lane l
            join jsonb_array_elements(items) x (item)
                on l.tenant_id = (x.item ->> 'tenant')::uuid and l.key = (x.item ->> 'key')::uuid
                and l.epoch = (x.item ->> 'epoch')::bigint
            where l.tenant_id = any (tenants) and l.key = any (keys) and l.owner = worker
            order by l.tenant_id, l.key for update of l) o);

    perform app.mark_deliveries(mine);
    if mine @? '$[*].marks[*].reopen ? (@ != null)' then
        perform app.reopen_events(i.tenant, i.key, i.marks)
        from jsonb_to_recordset(mine) i (tenant uuid, key uuid, marks jsonb);
    end if;

    with due as (
        select i.tenant, i.key, i.not_before, i.failed, least(
            (select min(e.due_at) from event e
             where e.tenant_id = i.tenant and e.thread_id = i.key and e.settled_at is null),
            (select min(case when d.state = 'sending' then d.sending_at + interval '15 s' else d.next_try_at end)
             from delivery d
             where d.tenant_id = i.tenant and d.thread_id = i.key and d.settled_at is null)) as at
        from jsonb_to_recordset(mine) i (tenant uuid, key uuid, not_before timestamptz, failed boolean)
    ), freeing as (
        update lane l set owner = null, crashes = case when due.failed then l.crashes else 0 end,
            ready_at = case when due.at is not null then greatest(due.at, due.not_before) end
        from due
        where l.tenant_id = any (tenants) and l.key = any (keys) and l.tenant_id = due.tenant and l.key = due.key
        returning l.key
    )
    select array_agg(key) into freed from freeing;
    return coalesce(freed, '{}');
end $$;

-- Writes down outcomes before a turn is over; false, and nothing written, where the lane is no longer this worker's.
create or replace function app.mark_early(worker int, tenant uuid, lane_key uuid, lane_epoch bigint, items jsonb)
returns boolean language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    perform from lane l
    where l.tenant_id = tenant and l.key = lane_key and l.owner = worker and l.epoch = lane_epoch for update of l;
    if found then
        perform app.mark_deliveries(items);
    end if;
    return found;
end $$;

-- An answer that never left and came too late gives its questions back.
create or replace function app.reopen_events(tenant uuid, thread uuid, marks jsonb) returns void
language sql volatile set search_path = pg_catalog, public, pg_temp
as $$
    update event e set settled_at = null, settled_by = null, turn_id = null
    from jsonb_to_recordset(marks) m (reopen uuid)
    where e.tenant_id = tenant and e.thread_id = thread and e.turn_id = m.reopen
$$;

-- Outcomes of deliveries, forward only; a status that came before its provider id was known is applied here, and a
-- watermark that came before its post was written down. What of that spoke of an attempt that failed is forgotten.
create or replace function app.mark_deliveries(items jsonb) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare ids uuid[] := array(
    select (m ->> 'id')::uuid from jsonb_array_elements(items) i cross join lateral jsonb_array_elements(i -> 'marks') m);
begin
    update delivery d set
        (state, error) = (
            select app.as_far(
                       case when app.delivery_rank(coalesce(r.state, '')) > app.delivery_rank(m.state) then r.state else m.state end,
                       d.reached),
                   coalesce(r.error, m.error)
            from (select) one left join (
                select p.state, p.error from receipt p
                where p.tenant_id = d.tenant_id and p.account_id = d.account_id and p.provider_id = m.provider_id
                order by app.delivery_rank(p.state) desc limit 1) r on true),
        provider_id = coalesce(m.provider_id, d.provider_id),
        next_try_at = case when m.state = 'committed' then clock_timestamp() + make_interval(secs => m.pause) end,
        -- workers of the release before say nothing of these
        attempt = d.attempt + coalesce(m.tried, false)::int - coalesce(m.uncounted, false)::int,
        settled_at = case when m.state not in ('committed', 'sending') then clock_timestamp() end,
        held_at = case when m.state = 'held' then clock_timestamp() end,
        reached = case when m.state in ('sending', 'unknown') then d.reached end
    from jsonb_to_recordset(items) i (tenant uuid, key uuid, marks jsonb)
    cross join lateral jsonb_to_recordset(i.marks) m (
        id uuid, state text, provider_id text, error text, pause double precision, tried boolean, uncounted boolean)
    where d.id = any (ids) and d.tenant_id = i.tenant and d.thread_id = i.key and d.id = m.id
      and (d.state in ('committed', 'sending') or app.delivery_rank(m.state) > app.delivery_rank(d.state))
      and not (d.state = 'committed' and m.state = 'sent');  -- given back meanwhile: the window was closed
end $$;

alter function app.finish_turns(int, jsonb) owner to lumi_system;
grant execute on function app.finish_turns(int, jsonb) to lumi_app;
grant execute on function app.mark_deliveries(jsonb), app.reopen_events(uuid, uuid, jsonb) to lumi_app, lumi_system;
grant execute on function app.begin_turns(int, uuid, uuid[], bigint[]), app.delivery_facts(delivery),
    app.save_turns(int, uuid, jsonb), app.write_turns(uuid, jsonb), app.write_silence(uuid, jsonb),
    app.depart(int, uuid, uuid[], bigint[], bigint[], uuid[]), app.has_word(uuid, uuid),
    app.mark_early(int, uuid, uuid, bigint, jsonb) to lumi_app;
