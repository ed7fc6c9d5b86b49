-- tables: lane, job, worker
-- Lanes: claim, release, reap. What ends a turn well is finish, beside the tables it marks.

-- Due lanes for this worker, the oldest of every tenant first; no tenant can starve another.
create or replace function app.claim_lanes(worker int, want int)
returns table (tenant_id uuid, key uuid, epoch bigint, crashes int)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
    with recursive tenants as (
        (select l.tenant_id from lane l where l.owner is null and l.ready_at is not null
         order by l.tenant_id limit 1)
        union all
        select (select l.tenant_id from lane l
                where l.owner is null and l.ready_at is not null and l.tenant_id > t.tenant_id
                order by l.tenant_id limit 1)
        from tenants t where t.tenant_id is not null
    ), due as (
        select d.tenant_id, d.key, d.ready_at,
               row_number() over (partition by d.tenant_id order by d.ready_at) as place
        from tenants t
        cross join lateral (
            select l.tenant_id, l.key, l.ready_at from lane l
            where l.owner is null and l.ready_at <= now() and l.tenant_id = t.tenant_id
            order by l.ready_at limit want
        ) d
    ), chosen as (
        select l.tenant_id, l.key from lane l
        where (l.tenant_id, l.key) in (select d.tenant_id, d.key from due d order by d.place, d.ready_at limit want)
          and l.owner is null and l.ready_at <= now()
        order by l.tenant_id, l.key
        for update skip locked
    )
    update lane l set owner = worker, epoch = l.epoch + 1, crashes = l.crashes + 1
    from chosen c where l.tenant_id = c.tenant_id and l.key = c.key
    returning l.tenant_id, l.key, l.epoch, l.crashes
$$;

-- Seconds until the next lane is due; null when none waits.
create or replace function app.next_lane_due() returns double precision
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    with recursive tenants as (
        (select l.tenant_id, l.ready_at from lane l where l.owner is null and l.ready_at is not null
         order by l.tenant_id, l.ready_at limit 1)
        union all
        select n.tenant_id, n.ready_at from tenants t cross join lateral (
            select l.tenant_id, l.ready_at from lane l
            where l.owner is null and l.ready_at is not null and l.tenant_id > t.tenant_id
            order by l.tenant_id, l.ready_at limit 1
        ) n
    )
    select extract(epoch from min(ready_at) - now())::double precision from tenants
$$;

-- How many lanes are due and claimed by nobody, and for how many seconds the oldest has been: figures for operators.
create or replace function app.lanes_waiting() returns table (due bigint, oldest_seconds double precision)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select count(*), coalesce(extract(epoch from now() - min(l.ready_at)), 0)::double precision
    from lane l where l.owner is null and l.ready_at <= now()
$$;

-- A turn that failed gives its lane back; something new may bring it forward.
create or replace function app.release_lane(worker int, tenant uuid, lane_key uuid, lane_epoch bigint, pause interval)
returns boolean language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    update lane set owner = null, ready_at = clock_timestamp() + pause
    where tenant_id = tenant and key = lane_key and owner = worker and epoch = lane_epoch;
    return found;
end $$;

-- Gives a lane back that could not be tried: its count is as it was before.
create or replace function app.postpone_lane(worker int, tenant uuid, lane_key uuid, lane_epoch bigint, pause interval)
returns boolean language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform app.bind(tenant);
    update lane set owner = null, crashes = crashes - 1, ready_at = clock_timestamp() + pause
    where tenant_id = tenant and key = lane_key and owner = worker and epoch = lane_epoch;
    return found;
end $$;

-- Workers that are gone: without their advisory lock, or silent for ten seconds.
create or replace function app.lost_workers() returns table (id int, backend_pid int)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select o.owner, null::int
    from (select l.owner from lane l where l.owner is not null union select j.owner from job j where j.owner is not null) o
    where not exists (select from worker w where w.id = o.owner)
    union all
    select w.id, w.backend_pid from worker w
    where w.beat_at < clock_timestamp() - interval '10 s'
       or not exists (
            select from pg_locks k
            where k.locktype = 'advisory' and k.classid = 42 and k.objid = w.id::oid and k.objsubid = 2 and k.granted
              and k.database = (select d.oid from pg_database d where d.datname = current_database()))
$$;

-- Frees what lost workers held, so that others go on, at once. A worker from before the database's last start died of
-- that: it says nothing about what the worker had in its hands.
create or replace function app.reap(lost int[]) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare freed int; more int;
begin
    update lane l set owner = null, ready_at = now(), crashes = l.crashes - c.innocent::int
    from (select h.tenant_id, h.key, coalesce(w.started_at < pg_postmaster_start_time(), false) as innocent
          from lane h left join worker w on w.id = h.owner where h.owner = any (lost)
          order by h.tenant_id, h.key for update of h skip locked) c
    where l.tenant_id = c.tenant_id and l.key = c.key;
    get diagnostics freed = row_count;
    -- A job that was begun stays one: of those that were not, each key has one only.
    update job j set owner = null, ready_at = now(), crashes = j.crashes - (c.innocent and j.crashes > 1)::int
    from (select h.id, coalesce(w.started_at < pg_postmaster_start_time(), false) as innocent
          from job h left join worker w on w.id = h.owner where h.owner = any (lost)
          order by h.id for update of h skip locked) c
    where j.id = c.id;
    get diagnostics more = row_count;
    delete from worker w where w.id = any (lost)
        and not exists (select from lane l where l.owner = w.id) and not exists (select from job j where j.owner = w.id);
    if freed + more > 0 then
        perform pg_notify('lumi_wake', 'reaped');  -- workers sleep until what they last saw due
    end if;
    return freed + more;
end $$;

-- Brings a lane forward, wakes the workers at commit, and makes what is pending there stale when `moved`. A closed lane
-- is locked and stays at rest.
create or replace function app.touch_lane(tenant uuid, lane_key uuid, moved boolean default true) returns bigint
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare version bigint;
begin
    perform app.bind(tenant);
    insert into lane as l (tenant_id, key, seq, ready_at) values (tenant, lane_key, moved::int, now())
    on conflict (tenant_id, key) do update
        set seq = l.seq + moved::int, ready_at = case when l.closed_at is null then least(l.ready_at, now()) end
    returning seq into version;
    perform pg_notify('lumi_wake', 'lanes');
    return version;
end $$;

alter function app.claim_lanes(int, int) owner to lumi_system;
alter function app.next_lane_due() owner to lumi_system;
alter function app.lanes_waiting() owner to lumi_system;
alter function app.lost_workers() owner to lumi_system;
alter function app.reap(int[]) owner to lumi_system;
grant execute on function app.claim_lanes(int, int), app.next_lane_due(), app.lanes_waiting(), app.lost_workers(),
    app.reap(int[]) to lumi_app;
grant execute on function app.release_lane(int, uuid, uuid, bigint, interval) to lumi_app;
grant execute on function app.postpone_lane(int, uuid, uuid, bigint, interval) to lumi_app;
grant execute on function app.touch_lane(uuid, uuid, boolean) to lumi_app;
