-- Every statement may run twice.

drop function if exists app.depart_proactive(int, uuid, uuid, bigint, bigint, uuid, int, int, boolean);
drop table if exists consent;
