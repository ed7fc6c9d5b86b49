-- tables: collection, vocabulary, gram, posting, section_index, section, document, knowledge_state
-- Search: BM25 over the postings of one tenant. A question comes as units, one a content word; a unit is found
-- by its stem, by terms that nearly look like it, and by the concepts it names in any language; the best counts.
-- A soft unit has only concepts, named by words like "how much": it helps the score and proves nothing.
--
-- score orders the sections of one answer and means nothing beside another. exact, named and alike say which of the
-- words (bit i for the word at place i, from 0) a section has as they are, by a concept, and as something that looks
-- alike; weights say what each word weighs in the section's language (rare words more, words this tenant never wrote
-- most; null: a stop word there), terms are their stems there. The application makes evidence of them. knows are the
-- concepts of the section, stems its words.
--
-- Every step looks up a few rows by a key that begins with the tenant. Estimates from arrays, and tables nobody has
-- analysed yet, would have whole tables read: hence "offset 0", which fixes the order, and the planner settings.
-- Keys are computed in steps of their own: under row-level security an index is not used with an expression that
-- calls a function which might leak.

-- A Cyrillic word in Latin letters, as names are written elsewhere; any other word as it is.
create or replace function app.knowledge_latin(word text) returns text
language sql immutable parallel safe
as $$
    select case when word ~ '[а-я]' then translate(
        replace(replace(replace(replace(replace(replace(replace(word,
            'ж', 'zh'), 'х', 'kh'), 'ц', 'ts'), 'ч', 'ch'), 'ш', 'sh'), 'щ', 'shch'), 'ю', 'yu'),
        'абвгдезийклмнопрстуфыэяъь', 'abvgdeziyklmnoprstufyea') else word end
$$;
grant execute on function app.knowledge_latin(text) to lumi_app;

drop function if exists app.knowledge_search(uuid, int[], text[], int[], text[], int[], text, int);
create function app.knowledge_search(
    tenant uuid, units int[], words text[], concept_units int[], concepts text[], soft int[], asked_in text, want int
) returns table (
    section_id uuid, score float8, exact bigint, named bigint, alike bigint, weights float8[], terms text[], knows text,
    stems text
)
language plpgsql volatile set search_path = pg_catalog, public
set jit = off set enable_mergejoin = off set enable_hashjoin = off set enable_seqscan = off
set enable_bitmapscan = off set enable_material = off
set plan_cache_mode = force_generic_plan
as $$
begin
    perform app.bind(tenant);
    return query
    with shelf as materialized (
        -- In a language with very few sections every word would look common; n has a floor against that.
        select c.lang, m.n, c.length / c.sections as mean, ln(2 + 2.0 * m.n)::float8 as unheard,
            asked_in is not null and c.lang <> asked_in as is_foreign
        from (select *, max(o.sections) over () as most from collection o where o.tenant_id = tenant) c
        cross join lateral (select greatest(c.sections, least(20, c.most)) as n) m
        where c.sections > 0
    ), concept as materialized (
        select c.unit, s.lang, s.n, s.mean, s.is_foreign, s.lang || ':@' || c.concept as term
        from unnest(concept_units, concepts) c (unit, concept) cross join shelf s
    ), named as materialized (
        select c.*, v.sections as df, ln(1 + (c.n - v.sections + 0.5) / (v.sections + 0.5))::float8 as idf
        from concept c cross join lateral (
            select y.sections from vocabulary y where y.tenant_id = tenant and y.term = c.term offset 0
        ) v
    ), stem as materialized (
        select u.unit, 1::bigint << (u.place - 1)::int as bit, s.*,
            app.knowledge_stem(s.lang, case when s.lang = 'ru' then u.word else app.knowledge_latin(u.word) end) as stem
        from unnest(units, words) with ordinality u (unit, word, place) cross join shelf s
        where asked_in is null or asked_in = s.lang or app.knowledge_stem(asked_in, u.word) is not null
    ), sought as materialized (
        select t.*, t.lang || ':' || t.stem as term from stem t where t.stem is not null
    ), exact as materialized (
        select t.unit, t.bit, t.lang, t.n, t.mean, t.is_foreign, t.stem, t.term, coalesce(v.sections, 0) as df,
            ln(1 + (t.n - coalesce(v.sections, 0) + 0.5) / (coalesce(v.sections, 0) + 0.5))::float8 as idf,
            case when v.sections > 0 then ln(1 + (t.n - v.sections + 0.5) / (v.sections + 0.5))::float8
                else coalesce((select min(c.idf) from named c where c.unit = t.unit and c.lang = t.lang),
                    t.unheard * case when t.is_foreign and t.unit <> all (concept_units) then 0.9 else 1 end)
                end as asked
        from sought t left join lateral (
            select y.sections from vocabulary y where y.tenant_id = tenant and y.term = t.term offset 0
        ) v on true
    ), piece as materialized (
        select e.unit, e.lang, g.gram, count(*) over (partition by e.unit, e.lang) as size, e.term
        from exact e cross join lateral app.knowledge_grams(e.term) g (gram)
        where e.df <= greatest(5, e.n / 50) and length(e.stem) >= 4 and e.stem !~ '[0-9]'
    ), alike as materialized (
        select c.*, row_number() over (partition by c.unit, c.lang order by c.likeness desc, c.term) as place
        from (
            select p.unit, p.lang, g.term, 2.0::float8 * count(*) / (min(p.size) + min(g.size)) as likeness
            from piece p cross join lateral (
                select y.term, y.size from gram y where y.tenant_id = tenant and y.gram = p.gram offset 0
            ) g
            where g.term <> p.term and g.size between p.size / 3 and p.size * 3
            group by p.unit, p.lang, g.term
        ) c where c.likeness >= 0.5
    ), way as materialized (
        -- What each section of the term gains; how it is found: 1 as it is, 2 by a concept, 4 by likeness.
        select e.unit, e.bit, 1 as how, e.term, e.mean,
            e.idf * case when e.is_foreign then 0.5 else 1 end as weight
        from exact e where e.df > 0
        union all
        select e.unit, e.bit, 4, a.term, e.mean,
            0.5 * a.likeness * ln(1 + (e.n - v.sections + 0.5) / (v.sections + 0.5))
                * case when e.is_foreign then 0.5 else 1 end
        from exact e join alike a on a.unit = e.unit and a.lang = e.lang and a.place <= 12
        cross join lateral (
            select y.sections from vocabulary y where y.tenant_id = tenant and y.term = a.term offset 0
        ) v
        union all
        select c.unit, coalesce(e.bit, 0), 2, c.term, c.mean,
            c.idf * case when c.is_foreign then 0.5 else 1 end
                * case when c.unit = any (soft) then 0.4 when e.df > 0 then 0.3 else 0.8 end
        from named c left join exact e on e.unit = c.unit and e.lang = c.lang
    ), ranked as materialized (
        select h.id, sum(h.value) as value,
            bit_or(case when h.how & 1 > 0 then h.bit else 0 end) as exact,
            bit_or(case when h.how & 2 > 0 then h.bit else 0 end) as named,
            bit_or(case when h.how & 4 > 0 then h.bit else 0 end) as alike
        from (
            select p.section_id as id, w.unit, w.bit, bit_or(w.how) as how,
                max(w.weight * p.tf * 2.2 / (p.tf + 1.2 * (0.25 + 0.75 * p.length / w.mean))) as value
            from way w cross join lateral (
                select y.section_id, y.tf, y.length from posting y
                where y.tenant_id = tenant and y.term = w.term offset 0
            ) p
            group by p.section_id, w.unit, w.bit
        ) h
        group by h.id order by 2 desc, 1 limit greatest(want, 30)
    ), weighed as materialized (
        select s.lang, array_agg(e.asked order by u.place) as weights, array_agg(e.stem order by u.place) as terms
        from shelf s
        left join unnest(units) with ordinality u (unit, place) on true
        left join exact e on e.unit = u.unit and e.lang = s.lang
        group by s.lang
    ), pair as materialized (
        select e.lang, ' ' || e.stem || ' ' || lead(e.stem) over following || ' ' as words,
            least(e.idf, lead(e.idf) over following) * case when e.is_foreign then 0.5 else 1 end as idf
        from exact e window following as (partition by e.lang order by e.unit)
    )
    select r.id,
        r.value + 0.5 * coalesce((
            select sum(p.idf) from pair p where p.lang = i.lang and strpos(i.stems, p.words) > 0), 0) as total,
        r.exact, r.named, r.alike,
        q.weights, q.terms, ltrim(i.concepts, '=0123456789 '), i.stems
    from ranked r join section_index i on i.tenant_id = tenant and i.section_id = r.id
    join weighed q on q.lang = i.lang
    order by total desc, r.id limit want;
end $$;
grant execute on function app.knowledge_search(uuid, int[], text[], int[], text[], int[], text, int) to lumi_app;

-- The sections that knowledge_search finds, as they are quoted and cited.
drop function if exists app.find_passages(uuid, int[], text[], int[], text[], int[], text, int);
create function app.find_passages(
    tenant uuid, units int[], words text[], concept_units int[], concepts text[], soft int[], asked_in text, want int
) returns table (
    id uuid, document_id uuid, external_id text, external_id_is_number boolean, title_path text[], url text,
    lang text, body text, score float8, exact bigint, named bigint, alike bigint, weights float8[], terms text[], knows text,
    stems text
)
language plpgsql volatile set search_path = pg_catalog, public
set jit = off set enable_mergejoin = off set enable_hashjoin = off set enable_seqscan = off
set enable_bitmapscan = off set enable_material = off
set plan_cache_mode = force_generic_plan
as $$
begin
    perform app.bind(tenant);
    return query
    select s.id, d.id, d.external_id, d.external_id_is_number, s.title_path,
        case when d.kind = 'faq' then d.url else d.url || '#' || s.anchor end, s.lang, s.text, k.score,
        k.exact, k.named, k.alike, k.weights, k.terms, k.knows, k.stems
    from app.knowledge_search(tenant, units, words, concept_units, concepts, soft, asked_in, want) k
    join section s on s.tenant_id = tenant and s.id = k.section_id
    join document d on d.tenant_id = tenant and d.id = s.document_id
    order by k.score desc, s.id;
end $$;
grant execute on function app.find_passages(uuid, int[], text[], int[], text[], int[], text, int) to lumi_app;

-- The number of the last change of a tenant's knowledge; 0 before the first.
create or replace function app.knowledge_version(tenant uuid) returns bigint
language plpgsql volatile set search_path = pg_catalog, public
as $$
begin
    perform app.bind(tenant);
    return coalesce((select version from knowledge_state where tenant_id = tenant), 0);
end $$;
grant execute on function app.knowledge_version(uuid) to lumi_app;
