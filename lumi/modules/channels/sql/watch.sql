-- tables: tenant, channel_account, channel_traffic, channel_alert, event_key, delivery, provider_app
-- What is watched over all tenants: how much came and went in each hour, and what is wrong at this moment.

-- Up to which hour the house has counted; null when nothing was ever counted.
create or replace function app.traffic_counted_to() returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select max(t.hour) from channel_traffic t $$;

-- The least id a row made at this moment or later can have: ids carry their time.
create or replace function app.least_id(moment timestamptz) returns uuid
language sql immutable parallel safe
as $$
    select (lpad(to_hex(floor(extract(epoch from moment) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Counts every account's whole hours within [since, until) anew, from committed rows; says how many rows it wrote. What is
-- counted twice is the same twice. A delivery belongs to the hour it was committed in.
create or replace function app.count_traffic(since timestamptz, until timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare written bigint;
begin
    with came as (
        select t.id as tenant_id, k.account_id, date_bin('1 hour', k.seen_at, to_timestamp(0)) as hour,
               count(*) as received, max(k.seen_at) as heard_at
        from tenant t cross join lateral (
            select e.account_id, e.seen_at from event_key e
            -- what nobody could read says nothing of whether messages still come
            where e.tenant_id = t.id and e.seen_at >= since and e.seen_at < until
              and not starts_with(e.provider_id, 'broken:')) k
        group by 1, 2, 3
    ), went as (
        select d.tenant_id, d.account_id, date_bin('1 hour', d.created_at, to_timestamp(0)) as hour,
               count(*) filter (where d.state in ('sent', 'delivered', 'read')) as sent,
               count(*) filter (where d.state = 'delivered') as delivered,
               count(*) filter (where d.state = 'read') as read,
               count(*) filter (where d.state = 'failed') as failed,
               count(*) filter (where d.state = 'unknown') as unknown
        from delivery d
        -- an id is made by the application a moment before its row, and by another clock
        where d.id >= app.least_id(since - interval '10 min') and d.id < app.least_id(until + interval '10 min')
          and d.created_at >= since and d.created_at < until
        group by 1, 2, 3
    )
    insert into channel_traffic as c (
        tenant_id, account_id, hour, received, sent, delivered, read, failed, unknown, heard_at)
    select h.tenant_id, h.account_id, h.hour, coalesce(h.received, 0), coalesce(h.sent, 0), coalesce(h.delivered, 0),
           coalesce(h.read, 0), coalesce(h.failed, 0), coalesce(h.unknown, 0), h.heard_at
    from (select * from came full join went using (tenant_id, account_id, hour)) h
    join channel_account a on a.tenant_id = h.tenant_id and a.id = h.account_id
    order by h.tenant_id, h.account_id, h.hour
    on conflict (tenant_id, account_id, hour) do update set
        received = excluded.received, sent = excluded.sent, delivered = excluded.delivered, read = excluded.read,
        failed = excluded.failed, unknown = excluded.unknown, heard_at = excluded.heard_at
    where (c.received, c.sent, c.delivered, c.read, c.failed, c.unknown, c.heard_at) is distinct from
        (excluded.received, excluded.sent, excluded.delivered, excluded.read, excluded.failed, excluded.unknown,
         excluded.heard_at);
    get diagnostics written = row_count;
    return written;
end $$;

-- Hours older than this are of no use to anybody; says how many went.
create or replace function app.forget_traffic(before timestamptz) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare gone bigint;
begin
    delete from channel_traffic t using channel_account a
    where t.tenant_id = a.tenant_id and t.account_id = a.id and t.hour < before;
    get diagnostics gone = row_count;
    return gone;
end $$;

-- Whose accounts are to be looked at.
create or replace function app.tenants_with_accounts() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select distinct a.tenant_id from channel_account a where a.disconnected_at is null order by 1 $$;

-- For operators: how many alerts are open, by channel and kind, and how long the longest of them has been.
create or replace function app.open_alerts() returns table (channel text, kind text, open bigint, oldest_seconds double precision)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select a.channel, o.kind, count(*),
           extract(epoch from now() - min(coalesce((o.detail ->> 'since')::timestamptz, o.raised_at)))::double precision
    from channel_alert o join channel_account a on a.tenant_id = o.tenant_id and a.id = o.account_id
    where o.cleared_at is null
    group by a.channel, o.kind
$$;

-- Apps of a channel whose posts show this secret, by its hash, and those whose hash was never taken. Secrets stay sealed.
create or replace function app.provider_apps_shown(via text, shown bytea)
returns table (
    tenant_id uuid, app_id uuid, secret bytea, verify_token bytea, account_ids uuid[], external_ids text[], proof bytea)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select p.tenant_id, p.id, p.secret, p.verify_token, array_agg(a.id order by a.id),
           array_agg(a.external_id order by a.id), p.proof
    from provider_app p
    join channel_account a on a.tenant_id = p.tenant_id and a.app_id = p.id and a.disconnected_at is null
    where p.channel = via and (p.proof = shown or p.proof is null)
    group by p.tenant_id, p.id
    order by p.created_at, p.id
$$;

alter function app.traffic_counted_to() owner to lumi_system;
alter function app.count_traffic(timestamptz, timestamptz) owner to lumi_system;
alter function app.forget_traffic(timestamptz) owner to lumi_system;
alter function app.tenants_with_accounts() owner to lumi_system;
alter function app.open_alerts() owner to lumi_system;
alter function app.provider_apps_shown(text, bytea) owner to lumi_system;
grant execute on function app.least_id(timestamptz) to lumi_app, lumi_system;
grant execute on function app.traffic_counted_to(), app.count_traffic(timestamptz, timestamptz),
    app.forget_traffic(timestamptz), app.tenants_with_accounts(), app.open_alerts(),
    app.provider_apps_shown(text, bytea) to lumi_app;
