-- tables: lane, thread, contact, event, message, delivery, consent
-- What becomes of a message that may not leave as it is: counted, sent as a template, said in another lane, or held.
-- Each is one transaction under the lane's lock and its fence; nothing is written for a lane that is not ours.

-- Whether this worker has the lane, at the version the gate saw; it is locked if so. A delivery may be handled as long
-- as it is committed.
create or replace function app.handles(worker int, tenant uuid, lane_key uuid, lane_epoch bigint, lane_seq bigint, delivery_id uuid)
returns boolean
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    perform from lane l
    where l.tenant_id = tenant and l.key = lane_key and l.owner = worker and l.epoch = lane_epoch and l.seq = lane_seq
    for update of l;
    return found and exists (
        select from delivery d
        where d.tenant_id = tenant and d.thread_id = lane_key and d.id = delivery_id and d.state = 'committed');
end $$;

drop function if exists app.depart_proactive(int, uuid, uuid, bigint, bigint, uuid, int, int);  -- knew no consent

-- Commits that the post of something nobody asked for begins, and counts it: `gone`, `moved` (look again), `opted_out`
-- or `blocked` where the provider lets none of it through, `no_consent`, `day_full` or `week_full`. All threads of the
-- person count together, under a lock of that person: of two workers one waits and then sees what the other sent. The
-- newest word of the person on being written to counts; where there is none, whether one is needed.
create or replace function app.depart_proactive(
    worker int, tenant uuid, lane_key uuid, lane_epoch bigint, lane_seq bigint, delivery_id uuid, per_day int, per_week int,
    needs_consent boolean default false
) returns text
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare person uuid; said int; today int; week int;
begin
    if not app.handles(worker, tenant, lane_key, lane_epoch, lane_seq, delivery_id) then
        return 'moved';
    end if;
    select coalesce(c.merged_into, c.id) into person
    from thread t join contact c on c.tenant_id = tenant and c.id = t.contact_id
    where t.tenant_id = tenant and t.id = lane_key;
    perform pg_advisory_xact_lock(hashtextextended(tenant::text || coalesce(person, lane_key)::text, 3));
    if app.shuns(tenant, lane_key) is not null then
        return app.shuns(tenant, lane_key);
    end if;

    if coalesce((
        select x.state from contact c join consent x on x.tenant_id = tenant and x.contact_id = c.id
        where c.tenant_id = tenant and person in (c.id, c.merged_into) and x.purpose = 'proactive'
        order by x.id desc limit 1) <> 'granted', needs_consent) then
        return 'no_consent';
    end if;

    select d.message_n into said from delivery d where d.tenant_id = tenant and d.id = delivery_id;
    select count(distinct (d.thread_id, d.message_n)) filter (where d.sending_at > clock_timestamp() - interval '24 h'),
           count(distinct (d.thread_id, d.message_n))
    into today, week
    from delivery d
    where d.tenant_id = tenant and d.purpose = 'proactive' and d.sending_at > clock_timestamp() - interval '168 h'
      and d.state in ('sending', 'unknown', 'sent', 'delivered', 'read')
      and (d.thread_id, d.message_n) <> (lane_key, said)
      and d.thread_id in (
          select lane_key union all
          select t.id from thread t join contact c on c.tenant_id = tenant and c.id = t.contact_id
          where t.tenant_id = tenant and person in (c.id, c.merged_into));
    if today >= per_day then
        return 'day_full';
    elsif week >= per_week then
        return 'week_full';
    end if;
    update delivery d set state = 'sending', attempt = d.attempt + 1, epoch = lane_epoch, sending_at = clock_timestamp()
    where d.tenant_id = tenant and d.id = delivery_id;
    return 'gone';
end $$;

-- Has a delivery leave as a template.
create or replace function app.as_template(
    worker int, tenant uuid, lane_key uuid, lane_epoch bigint, lane_seq bigint, delivery_id uuid, template jsonb
) returns boolean
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not app.handles(worker, tenant, lane_key, lane_epoch, lane_seq, delivery_id) then
        return false;
    end if;
    update delivery d set body = d.body || jsonb_build_object('template', template)
    where d.tenant_id = tenant and d.id = delivery_id;
    return true;
end $$;

-- Asks the person to write, once as long as they have not: a message of its own, which leaves as a template. What it
-- asks for is held by who called. False when they have been asked.
create or replace function app.invite(
    worker int, tenant uuid, lane_key uuid, lane_epoch bigint, lane_seq bigint, delivery_id uuid, message_id uuid, reads text,
    template jsonb
) returns boolean
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not app.handles(worker, tenant, lane_key, lane_epoch, lane_seq, delivery_id) or exists (
        select from delivery d
        where d.tenant_id = tenant and d.thread_id = lane_key and d.body ? 'invites' and d.created_at > coalesce((
            select e.received_at from event e
            where e.tenant_id = tenant and e.thread_id = lane_key and e.kind = 'message' order by e.n desc limit 1),
            '-infinity')) then
        return false;
    end if;
    with numbered as (
        update lane l set message_n = l.message_n + 1, delivery_n = l.delivery_n + 1
        where l.tenant_id = tenant and l.key = lane_key returning l.message_n, l.delivery_n
    ), said as (
        insert into message (tenant_id, thread_id, n, id, author, text)
        select tenant, lane_key, message_n, message_id, 'system', reads from numbered
    )
    insert into delivery (tenant_id, id, thread_id, n, account_id, message_n, author, purpose, body, next_try_at)
    select tenant, uuidv7(), lane_key, numbered.delivery_n, d.account_id, numbered.message_n, 'system', d.purpose,
           jsonb_build_object('text', reads, 'message_id', message_id, 'template', template, 'invites', d.id),
           clock_timestamp()
    from numbered, delivery d where d.tenant_id = tenant and d.id = delivery_id;
    return true;
end $$;

-- Says in another thread of the same person what cannot be said in this one: withdrawn here, a message and its
-- deliveries there, all or nothing. Both lanes are locked, in the order of their keys. What has gone on once stays.
create or replace function app.move_on(
    worker int, tenant uuid, lane_key uuid, lane_epoch bigint, lane_seq bigint, delivery_id uuid, target uuid, message_id uuid,
    words text, parts jsonb
) returns boolean
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare source delivery%rowtype;
begin
    perform app.bind(tenant);
    perform from lane l where l.tenant_id = tenant and l.key in (lane_key, target) order by l.key for update of l;
    select d.* into source from delivery d where d.tenant_id = tenant and d.id = delivery_id;
    if not app.handles(worker, tenant, lane_key, lane_epoch, lane_seq, delivery_id) or source.continues is not null
        or not app.are_one_person(tenant, lane_key, target) then
        return false;
    end if;

    with part as (
        select p.*, row_number() over (order by p.place) as nth
        from jsonb_array_elements(parts) with ordinality x (one, place)
        cross join lateral (select r.*, x.place from jsonb_to_record(x.one) r (id uuid, body jsonb)) p
    ), numbered as (
        update lane l set message_n = l.message_n + 1, delivery_n = l.delivery_n + (select count(*) from part),
            ready_at = least(l.ready_at, now())
        where l.tenant_id = tenant and l.key = target
        returning l.message_n, l.delivery_n - (select count(*) from part) as before
    ), said as (
        insert into message (tenant_id, thread_id, n, id, author, author_id, text, lang, choices)
        select tenant, target, n.message_n, message_id, m.author, m.author_id, words, m.lang, m.choices
        from numbered n, message m
        where m.tenant_id = tenant and m.thread_id = lane_key and m.n = source.message_n
    )
    insert into delivery (
        tenant_id, id, thread_id, n, account_id, message_n, author, purpose, body, next_try_at, valid_until, continues)
    select tenant, p.id, target, n.before + p.nth, t.account_id, n.message_n, source.author, source.purpose,
           p.body || jsonb_build_object('message_id', message_id, 'moved_from', lane_key), clock_timestamp(),
           source.valid_until, case when p.nth = 1 then source.id end
    from part p, numbered n, thread t where t.tenant_id = tenant and t.id = target;

    update delivery d set state = 'withdrawn', error = 'moved', settled_at = clock_timestamp(),
        body = d.body || jsonb_build_object('moved_to', target)
    where d.tenant_id = tenant and d.thread_id = lane_key and d.message_n = source.message_n and d.state = 'committed';
    perform pg_notify('lumi_wake', 'lanes');
    return true;
end $$;

-- Whether two threads are the same person's, who wants to hear from us.
create or replace function app.are_one_person(tenant uuid, one uuid, other uuid) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select count(distinct coalesce(c.merged_into, c.id)) = 1 and count(*) = 2 and count(c.stopped_at) = 0
    from thread t join contact c on c.tenant_id = tenant and c.id = t.contact_id
    where t.tenant_id = tenant and t.id in (one, other)
$$;

-- The person has written: what was held until then may leave, and the gate decides anew. What is no answer of the bot
-- and has waited for a week is wanted by nobody any more.
create or replace function app.release_held(worker int, tenant uuid, lane_key uuid, lane_epoch bigint) returns int
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare freed int;
begin
    perform app.bind(tenant);
    perform from lane l
    where l.tenant_id = tenant and l.key = lane_key and l.owner = worker and l.epoch = lane_epoch for update of l;
    if not found then
        return 0;
    end if;
    update delivery d set state = 'withdrawn', error = 'too_late', held_at = null
    where d.tenant_id = tenant and d.thread_id = lane_key and d.state = 'held' and d.error = 'window_closed'
      and d.held_at < clock_timestamp() - interval '168 h';
    update delivery d set state = 'committed', error = null, settled_at = null, held_at = null,
        next_try_at = clock_timestamp()
    where d.tenant_id = tenant and d.thread_id = lane_key and d.state = 'held' and d.error = 'window_closed';
    get diagnostics freed = row_count;
    return freed;
end $$;

grant execute on function app.handles(int, uuid, uuid, bigint, bigint, uuid), app.are_one_person(uuid, uuid, uuid),
    app.depart_proactive(int, uuid, uuid, bigint, bigint, uuid, int, int, boolean),
    app.as_template(int, uuid, uuid, bigint, bigint, uuid, jsonb),
    app.invite(int, uuid, uuid, bigint, bigint, uuid, uuid, text, jsonb),
    app.move_on(int, uuid, uuid, bigint, bigint, uuid, uuid, uuid, text, jsonb),
    app.release_held(int, uuid, uuid, bigint) to lumi_app;
