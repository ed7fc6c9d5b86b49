-- Every statement may run twice.

alter table channel_traffic drop column if exists delivered, drop column if exists read;
