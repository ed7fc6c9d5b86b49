-- tables: knowledge_state, section_index, posting, vocabulary, gram, collection
-- The index: words of sections into terms, postings and counts, in the transaction of the change.

-- The stem of one lower-case word without its accents; null for a stop word of the language.
-- Arabic comes stemmed by the application: the server's stemmer eats letters of roots.
create or replace function app.knowledge_stem(lang text, word text) returns text
language sql immutable parallel safe
as $$
    select case
        when stem is null or stem ~ '^[ -~]+$' or lang not in ('fr', 'en', 'es', 'de', 'it', 'pt') then stem
        else regexp_replace(normalize(stem, NFD), '[\u0300-\u036f]', '', 'g') end
    from (select (case lang
        when 'fr' then ts_lexize('french_stem', word)
        when 'en' then ts_lexize('english_stem', word)
        when 'es' then ts_lexize('spanish_stem', regexp_replace(word, '([cs])ion$', '\1ión'))
        when 'de' then ts_lexize('german_stem', word)
        when 'it' then ts_lexize('italian_stem', word)
        when 'pt' then ts_lexize('portuguese_stem', regexp_replace(word, 'cao$', 'ção'))
        when 'ru' then ts_lexize('russian_stem', word)
        else array[word] end)[1] as stem) s
$$;
grant execute on function app.knowledge_stem(text, text) to lumi_app;

-- The three-letter pieces of a term 'fr:chien', each with its language: 'fr:^ch', 'fr:chi', … 'fr:en$'.
create or replace function app.knowledge_grams(term text) returns setof text
language sql immutable parallel safe
as $$
    select distinct split_part(term, ':', 1) || ':' || substr(word, i, 3)
    from (select '^' || substr(term, strpos(term, ':') + 1) || '$' as word) w,
        generate_series(1, length(word) - 2) i
$$;
grant execute on function app.knowledge_grams(text) to lumi_app;

-- Serialises the writers of a tenant's knowledge and gives the change its number.
create or replace function app.knowledge_touch(tenant uuid) returns bigint
language sql volatile set search_path = pg_catalog, public
as $$
    insert into knowledge_state (tenant_id, version) values (tenant, 1)
    on conflict (tenant_id) do update set version = knowledge_state.version + 1
    returning version
$$;
grant execute on function app.knowledge_touch(uuid) to lumi_app;

-- Takes sections out of the index; call knowledge_touch first. Sections without index are passed over.
create or replace function app.knowledge_forget(tenant uuid, ids uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, public
set jit = off set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
set enable_bitmapscan = off set enable_material = off
as $$
begin
    with written as materialized (
        select distinct i.section_id, i.lang || ':' || t.term as term
        from section_index i
        cross join lateral string_to_table(i.stems || ' @' || replace(i.concepts, ' ', ' @'), ' ') t (term)
        where i.tenant_id = tenant and i.section_id = any (ids)
    ), gone as (
        delete from posting p using written w
        where p.tenant_id = tenant and p.term = w.term and p.section_id = w.section_id returning p.term
    ), fewer as (
        select term, count(*)::int as n from gone group by term
    )
    update vocabulary v set sections = v.sections - fewer.n
    from fewer where v.tenant_id = tenant and v.term = fewer.term;

    with dead as (
        delete from vocabulary where tenant_id = tenant and sections <= 0 returning term
    ), piece as materialized (
        select d.term, g.gram from dead d cross join lateral app.knowledge_grams(d.term) g (gram)
    )
    delete from gram g using piece p where g.tenant_id = tenant and g.gram = p.gram and g.term = p.term;

    with gone as (
        delete from section_index where tenant_id = tenant and section_id = any (ids) returning lang, length
    ), fewer as (
        select lang, count(*)::int as n, sum(length::float8) as length from gone group by lang
    )
    update collection c set sections = c.sections - fewer.n, length = greatest(c.length - fewer.length, 0)
    from fewer where c.tenant_id = tenant and c.lang = fewer.lang;
end $$;
grant execute on function app.knowledge_forget(uuid, uuid[]) to lumi_app;

-- Indexes sections, replacing what was indexed of them. Parallel arrays; titles, keywords and bodies are
-- words between single blanks, concepts likewise, repeated as often as they occur, those of titles in
-- title_concepts. title_weights says how often a word of the title counts. edition is the number of the rules that
-- made the words: it is kept before the concepts, as '=2', and is no term.
drop function if exists app.knowledge_index(
    uuid, uuid[], text[], real[], text[], text[], text[], text[], text[]);
create or replace function app.knowledge_index(
    tenant uuid, edition int, ids uuid[], langs text[], title_weights real[], titles text[], keywords text[],
    bodies text[], title_concepts text[], body_concepts text[]
) returns void
language plpgsql volatile set search_path = pg_catalog, public set jit = off set work_mem = '64MB'
as $$
begin
    perform app.knowledge_forget(tenant, ids);

    with item as materialized (
        select * from unnest(ids, langs, title_weights, titles, keywords, bodies, title_concepts, body_concepts)
            u (id, lang, title_weight, title, keyword, body, title_concept, body_concept)
    ), word as materialized (
        select i.id, i.lang, f.field, f.weight, w.word, w.place
        from item i
        cross join lateral (values
            (1, i.title, i.title_weight), (2, i.keyword, 1::real), (3, i.body, 1::real)) f (field, words, weight)
        cross join lateral string_to_table(f.words, ' ') with ordinality w (word, place)
        where w.word <> ''
    ), stemmed as materialized (
        select lang, word, app.knowledge_stem(lang, word) as stem from (select distinct lang, word from word) d
    ), occurrence as materialized (
        select w.id, w.lang, w.field, w.weight, w.place, s.stem
        from word w join stemmed s on s.lang = w.lang and s.word = w.word where s.stem is not null
    ), field as (
        select id, field, sum(weight) as length, string_agg(stem, ' ' order by place) as stems
        from occurrence group by id, field
    ), sized as (
        insert into section_index (tenant_id, section_id, lang, length, stems, concepts)
        select tenant, i.id, i.lang, greatest(coalesce(sum(f.length), 0), 1),
            coalesce(' ' || string_agg(f.stems, ' | ' order by f.field) || ' ', ''),
            concat_ws(' ', '=' || edition, nullif(i.title_concept, ''), nullif(i.body_concept, ''))
        from item i left join field f on f.id = i.id
        group by i.id, i.lang, i.title_concept, i.body_concept
        returning section_id, lang, length
    ), counted as (
        insert into collection (tenant_id, lang, sections, length)
        select tenant, lang, count(*), sum(length::float8) from sized group by lang order by lang
        on conflict (tenant_id, lang) do update
        set sections = collection.sections + excluded.sections, length = collection.length + excluded.length
    ), term as (
        select id, lang || ':' || stem as term, sum(weight)::real as tf from occurrence group by id, lang, stem
        union all
        select i.id, i.lang || ':@' || c.concept, sum(f.weight)::real
        from item i
        cross join lateral (values (i.title_concept, i.title_weight), (i.body_concept, 1::real)) f (concepts, weight)
        cross join lateral string_to_table(f.concepts, ' ') c (concept)
        where c.concept <> '' group by i.id, i.lang, c.concept
    ), posted as (
        insert into posting (tenant_id, term, section_id, tf, length)
        select tenant, t.term, t.id, t.tf, s.length from term t join sized s on s.section_id = t.id
        order by t.term, t.id
        returning term
    ), spread as (
        select term, count(*)::int as n from posted group by term
    ), added as (
        insert into vocabulary (tenant_id, term, sections)
        select tenant, term, n from spread order by term
        on conflict (tenant_id, term) do update set sections = vocabulary.sections + excluded.sections
        returning term, (xmax = 0) as is_new
    ), piece as (
        select a.term, g.gram, count(*) over (partition by a.term)::int as size
        from added a cross join lateral app.knowledge_grams(a.term) g (gram)
        where a.is_new and a.term !~ '[0-9@]'
    )
    insert into gram (tenant_id, gram, term, size) select tenant, gram, term, size from piece order by gram, term;
end $$;
grant execute on function app.knowledge_index(
    uuid, int, uuid[], text[], real[], text[], text[], text[], text[], text[]) to lumi_app;

-- Some of the sections that were indexed by rules older than this edition, or before editions were counted.
create or replace function app.knowledge_outdated(tenant uuid, edition int, want int) returns setof uuid
language sql stable set search_path = pg_catalog, public
as $$
    select section_id from section_index
    where tenant_id = tenant and coalesce(substring(concepts from '^=([0-9]+)')::int, 0) < edition
    limit want
$$;
grant execute on function app.knowledge_outdated(uuid, int, int) to lumi_app;
