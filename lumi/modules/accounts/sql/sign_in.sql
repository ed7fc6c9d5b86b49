-- tables: identity, membership, tenant
-- What has to be known of a person before a tenant is bound. Each returns the least that serves.

-- The person behind an address, and where they are staff; a person who is staff nowhere is one row of nulls.
create or replace function app.sign_in_candidate(address text)
returns table (
    identity_id uuid, name text, password_hash text, tenant_id uuid, tenant_slug text, tenant_name text
)
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select i.id, i.name, i.password_hash, t.id, t.slug, t.name
    from identity i
    left join membership m on m.identity_id = i.id
    left join tenant t on t.id = m.tenant_id
    where i.email = address
    order by t.slug
$$;
alter function app.sign_in_candidate(text) owner to lumi_system;

-- The person with this address: the one that is there, with name and password untouched, or this new one.
create or replace function app.identity_for(new_id uuid, address text, new_name text, new_hash text)
returns uuid
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into identity (id, email, name, password_hash) values (new_id, address, new_name, new_hash)
    on conflict (email) do nothing;
    return (select i.id from identity i where i.email = address);
end $$;
alter function app.identity_for(uuid, text, text, text) owner to lumi_system;

-- The same password under stronger parameters: only who knows the old hash may replace it.
create or replace function app.rehash_password(identity uuid, old_hash text, new_hash text)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    update identity i set password_hash = new_hash where i.id = identity and i.password_hash = old_hash;
    return found;
end $$;
alter function app.rehash_password(uuid, text, text) owner to lumi_system;

revoke execute on function app.sign_in_candidate(text), app.identity_for(uuid, text, text, text),
    app.rehash_password(uuid, text, text) from public;
grant execute on function app.sign_in_candidate(text), app.identity_for(uuid, text, text, text),
    app.rehash_password(uuid, text, text) to lumi_app;
