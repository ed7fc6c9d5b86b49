-- tables: contact, contact_point, audit_entry
-- Many people met at this moment: contacts.identify for all whose case is simple.
-- Lock order: addresses by kind and value, as identify takes those of one person; nothing else is waited for.

-- Place by place the contact of these addresses: the one who has them all and misses nothing that is given, or a new
-- one if nobody has any. Null, and nothing of it stays, for whom identify must look at: addresses of several people
-- or one to be added, a name or language to be filled, who shares an address with somebody earlier in the same call,
-- and from whom another transaction took one at this moment.
-- items: name, search_name, language, points (kind, value), all in the form they are stored in.
create or replace function app.meet(tenant uuid, items jsonb) returns uuid[]
language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare known uuid[]; made uuid[]; lost uuid[];
begin
    perform app.bind(tenant);

    with point as (
        select i.place, h.contact_id as holder, min(i.place) over (partition by p.kind, p.value) as first_place
        from jsonb_array_elements(items) with ordinality i (item, place)
        cross join lateral jsonb_to_recordset(i.item -> 'points') p (kind text, value text)
        left join lateral (  -- one look each: a join is planned as a scan of the tenant's addresses
            select c.contact_id from contact_point c
            where c.tenant_id = tenant and c.kind = p.kind and c.value = p.value limit 1) h on true
    ), person as (
        select place, array_agg(distinct holder) as holders,  -- a null among them, the last, is nobody
               bool_and(first_place = place) as is_first
        from point group by place
    )
    select array_agg(k.id order by i.place),
           array_agg(case when p.holders[1] is null and p.is_first then uuidv7() end order by i.place)
    into known, made
    from jsonb_array_elements(items) with ordinality i (item, place)
    left join person p using (place)
    left join lateral (
        select c.id from contact c
        where c.tenant_id = tenant and c.id = p.holders[1] and cardinality(p.holders) = 1
          and (c.name is not null or i.item ->> 'name' is null)
          and (c.language is not null or i.item ->> 'language' is null) limit 1) k on true;
    if array_remove(made, null) = '{}' then
        return known;
    end if;

    insert into contact (tenant_id, id, name, search_name, language)
    select tenant, made[i.place], i.item ->> 'name', i.item ->> 'search_name', i.item ->> 'language'
    from jsonb_array_elements(items) with ordinality i (item, place) where made[i.place] is not null;

    with taken as (
        insert into contact_point (tenant_id, id, contact_id, kind, value)
        select tenant, uuidv7(), made[i.place], p.kind, p.value
        from jsonb_array_elements(items) with ordinality i (item, place)
        cross join lateral jsonb_to_recordset(i.item -> 'points') p (kind text, value text)
        where made[i.place] is not null
        order by p.kind collate "C", p.value collate "C"  -- as Python sorts; in one order two calls wait, never deadlock
        on conflict do nothing
        returning contact_id
    ), counted as (
        select contact_id, count(*) as points from taken group by contact_id
    )
    select array_agg(made[i.place]) into lost
    from jsonb_array_elements(items) with ordinality i (item, place)
    left join counted h on h.contact_id = made[i.place]
    where made[i.place] is not null and coalesce(h.points, 0) < jsonb_array_length(i.item -> 'points');
    if lost is not null then
        delete from contact c where c.tenant_id = tenant and c.id = any (lost);  -- and its addresses with it
        made := array(
            select case when m.id <> all (lost) then m.id end from unnest(made) with ordinality m (id, place)
            order by m.place);
    end if;

    insert into audit_entry (tenant_id, id, at, actor_kind, actor_id, actor_name, action, target, detail, request_id)
    select tenant, uuidv7(), now(), 'system', null, 'lumi', 'contacts.contact_added', 'contact:' || made[i.place],
           jsonb_build_object('points', jsonb_path_query_array(i.item, '$.points[*].kind')),
           replace(uuidv7()::text, '-', '')
    from jsonb_array_elements(items) with ordinality i (item, place) where made[i.place] is not null;

    return array(
        select coalesce(u.known_id, u.made_id) from unnest(known, made) with ordinality u (known_id, made_id, place)
        order by u.place);
end $$;

grant execute on function app.meet(uuid, jsonb) to lumi_app;
