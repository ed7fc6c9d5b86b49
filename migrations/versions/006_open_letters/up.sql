-- Every statement may run twice.

-- Operators are told how many letters wait for somebody, over all tenants: which kind and whether open, nothing else.
drop policy if exists system on dead_letter;
create policy system on dead_letter for select to lumi_system using (true);
grant select (source, closed_at) on dead_letter to lumi_system;
create index if not exists dead_letter_waiting on dead_letter (source) where closed_at is null;
