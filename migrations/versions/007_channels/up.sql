-- Every statement may run twice.

-- Every channel there is, and what the outside knows a page by.
alter table provider_app drop constraint if exists provider_app_channel_check, add constraint provider_app_channel_check
    check (channel in ('whatsapp', 'telegram', 'instagram', 'messenger', 'gmail', 'mailbox', 'web', 'terminal'));
alter table channel_account drop constraint if exists channel_account_channel_check, add constraint channel_account_channel_check
    check (channel in ('whatsapp', 'telegram', 'instagram', 'messenger', 'gmail', 'mailbox', 'web', 'terminal'));
alter table thread drop constraint if exists thread_channel_check, add constraint thread_channel_check
    check (channel in ('whatsapp', 'telegram', 'instagram', 'messenger', 'gmail', 'mailbox', 'web', 'terminal'));
alter table inbound_identifier drop constraint if exists inbound_identifier_kind_check, add constraint inbound_identifier_kind_check
    check (kind in ('phone_number_id', 'bot', 'page', 'mailbox', 'domain'));

-- Edits, deletions and what a person writes in the provider's own app enter the lane like messages do. A change of
-- something we have not seen yet is parked until it comes.
alter table event drop constraint if exists event_kind_check, add constraint event_kind_check
    check (kind in ('message', 'edit', 'deletion', 'echo', 'timer'));
alter table event drop constraint if exists event_settled_by_check, add constraint event_settled_by_check
    check (settled_by in ('turn', 'human', 'not_needed', 'superseded', 'parked', 'dead'));
create index if not exists event_parked on event (tenant_id, thread_id, n) where settled_by = 'parked';
alter table message add column if not exists edited_at timestamptz, add column if not exists deleted_at timestamptz;
grant update (text, edited_at, deleted_at) on message to lumi_app;

-- Until then the bot is silent: a person answers in the provider's own app.
alter table thread add column if not exists quiet_until timestamptz;
