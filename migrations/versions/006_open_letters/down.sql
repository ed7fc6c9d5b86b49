-- Every statement may run twice.

drop function if exists app.open_letters();
drop index if exists dead_letter_waiting;
revoke select (source, closed_at) on dead_letter from lumi_system;
drop policy if exists system on dead_letter;
