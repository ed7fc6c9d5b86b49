-- Every statement may run twice.

drop index if exists dead_letter_source;
drop index if exists audit_entry_action;
