-- Every statement may run twice.

drop function if exists app.purge_audit(interval, int);
delete from sql_file where name = 'lumi/modules/accounts/sql/audit.sql';
revoke select, delete on audit_entry from lumi_system;
alter policy tenant on audit_entry to lumi_app, lumi_owner;
