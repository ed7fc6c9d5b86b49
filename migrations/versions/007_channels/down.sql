-- Every statement may run twice.

drop function if exists app.apply_changes(int, uuid, uuid, bigint);
drop function if exists app.apply_echo(uuid, uuid, bigint, text, text);
alter table thread drop column if exists quiet_until;
-- The right goes column by column with what it was given on, and of what is gone nothing can be revoked.
alter table message drop column if exists edited_at, drop column if exists deleted_at;
revoke update (text) on message from lumi_app;
drop index if exists event_parked;

-- What the first house has no word for goes.
alter table event no force row level security;
alter table thread no force row level security;
alter table channel_account no force row level security;
alter table provider_app no force row level security;
alter table inbound_identifier no force row level security;
delete from event where kind in ('edit', 'deletion', 'echo') or settled_by = 'parked';
delete from channel_account where channel in ('telegram', 'instagram', 'messenger', 'gmail', 'mailbox');
delete from provider_app where channel in ('telegram', 'instagram', 'messenger', 'gmail', 'mailbox');
delete from thread where channel in ('telegram', 'instagram', 'messenger', 'gmail', 'mailbox');
delete from inbound_identifier where kind = 'page';
alter table event force row level security;
alter table thread force row level security;
alter table channel_account force row level security;
alter table provider_app force row level security;
alter table inbound_identifier force row level security;

alter table event drop constraint if exists event_settled_by_check, add constraint event_settled_by_check
    check (settled_by in ('turn', 'human', 'not_needed', 'superseded', 'dead'));
alter table event drop constraint if exists event_kind_check, add constraint event_kind_check
    check (kind in ('message', 'timer'));
alter table inbound_identifier drop constraint if exists inbound_identifier_kind_check, add constraint inbound_identifier_kind_check
    check (kind in ('phone_number_id', 'bot', 'mailbox', 'domain'));
alter table thread drop constraint if exists thread_channel_check, add constraint thread_channel_check
    check (channel in ('whatsapp', 'web', 'terminal'));
alter table channel_account drop constraint if exists channel_account_channel_check, add constraint channel_account_channel_check
    check (channel in ('whatsapp', 'web', 'terminal'));
alter table provider_app drop constraint if exists provider_app_channel_check, add constraint provider_app_channel_check
    check (channel in ('whatsapp', 'web', 'terminal'));
