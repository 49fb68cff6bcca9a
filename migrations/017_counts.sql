-- What was counted of the messages of an hour, so that statistics of a year and a list of what hardly occurs read no message
-- that they do not show. Made by count_messages, for hours that lie back.

create table message_counts (
  -- Its beginning; the messages that were made in it.
  hour timestamptz not null,
  tenant_id text,
  channel text not null,
  direction text not null,
  -- Those that at least one of these messages has.
  statuses text[] not null,
  messages integer not null,
  sent integer not null,
  delivered integer not null,
  read integer not null,
  opened integer not null,
  opened_by_machines integer not null,
  clicked integer not null,
  clicked_by_machines integer not null,
  bounced integer not null,
  rejected integer not null,
  failed integer not null,
  complained integer not null,
  unknown integer not null
);

create index message_counts_hour on message_counts (hour);
create index message_counts_tenant on message_counts (tenant_id, hour);

-- Hours of which something became known late: what was counted of them does not hold any more. One row each time, written
-- in the transaction that changes the message, so that nobody waits for anybody and nothing is lost.
create table message_recounts (
  hour timestamptz not null
);

create index message_recounts_hour on message_recounts (hour);

create function recount_hour() returns trigger
language plpgsql
set search_path to public, pg_temp
as $$
begin
  -- Here and not where the trigger says when: a long condition is read anew by every statement, for 30 receipts a tenth of them.
  if tg_op = 'UPDATE' and (
    old.status, old.created_at, old.tenant_id, old.channel, old.direction, old.sent_at, old.delivered_at, old.opened_at,
    old.read_at, old.clicked_at, old.bounced_at, old.rejected_at, old.failed_at, old.complained_at, old.machine_opened_at,
    old.machine_clicked_at
  ) is not distinct from (
    new.status, new.created_at, new.tenant_id, new.channel, new.direction, new.sent_at, new.delivered_at, new.opened_at,
    new.read_at, new.clicked_at, new.bounced_at, new.rejected_at, new.failed_at, new.complained_at, new.machine_opened_at,
    new.machine_clicked_at
  ) then
    return null;
  end if;
  insert into message_recounts (hour)
  select distinct date_trunc('hour', t.at, 'UTC')
  from (values
    (case when tg_op <> 'INSERT' then old.created_at end),
    (case when tg_op <> 'DELETE' then new.created_at end)
  ) as t (at)
  where t.at is not null;
  return null;
end
$$;

-- Whoever changes what is counted, a person with psql too. count_messages leaves an hour open for longer than these twelve:
-- what is told sooner costs a comparison.
create trigger recount_made
after insert on messages
for each row
when (new.created_at < now() - interval '12 hours')
execute function recount_hour();

create trigger recount_gone
after delete on messages
for each row
when (old.created_at < now() - interval '12 hours')
execute function recount_hour();

create trigger recount_changed
after update on messages
for each row
when (old.created_at < now() - interval '12 hours')
execute function recount_hour();

alter table message_counts enable row level security;
alter table message_recounts enable row level security;

do $$
declare
  stranger text;
  counted text;
begin
  revoke all on function recount_hour() from public;
  foreach counted in array array['message_counts', 'message_recounts'] loop
    execute format('revoke all on %I from public', counted);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on %I from %I', counted, stranger);
        execute format('revoke all on function recount_hour() from %I', stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant all on %I to service_role', counted);
    end if;
    if exists (select from pg_roles where rolname = 'comms_reader') then
      execute format('grant select on %I to comms_reader', counted);
      execute format('create policy reading on %I for select to comms_reader using (true)', counted);
    end if;
  end loop;
end
$$;
