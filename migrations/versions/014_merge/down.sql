-- Every statement may run twice.

drop function if exists app.postpone_lane(int, uuid, uuid, bigint, interval);
drop function if exists app.line_of(uuid, uuid);
drop function if exists app.threads_at(uuid, uuid, text[]);
drop function if exists app.carry_over(uuid, uuid);
drop function if exists app.absorb_thread(uuid, uuid, uuid);
drop function if exists app.unite_threads(uuid, uuid, text[], boolean);
revoke update (thread_id, n, event_n) on message from lumi_app;
drop index if exists thread_merged;
alter table thread drop constraint if exists thread_merged_check, drop constraint if exists thread_merged_into_fkey;
-- The right goes column by column with what it was given on, and of what is gone nothing can be revoked.
alter table thread drop column if exists merged_into, drop column if exists merged_at, drop column if exists heard_at,
    drop column if exists new_addresses;
alter table lane drop column if exists closed_at;
