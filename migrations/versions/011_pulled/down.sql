-- Every statement may run twice.

drop function if exists app.due_pulls(text[], int);
drop function if exists app.is_lent(timestamptz, int);
drop table if exists channel_cursor;
