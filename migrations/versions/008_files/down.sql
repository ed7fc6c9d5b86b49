-- Every statement may run twice.

drop table if exists stored_file;

alter table role no force row level security;
update role set permissions = array_remove(array_remove(permissions, 'files:read'), 'files:write')
where permissions && array['files:read', 'files:write'];
alter table role force row level security;
