-- The way back from the first house.
do $$
declare target text;
begin
    for target in
        select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname = 'public' and tablename <> 'alembic_version'
    loop
        execute 'drop table if exists ' || target || ' cascade';
    end loop;
end $$;
drop schema if exists app cascade;
alter default privileges grant execute on functions to public;
