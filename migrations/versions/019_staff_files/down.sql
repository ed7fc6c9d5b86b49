-- Every statement may run twice.

alter table attachment no force row level security;
delete from attachment where event_n is null;
alter table attachment force row level security;
drop index if exists attachment_message;
alter table attachment drop constraint if exists attachment_message_fkey, drop constraint if exists attachment_of_one_side,
    drop constraint if exists attachment_shown_as_check;
alter table attachment drop column if exists message_id, drop column if exists shown_as;
alter table attachment alter column event_n set not null;
