-- Every statement may run twice.

-- A list of what is rare among much else is read from its own index, not by looking at everything.
create index if not exists audit_entry_action on audit_entry (tenant_id, action, at, id);
create index if not exists dead_letter_source on dead_letter (tenant_id, source, created_at, id);
