-- What waits behind another job of its lane is not looked at by who takes what is due: a lane may be long, and its head may wait
-- for a CRM that is away. False where it is not known: claim_jobs looks whether another one comes before.
alter table jobs add column if not exists behind boolean not null default false;

create index if not exists jobs_heads on jobs (due_at, id) where dead_at is null and not behind;
drop index if exists jobs_due;

-- However the head of a lane goes, the next one steps forward. The lane is held for it as by whoever adds to it (enqueue_jobs):
-- else one that is added meanwhile would stay behind nobody.
create or replace function step_forward() returns trigger
language plpgsql
set search_path to public, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('lane ' || old.lane, 0));
  update jobs j
  set behind = false
  where j.id = (select min(n.id) from jobs n where n.lane = old.lane and n.dead_at is null) and j.behind;
  return null;
end
$$;

create or replace trigger step_forward_when_gone
after delete on jobs
for each row when (old.dead_at is null and not old.behind) execute function step_forward();

create or replace trigger step_forward_when_dead
after update of dead_at on jobs
for each row when (old.dead_at is null and new.dead_at is not null and not old.behind) execute function step_forward();

do $$
declare
  stranger text;
begin
  revoke all on function step_forward() from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on function step_forward() from %I', stranger);
    end if;
  end loop;
end
$$;
