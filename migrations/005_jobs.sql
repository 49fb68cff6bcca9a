-- Work that follows from what was told: written in the transaction that tells it, done by the worker, deleted when done.
create table jobs (
  id bigint generated always as identity primary key,
  kind text not null,
  -- What concerns one record is done in order: of a lane only the oldest job may be taken. A dead letter leaves its lane.
  lane text not null,
  message_id uuid not null references messages (id) on delete cascade,
  payload jsonb not null,
  due_at timestamptz not null,
  tries integer not null default 0,
  owner text,
  lease_until timestamptz,
  -- Given up; a person may replay it.
  dead_at timestamptz,
  error_code text,
  error_message text,
  request_id text,
  created_at timestamptz not null
);

create index jobs_lane on jobs (lane, id) where dead_at is null;
create index jobs_due on jobs (due_at, id) where dead_at is null;
create index jobs_dead on jobs (id desc) where dead_at is not null;
create index jobs_message on jobs (message_id);

-- Whether the CRM is to show it; decided when it is made, so that turning the CRM on does not reach back.
alter table messages add column traced boolean not null default false;

alter table jobs enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on jobs from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on jobs from %I', stranger);
      execute format('revoke all on jobs_id_seq from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on jobs to service_role;
    grant all on jobs_id_seq to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on jobs to comms_reader;
    create policy reading on jobs for select to comms_reader using (true);
  end if;
end
$$;
