-- Receipts change a message without touching an index, and are kept without a look at the message's row. For some days
-- this stood in 001 and 002 instead, and databases were made of those: whatever is there already stays.

-- Room for what receipts change: where no index has the changed column, PostgreSQL writes the new row beside the old one
-- and touches no index. That is why `status` and the facts of a message that goes well have none.
alter table messages set (fillfactor = 80);
drop index if exists messages_status;
drop index if exists messages_dead;
-- The lists of what went wrong, and of what we hold ourselves. What goes well is found among the newest.
create index if not exists messages_wrong on messages (created_at desc, id desc)
  where failed_at is not null or rejected_at is not null or bounced_at is not null or complained_at is not null;

-- Its provider may still tell of an attempt that another followed.
create index if not exists message_attempts_provider_id on message_attempts (provider_message_id)
  where provider_message_id is not null;

-- For dashboards over weeks: events are written about when they happen, so that a summary of each stretch of the table does.
drop index if exists message_events_channel;
create index if not exists message_events_occurred on message_events using brin (occurred_at) with (pages_per_range = 32);

-- No foreign key, which would look each message up once more: record_events holds it, and who deletes it takes its events
-- along (delete_events).
alter table message_events drop constraint if exists message_events_message_id_fkey;

create or replace function delete_events() returns trigger
language plpgsql
set search_path to public, pg_temp
as $$
begin
  delete from message_events e using gone where e.message_id = gone.id;
  return null;
end
$$;

create or replace trigger delete_events
after delete on messages
referencing old table as gone
for each statement execute function delete_events();

-- A database of the first hour (0.1.0) has this of an earlier 001.
alter table messages
  add column if not exists attempts_before integer not null default 0,
  add column if not exists check_at timestamptz,
  add column if not exists checks integer not null default 0;
alter table quarantined_events
  add column if not exists event_id text,
  add column if not exists replayed_at timestamptz;
create index if not exists messages_held on messages (phase, created_at desc, id desc) where phase not in ('queued', 'sending');
create index if not exists messages_check on messages (check_at) where check_at is not null;
create index if not exists messages_inbound on messages (provider, created_at desc) where direction = 'inbound';
create table if not exists message_payloads (
  message_id uuid primary key references messages (id) on delete cascade,
  payload jsonb not null
);
alter table message_payloads enable row level security;

do $$
declare
  stranger text;
begin
  if not exists (select from pg_constraint where conname = 'messages_phase_check' and pg_get_constraintdef(oid) ~ 'dead') then
    alter table messages
      drop constraint messages_phase_check,
      add constraint messages_phase_check
        check (phase in ('scheduled', 'queued', 'sending', 'unknown', 'dead', 'cancelled', 'received'));
    alter table message_attempts
      drop constraint message_attempts_outcome_check,
      add constraint message_attempts_outcome_check
        check (outcome in ('accepted', 'refused', 'retryable', 'exhausted', 'unknown'));
  end if;
  if exists (select from pg_attribute where attrelid = 'messages'::regclass and attname = 'payload' and not attisdropped) then
    insert into message_payloads (message_id, payload)
    select id, payload from messages where payload is not null;
    alter table messages drop column payload;
  end if;

  revoke all on function delete_events() from public;
  revoke all on message_payloads from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on function delete_events() from %I', stranger);
      execute format('revoke all on message_payloads from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on message_payloads to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on message_payloads to comms_reader;
    drop policy if exists reading on message_payloads;
    create policy reading on message_payloads for select to comms_reader using (true);
  end if;
end
$$;
