-- tables: attachment, event, lane, job, thread
-- What a message carries beside words: written down when the message is recorded, settled when its job knows more.

-- Writes down what newly recorded messages of these threads carry, and has each fetched. Once is as good as twice.
-- A recording is waited for until it can have been heard; anything else as long as a fetch and a scan usually take.
create or replace function app.attach(tenant uuid, threads uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    with carried as (
        select e.thread_id, e.n, m.place, m.item, coalesce((m.item ->> 'voice')::boolean, false) as is_voice
        from event e
        cross join lateral jsonb_array_elements(e.payload -> 'media') with ordinality m (item, place)
        where e.tenant_id = tenant and e.thread_id = any (threads) and e.settled_at is null
          and e.kind = 'message' and e.recorded_at is not null
          and jsonb_typeof(e.payload -> 'media') = 'array' and m.place <= 10
    ), made as (
        insert into attachment (
            tenant_id, id, thread_id, event_n, place, kind, is_voice, reference, name, mime, size_bytes, wait_until)
        select tenant, uuidv7(), c.thread_id, c.n, c.place, c.item ->> 'kind', c.is_voice, c.item -> 'reference',
               coalesce(c.item ->> 'name', ''), c.item ->> 'mime', (c.item ->> 'size')::bigint,
               clock_timestamp() + case when c.item ->> 'kind' = 'audio' then interval '90 s' else interval '10 s' end
        from carried c
        on conflict do nothing
        returning id
    )
    insert into job (id, tenant_id, kind, args)
    select uuidv7(), tenant, 'attachments.FetchAttachment', jsonb_build_object('attachment_id', m.id) from made m;
    perform pg_notify('lumi_wake', 'jobs');
end $$;

-- What a message carries, as the turn reads it.
create or replace function app.attached(tenant uuid, thread uuid, of_event bigint) returns json
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select json_agg(json_build_object(
        'kind', a.kind, 'state', a.state, 'error', a.error, 'wait_until', a.wait_until
    ) order by a.place)
    from attachment a where a.tenant_id = tenant and a.thread_id = thread and a.event_n = of_event
$$;

-- The lane in which something happens when more is known of one: of a thread that was closed for another, that one's.
create or replace function app.lane_of_attachment(tenant uuid, which uuid) returns uuid
language sql volatile set search_path = pg_catalog, public, pg_temp
as $$
    select coalesce(t.merged_into, t.id) from attachment a join thread t on t.tenant_id = tenant and t.id = a.thread_id
    where a.tenant_id = tenant and a.id = which
$$;

-- What became of one, once: the lane moves on, and what was said in it enters the lane. False when it was settled.
create or replace function app.settle_attachment(
    tenant uuid, which uuid, became text, why text, words text, spoken text
) returns boolean
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare lane_key uuid; number bigint;
begin
    loop  -- until its lane is locked its thread may go on in another one
        lane_key := app.lane_of_attachment(tenant, which);
        exit when lane_key is null;
        perform app.touch_lane(tenant, lane_key);
        exit when lane_key = app.lane_of_attachment(tenant, which);
    end loop;
    update attachment a set state = became, error = why, transcript = words, language = spoken,
        settled_at = clock_timestamp()
    where a.tenant_id = tenant and a.id = which and a.state = 'waiting';
    if not found then
        return false;
    end if;
    if words is not null then
        update lane l set event_n = l.event_n + 1 where l.tenant_id = tenant and l.key = lane_key
        returning l.event_n into number;
        insert into event (tenant_id, thread_id, n, kind, provider_id, payload)
        values (tenant, lane_key, number, 'heard', 'heard:' || which,
                jsonb_build_object('attachment', which, 'text', words, 'lang', spoken));
    end if;
    return true;
end $$;

grant execute on function app.attach(uuid, uuid[]), app.attached(uuid, uuid, bigint), app.lane_of_attachment(uuid, uuid),
    app.settle_attachment(uuid, uuid, text, text, text, text) to lumi_app;
