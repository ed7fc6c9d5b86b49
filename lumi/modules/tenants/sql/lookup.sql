-- tables: tenant, inbound_identifier
-- Finding a tenant before one is bound: ids and slugs, nothing else.

create or replace function app.tenant_by_slug(wanted text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select id from tenant where slug = wanted $$;

-- For the command line and the landing page; whoever wants more binds the tenant and reads it.
create or replace function app.tenant_slugs() returns table (id uuid, slug text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$ select t.id, t.slug from tenant t order by t.slug $$;

-- The one tenant that claims this name; null when nobody does, and when two do: then neither can be believed.
create or replace function app.tenant_of_identifier(of_kind text, of_value text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select case when count(*) = 1 then (array_agg(c.tenant_id))[1] end
    from (select i.tenant_id from inbound_identifier i where i.kind = of_kind and i.value = of_value limit 2) c
$$;

alter function app.tenant_by_slug(text) owner to lumi_system;
alter function app.tenant_slugs() owner to lumi_system;
alter function app.tenant_of_identifier(text, text) owner to lumi_system;
revoke execute on function app.tenant_by_slug(text), app.tenant_slugs(), app.tenant_of_identifier(text, text) from public;
grant execute on function app.tenant_by_slug(text), app.tenant_slugs(), app.tenant_of_identifier(text, text) to lumi_app;
