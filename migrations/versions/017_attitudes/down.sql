-- Every statement may run twice.

alter table thread drop column if exists opted_out_at, drop column if exists blocked_at;
drop function if exists app.shuns(uuid, uuid);
