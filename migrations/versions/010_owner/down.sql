-- Every statement may run twice.

drop function if exists app.count_traffic(timestamptz, timestamptz);
drop function if exists app.traffic_counted_to();
drop function if exists app.forget_traffic(timestamptz);
drop function if exists app.least_id(timestamptz);
drop function if exists app.tenants_with_accounts();
drop function if exists app.open_alerts();
drop function if exists app.provider_apps_shown(text, bytea);
drop index if exists provider_app_proof;
drop index if exists delivery_trouble;
drop table if exists channel_alert;
drop table if exists channel_traffic;
alter table provider_app drop column if exists proof;
alter table channel_account
    drop column if exists checked_at,
    drop column if exists token_expires_at,
    drop column if exists token_refused_at,
    drop column if exists webhook_trouble,
    drop column if exists failed_at,
    drop column if exists failed_why,
    drop column if exists failure;
