-- tables: delivery, thread_address
-- Receipts that name no message: everything sent to a person up to a moment arrived, or was read.

-- Forward only, by rank; says how many deliveries moved.
create or replace function app.apply_watermark(
    tenant uuid, account uuid, person text, reached text, up_to timestamptz
) returns int
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare moved int;
begin
    perform app.bind(tenant);
    with locked as (
        select d.id from delivery d
        join thread_address a on a.tenant_id = d.tenant_id and a.thread_id = d.thread_id
        where a.tenant_id = tenant and a.account_id = account and a.address = person
          and d.tenant_id = tenant and d.account_id = account and d.sending_at <= up_to
          and d.state in ('sent', 'delivered') and app.delivery_rank(reached) > app.delivery_rank(d.state)
        order by d.thread_id, d.n for update of d
    )
    update delivery d set state = reached from locked l where d.tenant_id = tenant and d.id = l.id;
    get diagnostics moved = row_count;
    return moved;
end $$;

grant execute on function app.apply_watermark(uuid, uuid, text, text, timestamptz) to lumi_app;
