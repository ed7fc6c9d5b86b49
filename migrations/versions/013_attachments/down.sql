-- Every statement may run twice.

drop function if exists app.apply_hearing(uuid, uuid, jsonb);
drop function if exists app.attach(uuid, uuid[]);
drop function if exists app.attached(uuid, uuid, bigint);
drop function if exists app.settle_attachment(uuid, uuid, text, text, text, text);
drop table if exists attachment;

alter table event no force row level security;
delete from event where kind = 'heard';
alter table event force row level security;
alter table event drop constraint if exists event_kind_check, add constraint event_kind_check
    check (kind in ('message', 'edit', 'deletion', 'echo', 'timer'));
revoke update (lang) on message from lumi_app;
