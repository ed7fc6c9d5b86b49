-- Every statement may run twice.

-- The worker that holds the lease; none where something else reads.
alter table channel_cursor add column if not exists owner int;
