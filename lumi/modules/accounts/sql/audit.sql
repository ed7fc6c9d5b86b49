-- tables: audit_entry
-- Forgetting what the audit says of times long past: the application itself may only add to it.

-- Deletes the oldest entries of the tenant that is bound, so many at most; never those of the last 30 days.
create or replace function app.purge_audit(older_than interval, at_most int) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
declare gone int;
begin
    older_than := greatest(older_than, interval '30 days');
    delete from audit_entry where tenant_id = (select app.tenant_id()) and id in (
        select id from audit_entry where tenant_id = (select app.tenant_id()) and at < now() - older_than
        order by at, id limit at_most);
    get diagnostics gone = row_count;
    return gone;
end $$;

alter function app.purge_audit(interval, int) owner to lumi_system;
grant execute on function app.purge_audit(interval, int) to lumi_app;
