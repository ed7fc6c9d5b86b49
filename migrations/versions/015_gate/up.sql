-- Every statement may run twice.

-- Why something is said. What went on in another lane names the delivery it continues: that is continued once.
alter table delivery add column if not exists purpose text not null default 'answer',
    add column if not exists continues uuid, add column if not exists held_at timestamptz;
alter table delivery drop constraint if exists delivery_purpose_check, add constraint delivery_purpose_check
    check (purpose in ('answer', 'staff', 'service', 'proactive'));
create unique index if not exists delivery_continues on delivery (tenant_id, continues) where continues is not null;
-- What is held back waits for the person to write, or for somebody who lets it leave. Neither of these indexes names
-- what changes when something leaves: that step touches no index.
create index if not exists delivery_held on delivery (tenant_id, thread_id) where held_at is not null;
alter table delivery no force row level security;
update delivery set held_at = settled_at where state = 'held' and held_at is null;
alter table delivery force row level security;
-- What counts against a person's cap.
create index if not exists delivery_proactive on delivery (tenant_id, thread_id, n) where purpose = 'proactive';

-- What is offered with a message, to be chosen by pressing or by its number.
alter table message add column if not exists choices jsonb not null default '[]';

-- Where somebody lives, by the IANA's name of the zone; unknown: where the organisation is.
alter table contact add column if not exists time_zone text;

-- Texts a provider approved before, as it told last.
create table if not exists message_template (
    tenant_id uuid not null references tenant (id) on delete cascade,
    id uuid primary key,
    account_id uuid not null,
    provider_id text not null,
    name text not null,
    language text not null,
    category text not null,
    body text not null,
    plain boolean not null,
    status text not null check (status in ('approved', 'pending', 'paused', 'rejected', 'disabled')),
    reason text,
    purpose text check (purpose in ('reopen')),
    seen_at timestamptz not null default clock_timestamp(),
    unique (tenant_id, id),
    unique (tenant_id, account_id, name, language),
    foreign key (tenant_id, account_id) references channel_account (tenant_id, id) on delete cascade
);
create index if not exists message_template_purpose on message_template (tenant_id, account_id) where purpose is not null;
drop policy if exists tenant on message_template;
select app.protect('message_template');
