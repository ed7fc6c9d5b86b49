-- Every statement may run twice.

drop function if exists app.unattended(text[], int);
delete from sql_file where name in ('lumi/modules/channels/sql/standing.sql', 'lumi/modules/channels/sql/pulls.sql');
alter table channel_cursor drop column if exists owner;
