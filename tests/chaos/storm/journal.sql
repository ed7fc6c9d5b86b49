-- The storm's own journal, written by the database itself in the transaction of what it tells: which worker sent what,
-- and when that worker, or somebody for it, let go of the lane.
create schema storm;
create table storm.worker (id int primary key, pid int not null, born_at timestamptz not null);
create table storm.departure (
    delivery uuid not null, lane uuid not null, epoch bigint not null, worker int,
    departed_at timestamptz not null, let_go_at timestamptz);
create index departure_open on storm.departure (lane, epoch) where let_go_at is null;

create function storm.note_worker() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into storm.worker values (new.id, new.pid, clock_timestamp());
    return null;
end $$;

create function storm.note_departure() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    insert into storm.departure
    select new.id, l.key, l.epoch, l.owner, clock_timestamp()
    from lane l where l.tenant_id = new.tenant_id and l.key = new.thread_id;
    return null;
end $$;

create function storm.note_let_go() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
    update storm.departure set let_go_at = clock_timestamp()
    where lane = old.key and epoch = old.epoch and let_go_at is null;
    return null;
end $$;

create trigger storm_born after insert on worker for each row execute function storm.note_worker();
create trigger storm_departed after update on delivery for each row
    when (new.state = 'sending' and new.attempt > old.attempt) execute function storm.note_departure();
create trigger storm_let_go after update on lane for each row
    when (old.owner is not null and new.owner is distinct from old.owner) execute function storm.note_let_go();
