-- What an organisation knows: documents in versions, their sections, the index over them, what was asked in vain.

-- version counts every change and is what If-Match compares; current_version is the newest text.
create table document (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    kind text not null check (kind in ('faq', 'document')),
    external_id text,
    external_id_is_number boolean not null default false,
    lang text not null check (lang ~ '^[a-z]{2,3}$'),
    title text not null,
    url text,
    keywords text[] not null default '{}',
    current_version int not null default 1,
    version int not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    archived_at timestamptz,
    archived_by uuid,
    unique (tenant_id, id)
);
create unique index document_external_id on document (tenant_id, external_id) where archived_at is null;
create index document_newest on document (tenant_id, created_at, id) where archived_at is null;
select app.protect('document');

create table document_version (
    tenant_id uuid not null,
    document_id uuid not null,
    number int not null,
    title text not null,
    format text not null check (format in ('markdown', 'plain')),
    body text not null,
    checksum text not null,
    created_at timestamptz not null default clock_timestamp(),
    created_by uuid,
    created_by_name text not null default '',
    primary key (tenant_id, document_id, number),
    foreign key (tenant_id, document_id) references document (tenant_id, id) on delete cascade
);
select app.protect('document_version', 'select, insert, delete');

-- A section is what answers quote. Its id stays while (document, anchor) stays, whatever its text becomes.
create table section (
    tenant_id uuid not null,
    id uuid primary key,
    document_id uuid not null,
    anchor text not null,
    place int not null,
    title_path text[] not null,
    text text not null,
    lang text not null,
    words int not null,
    checksum text not null,
    unique (tenant_id, id),
    unique (tenant_id, document_id, anchor),
    foreign key (tenant_id, document_id) references document (tenant_id, id) on delete cascade
);
select app.protect('section');

-- The index. Only app.knowledge_index and app.knowledge_forget write these five, under the lock of the
-- tenant's knowledge_state row. Terms begin with the language of the section, concepts
-- with a sign after it: 'fr:chien', 'fr:@pets'.

-- The version changes in the transaction of every change; who holds an older one has read something stale.
create table knowledge_state (
    tenant_id uuid primary key references tenant (id) on delete cascade,
    version bigint not null default 0
);
select app.protect('knowledge_state');

-- stems is the section in reading order, title first, for the neighbourhood of words; with concepts it is
-- also the list of the terms under which the section is posted.
create table section_index (
    tenant_id uuid not null,
    section_id uuid not null,
    lang text not null,
    length real not null,
    stems text not null,
    concepts text not null,
    primary key (tenant_id, section_id),
    foreign key (tenant_id, section_id) references section (tenant_id, id) on delete cascade
);
select app.protect('section_index');

-- tf is weighted by field; length is repeated so that ranking reads no other table. There are 60 to 100 rows
-- a section: checking a foreign key for each would cost a fifth of a load, so forget_index below does the cascade.
create table posting (
    tenant_id uuid not null,
    term text not null,
    section_id uuid not null,
    tf real not null,
    length real not null,
    primary key (tenant_id, term, section_id)
);
select app.protect('posting');

create table vocabulary (
    tenant_id uuid not null,
    term text not null,
    sections int not null,
    primary key (tenant_id, term)
) with (fillfactor = 70);
select app.protect('vocabulary');

-- Three letters of a term each, to find words that are nearly the same; size is how many the term has.
create table gram (
    tenant_id uuid not null,
    gram text not null,
    term text not null,
    size int not null,
    primary key (tenant_id, gram, term)
);
select app.protect('gram');

-- A tenant that is deleted takes its index along.
create function app.forget_index() returns trigger language plpgsql set search_path = pg_catalog, public as $$
begin
    delete from posting where tenant_id = old.tenant_id;
    delete from vocabulary where tenant_id = old.tenant_id;
    delete from gram where tenant_id = old.tenant_id;
    return null;
end $$;
grant execute on function app.forget_index() to lumi_app;
create trigger forget_index after delete on knowledge_state for each row execute function app.forget_index();

create table collection (
    tenant_id uuid not null references tenant (id) on delete cascade,
    lang text not null,
    sections int not null,
    length double precision not null,
    primary key (tenant_id, lang)
);
select app.protect('collection');

-- A question nothing answered. The same words are one row however often they are asked: fingerprint is their digest.
create table gap (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    question text not null,
    fingerprint text not null,
    lang text,
    times int not null default 1,
    first_asked_at timestamptz not null,
    last_asked_at timestamptz not null,
    closed_at timestamptz,
    closed_by uuid,
    unique (tenant_id, id),
    unique (tenant_id, fingerprint)
);
create index gap_newest on gap (tenant_id, last_asked_at, id);
select app.protect('gap');
