-- Every statement may run twice.

drop table if exists protocol;
delete from channel_alert where kind = 'unread';
alter table channel_alert drop constraint if exists channel_alert_kind_check;
alter table channel_alert add constraint channel_alert_kind_check check (kind in (
    'silent', 'token_expiring', 'token_refused', 'failing', 'unknown_outcomes', 'webhook_broken'));
