-- Every statement may run twice.

-- Told by the provider: since when this person wants nothing from this account that they did not ask for, and since when
-- nothing reaches them. The latter is over as soon as they write.
alter table thread add column if not exists opted_out_at timestamptz, add column if not exists blocked_at timestamptz;
