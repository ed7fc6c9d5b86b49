-- Every statement may run twice.

-- app.purge_audit runs as lumi_system and is bound to one tenant like everybody else: the same policy, not a wider one.
alter policy tenant on audit_entry to lumi_app, lumi_owner, lumi_system;
grant select, delete on audit_entry to lumi_system;
