-- Every statement may run twice.

alter table delivery drop column if exists reached;
alter table thread_address drop column if exists told_at;
