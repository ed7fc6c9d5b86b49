-- Every statement may run twice.

drop function if exists app.depart_proactive(int, uuid, uuid, bigint, bigint, uuid, int, int);
drop function if exists app.move_on(int, uuid, uuid, bigint, bigint, uuid, uuid, uuid, text, jsonb);
drop function if exists app.invite(int, uuid, uuid, bigint, bigint, uuid, uuid, text, jsonb);
drop function if exists app.as_template(int, uuid, uuid, bigint, bigint, uuid, jsonb);
drop function if exists app.release_held(int, uuid, uuid, bigint);
drop function if exists app.are_one_person(uuid, uuid, uuid);
drop function if exists app.handles(int, uuid, uuid, bigint, bigint, uuid);
drop table if exists message_template;
alter table contact drop column if exists time_zone;
alter table message drop column if exists choices;
drop index if exists delivery_proactive;
drop index if exists delivery_held;
drop index if exists delivery_continues;
alter table delivery drop column if exists purpose, drop column if exists continues,
    drop column if exists held_at;
