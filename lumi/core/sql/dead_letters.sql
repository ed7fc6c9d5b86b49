-- tables: dead_letter
-- Dead letters over all tenants, for operators.

-- How many letters of each kind nobody has dealt with yet.
create or replace function app.open_letters() returns table (source text, waiting bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select d.source, count(*) from dead_letter d where d.closed_at is null group by d.source
$$;

alter function app.open_letters() owner to lumi_system;
grant execute on function app.open_letters() to lumi_app;
