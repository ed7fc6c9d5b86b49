-- Every statement may run twice.

-- A file that staff send is an attachment too: of no event, and of the message it left with once it has. Until then it
-- lies in its conversation and is nobody's message; `shown_as` is what its channel shows it as.
alter table attachment alter column event_n drop not null;
alter table attachment add column if not exists message_id uuid;
alter table attachment add column if not exists shown_as text;
alter table attachment drop constraint if exists attachment_shown_as_check, add constraint attachment_shown_as_check
    check (shown_as in ('image', 'audio', 'video', 'document'));
alter table attachment drop constraint if exists attachment_of_one_side, add constraint attachment_of_one_side
    check ((event_n is null) = (shown_as is not null));
-- What was said goes by itself; its files follow it.
alter table attachment drop constraint if exists attachment_message_fkey, add constraint attachment_message_fkey
    foreign key (tenant_id, message_id) references message (tenant_id, id) on delete set null (message_id);
create unique index if not exists attachment_message on attachment (tenant_id, message_id) where message_id is not null;
