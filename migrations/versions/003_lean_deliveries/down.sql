alter table turn drop constraint if exists turn_tenant_id_id_key, add constraint turn_tenant_id_id_key unique (tenant_id, id);
alter table delivery drop constraint if exists delivery_tenant_id_id_key,
    add constraint delivery_tenant_id_id_key unique (tenant_id, id);
alter table delivery drop constraint if exists delivery_check;
drop index if exists delivery_unfinished;
create index delivery_unfinished on delivery (tenant_id, thread_id, n) where state in ('committed', 'sending');
