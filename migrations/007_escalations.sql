-- One send, several ways: a message, and the steps that follow it on other channels until somebody is reached.
create table escalations (
  -- The first message's.
  id uuid primary key,
  tenant_id text not null,
  created_at timestamptz not null
);

create table escalation_steps (
  escalation_id uuid not null references escalations (id) on delete cascade,
  -- From 1: the first message is step 0.
  number integer not null,
  channel text not null,
  -- Counted from the acceptance of the step before.
  after_seconds integer not null,
  -- The fact that makes it unnecessary.
  unless text not null check (unless in ('delivered', 'read')),
  -- A valid request, complete.
  request jsonb not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'claimed', 'sent', 'cancelled', 'skipped', 'failed')),
  -- Why it ended so; of a due step why it is: its time came, or the step before failed.
  reason text,
  due_at timestamptz,
  lease_until timestamptz,
  message_id uuid,
  primary key (escalation_id, number)
);

create index escalation_steps_due on escalation_steps (due_at) where state in ('waiting', 'claimed');

alter table messages add column escalation_id uuid;

create index messages_escalation on messages (escalation_id) where escalation_id is not null;

alter table escalations enable row level security;
alter table escalation_steps enable row level security;

do $$
declare
  stranger text;
  relation text;
begin
  foreach relation in array array['escalations', 'escalation_steps'] loop
    execute format('revoke all on %I from public', relation);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on %I from %I', relation, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant all on %I to service_role', relation);
    end if;
    if exists (select from pg_roles where rolname = 'comms_reader') then
      execute format('grant select on %I to comms_reader', relation);
      execute format('create policy reading on %I for select to comms_reader using (true)', relation);
    end if;
  end loop;
end
$$;
