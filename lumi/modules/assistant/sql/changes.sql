-- tables: lane, event, message, thread, delivery, attachment, job
-- What changes a thread without being a message: edits, deletions, and words a person wrote in the provider's own app.

-- Applies what is open or parked, in order; says how many that brought further, null when the lane is no longer ours.
-- The ledger shows the new words. A message that nobody has answered yet is answered as it reads now, or not at all
-- when it was deleted; one that was answered is not answered twice. A change of what has not come yet is parked. It ends
-- before what a person wrote elsewhere after a message that is not in the ledger yet: so each stands where it was said.
create or replace function app.apply_changes(worker int, tenant uuid, lane_key uuid, lane_epoch bigint) returns int
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare change record; original record; applied int := 0;
begin
    perform app.bind(tenant);
    perform from lane l
    where l.tenant_id = tenant and l.key = lane_key and l.owner = worker and l.epoch = lane_epoch for update of l;
    if not found then
        return null;
    end if;

    for change in
        select e.n, e.kind, e.provider_id, e.payload, e.payload ->> 'target' as target, coalesce(e.payload ->> 'text', '') as words
        from event e
        where e.tenant_id = tenant and e.thread_id = lane_key and e.kind in ('edit', 'deletion', 'echo', 'heard')
          and (e.settled_at is null or e.settled_by = 'parked')
        order by e.n
    loop
        if change.kind = 'echo' then
            exit when exists (  -- that is recorded first
                select from event e where e.tenant_id = tenant and e.thread_id = lane_key and e.settled_at is null
                and e.kind = 'message' and e.recorded_at is null and e.n < change.n and e.due_at <= clock_timestamp());
            perform app.apply_echo(tenant, lane_key, change.n, change.provider_id, change.words);
        elsif change.kind = 'heard' then
            perform app.apply_hearing(tenant, change.payload);
        else
            select e.thread_id, e.n into original from event e
            where e.tenant_id = tenant and e.thread_id = any (app.line_of(tenant, lane_key))
              and e.provider_id = change.target and e.kind = 'message'
            order by e.thread_id = lane_key desc, e.n desc limit 1;
            if not found then
                update event e set recorded_at = clock_timestamp(), settled_at = clock_timestamp(), settled_by = 'parked'
                where e.tenant_id = tenant and e.thread_id = lane_key and e.n = change.n and e.settled_at is null;
                applied := applied + found::int;
                continue;
            elsif change.kind = 'edit' then
                update message m set text = change.words, edited_at = clock_timestamp()
                where m.tenant_id = tenant and m.thread_id = original.thread_id and m.event_n = original.n and m.deleted_at is null;
                update event e set payload = e.payload || jsonb_build_object('text', change.words)
                where e.tenant_id = tenant and e.thread_id = original.thread_id and e.n = original.n;
            else
                update message m set text = '', deleted_at = clock_timestamp()
                where m.tenant_id = tenant and m.thread_id = original.thread_id and m.event_n = original.n;
                update event e set payload = (e.payload - 'raw' - 'media' - 'content') || '{"text": ""}',
                    settled_at = coalesce(e.settled_at, clock_timestamp()), settled_by = coalesce(e.settled_by, 'superseded')
                where e.tenant_id = tenant and e.thread_id = original.thread_id and e.n = original.n;
                insert into job (id, tenant_id, kind, args)
                select uuidv7(), tenant, 'attachments.DropAttachments',
                       jsonb_build_object('thread_id', original.thread_id, 'event_n', original.n)
                from attachment a
                where a.tenant_id = tenant and a.thread_id = original.thread_id and a.event_n = original.n limit 1;
            end if;
        end if;
        update event e set recorded_at = coalesce(e.recorded_at, clock_timestamp()), settled_at = clock_timestamp(),
            settled_by = 'not_needed', payload = case when change.kind = 'deletion' then e.payload - 'raw' else e.payload end
        where e.tenant_id = tenant and e.thread_id = lane_key and e.n = change.n;
        applied := applied + 1;
    end loop;
    return applied;
end $$;

-- A thread, and those that were merged into it: what is settled stayed there.
create or replace function app.line_of(tenant uuid, thread_id uuid) returns uuid[]
language sql stable set search_path = pg_catalog, public, pg_temp
as $$
    select array_append(array_agg(t.id), line_of.thread_id) from thread t
    where t.tenant_id = tenant and t.merged_into = line_of.thread_id
$$;

-- The provider tells what left from our account. Of something we sent it is the outcome: told by its id, or, where echoes
-- say nothing of whose they are, by the same words, with a file or without, at the time we said them. Anything else a
-- person wrote in the provider's app: staff see it, everything before it is answered by it, and the bot is silent for
-- half an hour from when that was. Told late, it answers nothing that was sent a minute or more after it was written.
create or replace function app.apply_echo(tenant uuid, thread uuid, event_n bigint, told text, words text) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare ours uuid; written_at timestamptz;
begin
    select d.id into ours
    from event e join delivery d on d.tenant_id = e.tenant_id and d.thread_id = any (app.line_of(tenant, thread))
    where e.tenant_id = tenant and e.thread_id = thread and e.n = apply_echo.event_n
      and (d.provider_id = told or (
          e.payload ? 'unsigned' and d.provider_id is null and d.state in ('sending', 'unknown')
          and d.body ->> 'text' = words and (d.body ? 'file') = coalesce(e.payload -> 'content' ? 'files', false)
          and coalesce(e.sent_at, e.received_at) between d.sending_at - interval '1 min' and d.sending_at + interval '5 min'))
    order by d.provider_id is null, d.thread_id = thread desc, d.n limit 1;
    if ours is not null then
        update delivery d set provider_id = told, settled_at = coalesce(d.settled_at, clock_timestamp()),
            state = app.as_far(
                case when app.delivery_rank(d.state) < app.delivery_rank('sent') then 'sent' else d.state end, d.reached)
        where d.tenant_id = tenant and d.id = ours;
        return;
    end if;

    select e.sent_at into written_at from event e
    where e.tenant_id = tenant and e.thread_id = thread and e.n = apply_echo.event_n;
    with numbered as (
        update lane l set message_n = l.message_n + 1 where l.tenant_id = tenant and l.key = thread returning l.message_n
    )
    insert into message (tenant_id, thread_id, n, id, author, text, event_n)
    select tenant, thread, message_n, uuidv7(), 'staff', words, apply_echo.event_n from numbered;
    update event e set settled_at = clock_timestamp(), settled_by = 'human'
    where e.tenant_id = tenant and e.thread_id = thread and e.n < apply_echo.event_n and e.kind = 'message'
      and e.settled_at is null and (e.sent_at < written_at + interval '1 min') is not false;
    update thread t set wants_human_at = null, active_at = now(),
        quiet_until = greatest(t.quiet_until, least(written_at, clock_timestamp()) + interval '30 min')
    where t.tenant_id = tenant and t.id = thread;
end $$;

-- What was said in a recording becomes the words of its message: staff read them, and an open one is answered by them.
create or replace function app.apply_hearing(tenant uuid, heard jsonb) returns void
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare thread uuid; original bigint;
begin
    select a.thread_id, a.event_n into thread, original from attachment a
    where a.tenant_id = tenant and a.id = (heard ->> 'attachment')::uuid;
    update message m set text = concat_ws(E'\n', nullif(m.text, ''), heard ->> 'text'), lang = coalesce(heard ->> 'lang', m.lang)
    where m.tenant_id = tenant and m.thread_id = thread and m.event_n = original and m.deleted_at is null;
    update event e set payload = e.payload || jsonb_build_object(
        'text', concat_ws(E'\n', nullif(e.payload ->> 'text', ''), heard ->> 'text'), 'heard', true, 'lang', heard -> 'lang')
    where e.tenant_id = tenant and e.thread_id = thread and e.n = original and e.settled_at is null;
end $$;

grant execute on function app.apply_changes(int, uuid, uuid, bigint), app.line_of(uuid, uuid),
    app.apply_echo(uuid, uuid, bigint, text, text), app.apply_hearing(uuid, jsonb) to lumi_app;
