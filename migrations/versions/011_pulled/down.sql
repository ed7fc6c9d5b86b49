-- Every statement may run twice.

drop function if exists app.due_pulls(text[], int);
drop table if exists channel_cursor;
