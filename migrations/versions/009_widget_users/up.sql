-- Every statement may run twice.

-- Somebody the page around the widget vouches for, by the page's own id of them.
alter table contact_point drop constraint if exists contact_point_kind_check, add constraint contact_point_kind_check
    check (kind in ('phone', 'whatsapp', 'telegram', 'instagram', 'messenger', 'email', 'visitor', 'user', 'terminal'));
