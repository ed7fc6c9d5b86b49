-- Every statement may run twice.

drop index if exists thread_held;
drop index if exists thread_waiting;
alter table receipt drop constraint if exists receipt_tenant_id_account_id_fkey;
alter table thread_address drop constraint if exists thread_address_tenant_id_account_id_fkey;
drop index if exists channel_account_connected;
drop trigger if exists tenant_forgets_keys on tenant;
drop function if exists app.forget_keys();

drop index if exists dead_letter_newest;
alter table dead_letter no force row level security;
delete from dead_letter where tenant_id is null;
alter table dead_letter force row level security;
drop policy if exists tenant on dead_letter;
alter table dead_letter drop constraint if exists dead_letter_check,
    drop constraint if exists dead_letter_tenant_id_fkey,
    drop column if exists requeued_at,
    alter column tenant_id set not null;
create policy tenant on dead_letter to lumi_app, lumi_owner
    using (tenant_id = (select app.tenant_id())) with check (tenant_id = (select app.tenant_id()));
alter table job drop constraint if exists job_tenant_id_fkey;
alter table lane drop constraint if exists lane_tenant_id_fkey;
drop function if exists app.apply_parked(uuid, uuid[], text[]);
drop function if exists app.lanes_waiting();
