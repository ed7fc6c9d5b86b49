-- tables: delivery, lane, receipt
-- Receipts that were parked: what they speak of may have got its provider's id at the same moment.

-- Applies parked receipts whose delivery is known by now; says how many deliveries moved. Call it when they are
-- committed. A post that is being written down either began before they were seen (its lane is locked: we wait for
-- it, and look afterwards) or begins later and finds them.
create or replace function app.apply_parked(tenant uuid, accounts uuid[], provider_ids text[]) returns int
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare moved int;
begin
    perform app.bind(tenant);
    perform l.key from lane l
    where l.tenant_id = tenant and l.key in (
        select d.thread_id from delivery d
        where d.tenant_id = tenant and d.account_id = any (accounts) and d.state = 'sending' and d.settled_at is null)
    order by l.key for key share of l;

    with best as (
        select distinct on (d.id) d.id, d.thread_id, d.n, r.state, r.error
        from receipt r
        join delivery d on d.tenant_id = r.tenant_id and d.account_id = r.account_id and d.provider_id = r.provider_id
        where r.tenant_id = tenant and (r.account_id, r.provider_id) in (select * from unnest(accounts, provider_ids))
        order by d.id, app.delivery_rank(r.state) desc
    ), locked as (
        select b.* from delivery d join best b on d.tenant_id = tenant and d.id = b.id
        order by b.thread_id, b.n for update of d
    ), marked as (
        update delivery d set state = app.as_far(l.state, d.reached), error = case when l.state = 'failed' then l.error end,
            settled_at = coalesce(d.settled_at, now())
        from locked l
        where d.tenant_id = tenant and d.id = l.id and app.delivery_rank(l.state) > app.delivery_rank(d.state)
        returning d.id
    )
    select count(*) into moved from marked;
    return moved;
end $$;

grant execute on function app.apply_parked(uuid, uuid[], text[]) to lumi_app;
