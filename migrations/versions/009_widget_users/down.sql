-- Every statement may run twice.

alter table contact_point no force row level security;
delete from contact_point where kind = 'user';
alter table contact_point force row level security;
alter table contact_point drop constraint if exists contact_point_kind_check, add constraint contact_point_kind_check
    check (kind in ('phone', 'whatsapp', 'telegram', 'instagram', 'messenger', 'email', 'visitor', 'terminal'));
