-- Every statement may run twice.

-- One row an account and alert: looked through in a moment.
alter table channel_alert drop constraint if exists channel_alert_kind_check;
alter table channel_alert add constraint channel_alert_kind_check check (kind in (
    'silent', 'token_expiring', 'token_refused', 'failing', 'unknown_outcomes', 'webhook_broken', 'unread'));

-- How the processes of this installation work together: one that knows an older way lets its work end and goes.
create table if not exists protocol (
    only_row boolean primary key default true check (only_row),
    version int not null
);
grant select on protocol to lumi_app, lumi_system;
