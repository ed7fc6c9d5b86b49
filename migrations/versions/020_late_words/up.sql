-- Every statement may run twice.

-- How far a delivery came that nobody has written down as sent yet: a person's watermark was there first.
alter table delivery add column if not exists reached text;

-- When it was written, by the provider's clock, that this address is this person's. What is known already gives way to
-- whatever comes.
alter table thread_address add column if not exists told_at timestamptz not null default '-infinity';
alter table thread_address alter column told_at set default now();
