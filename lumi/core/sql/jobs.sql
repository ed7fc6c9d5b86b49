-- tables: job, dead_letter
-- Jobs: work without a thread, on the same claim, fence, release and reap as lanes.

create or replace function app.claim_jobs(worker int, want int)
returns table (tenant_id uuid, id uuid, epoch bigint, crashes int)
language sql volatile security definer set search_path = pg_catalog, public, pg_temp
as $$
    update job j set owner = worker, epoch = j.epoch + 1, crashes = j.crashes + 1
    from (
        select d.id from job d where d.owner is null and d.ready_at <= now()
        order by d.ready_at limit want for update skip locked
    ) c
    where j.id = c.id
    returning j.tenant_id, j.id, j.epoch, j.crashes
$$;
alter function app.claim_jobs(int, int) owner to lumi_system;

-- Seconds until the next job is due; null when none waits.
create or replace function app.next_job_due() returns double precision
language sql stable security definer set search_path = pg_catalog, public, pg_temp
as $$
    select extract(epoch from ready_at - now())::double precision from job
    where owner is null and ready_at is not null order by ready_at limit 1
$$;
alter function app.next_job_due() owner to lumi_system;

-- A job that failed waits and is tried again, or is laid down for a person to see.
create or replace function app.release_job(worker int, job_id uuid, job_epoch bigint, pause interval, why text)
returns boolean language plpgsql volatile set search_path = pg_catalog, public, pg_temp
as $$
declare freed job;
begin
    update job set owner = null, error = why,
        ready_at = case when pause is null then null else clock_timestamp() + pause end,
        dead_at = case when pause is null then clock_timestamp() end,
        key = case when pause is null then key end
    where id = job_id and owner = worker and epoch = job_epoch
    returning * into freed;
    if freed.dead_at is not null then
        insert into dead_letter (tenant_id, id, source, origin, body, reason)
        values (freed.tenant_id, uuidv7(), 'job', freed.id::text,
                convert_to(jsonb_build_object('kind', freed.kind, 'args', freed.args)::text, 'UTF8'), why);
    end if;
    return freed.id is not null;
end $$;

grant execute on function app.claim_jobs(int, int), app.next_job_due(), app.release_job(int, uuid, bigint, interval, text) to lumi_app;
