-- Every statement may run twice.

-- What of the sent of an hour arrived, and what was read, as far as a provider tells; both are within `sent`.
alter table channel_traffic add column if not exists delivered int not null default 0,
    add column if not exists read int not null default 0;
