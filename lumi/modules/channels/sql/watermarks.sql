-- tables: delivery, thread_address, lane
-- Receipts that name no message: everything sent to a person up to a moment arrived, or was read.

-- Forward only, by rank; says how many deliveries moved. One that nobody has written down as sent yet, or of which
-- nobody knows whether it was, keeps the word until somebody does. What it speaks of has been sent: never what comes.
create or replace function app.apply_watermark(
    tenant uuid, account uuid, person text, reached text, up_to timestamptz
) returns int
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare moved int;
begin
    perform app.bind(tenant);
    -- Whoever is writing an outcome down holds the lane: we wait, and look afterwards. Who comes later finds our word.
    perform l.key from lane l
    where l.tenant_id = tenant and l.key in (
        select d.thread_id from delivery d
        join thread_address a on a.tenant_id = d.tenant_id and a.thread_id = d.thread_id
        where a.tenant_id = tenant and a.account_id = account and a.address = person
          and d.tenant_id = tenant and d.account_id = account and d.state in ('sending', 'unknown'))
    order by l.key for key share of l;

    with locked as (
        select d.id, d.state in ('sending', 'unknown') as is_open from delivery d
        join thread_address a on a.tenant_id = d.tenant_id and a.thread_id = d.thread_id
        where a.tenant_id = tenant and a.account_id = account and a.address = person
          and d.tenant_id = tenant and d.account_id = account and d.sending_at <= least(up_to, clock_timestamp())
          and d.state in ('sending', 'unknown', 'sent', 'delivered')
          and app.delivery_rank(apply_watermark.reached) > app.delivery_rank(coalesce(d.reached, d.state))
        order by d.thread_id, d.n for update of d
    )
    update delivery d set
        state = case when l.is_open then d.state else apply_watermark.reached end,
        reached = case when l.is_open then apply_watermark.reached end
    from locked l where d.tenant_id = tenant and d.id = l.id;
    get diagnostics moved = row_count;
    return moved;
end $$;

grant execute on function app.apply_watermark(uuid, uuid, text, text, timestamptz) to lumi_app;
