-- A fact that can be true only once is shown once in the views. What lies back is marked, so that a dashboard over weeks looks
-- for no earlier telling of each event.

alter table message_events
  -- It lies back, and was told before: a once-only fact whose earlier telling is kept too.
  add column again boolean not null default false;

-- Before then every event that was told before is marked; later ones are looked at by who asks. One row.
create table events_settled (
  until timestamptz not null
);

insert into events_settled (until) values ('-infinity');

-- Marks all tellings of a fact anew, where one of them that lies back has come, gone or changed. What lies back for less than
-- these two hours is not marked: settle_events leaves it open for longer.
create function mark_told_again() returns trigger
language plpgsql
set search_path to public, pg_temp
as $$
begin
  update message_events e
  set again = told.again
  from (
    select
      t.id,
      t.occurred_at < now() - interval '2 hours'
        and t.type not in ('opened', 'clicked', 'unsubscribed', 'subscribed', 'unknown')
        and row_number() over (partition by t.message_id, t.type order by t.occurred_at, t.event_id, t.id) > 1 as again
    from message_events t
    where t.message_id = case when tg_op <> 'DELETE' then new.message_id end
        and t.type = case when tg_op <> 'DELETE' then new.type end
      or t.message_id = case when tg_op <> 'INSERT' then old.message_id end
        and t.type = case when tg_op <> 'INSERT' then old.type end
  ) told
  where e.id = told.id and e.again <> told.again;
  return null;
end
$$;

create trigger told_late
after insert on message_events
for each row
when (new.occurred_at < now() - interval '2 hours' and new.message_id is not null)
execute function mark_told_again();

create trigger told_no_more
after delete on message_events
for each row
when (old.occurred_at < now() - interval '2 hours' and old.message_id is not null)
execute function mark_told_again();

create trigger told_otherwise
after update on message_events
for each row
when (
  least(old.occurred_at, new.occurred_at) < now() - interval '2 hours'
  and (old.message_id, old.type, old.occurred_at, old.event_id)
    is distinct from (new.message_id, new.type, new.occurred_at, new.event_id)
)
execute function mark_told_again();

-- Before then every event that tells a fact again is marked. A function, of which the planner knows what it answers: so it knows
-- that few events are left to be looked at.
create function events_settled_until() returns timestamptz
language sql stable parallel safe
as $$
  select s.until from public.events_settled s
$$;

-- The columns are those that it had, in their order.
create or replace view once_only_events with (security_invoker = true) as
select
  e.id, e.provider, e.event_id, e.type, e.provider_type, e.channel, e.provider_message_id, e.message_id, e.tenant_id,
  e.lead_id, e.recipient, e.reason, e.code, e.bounce_class, e.url, e.machine, e.source, e.guessed, e.guessable,
  e.occurred_at, e.received_at, e.request_id, e.raw, e.raw_text
from message_events e
where e.occurred_at < events_settled_until() and not e.again
union all
select
  e.id, e.provider, e.event_id, e.type, e.provider_type, e.channel, e.provider_message_id, e.message_id, e.tenant_id,
  e.lead_id, e.recipient, e.reason, e.code, e.bounce_class, e.url, e.machine, e.source, e.guessed, e.guessable,
  e.occurred_at, e.received_at, e.request_id, e.raw, e.raw_text
from message_events e
where e.occurred_at >= events_settled_until()
  and not e.again
  and (
    e.type in ('opened', 'clicked', 'unsubscribed', 'subscribed', 'unknown')
    or e.message_id is null
    or not exists (
      select from message_events earlier
      where earlier.message_id = e.message_id
        and earlier.type = e.type
        and (earlier.occurred_at, earlier.event_id, earlier.id) < (e.occurred_at, e.event_id, e.id)
    )
  );

-- Whose phone it is: the customer's, also where the customer wrote. Not joined: a dashboard that does not show it needs the events'
-- index alone.
create or replace view whatsapp_message_events with (security_invoker = true) as
select
  e.id,
  e.tenant_id,
  e.provider_message_id as message_sid,
  e.lead_id,
  case
    when e.type = 'received' then (select m.sender from messages m where m.id = e.message_id)
    else e.recipient
  end as phone_number,
  e.type as event_type,
  e.raw as event_data,
  e.occurred_at as created_at
from once_only_events e
where e.channel = 'whatsapp';

create or replace view sms_message_events with (security_invoker = true) as
select
  e.id,
  e.tenant_id,
  e.provider_message_id as message_sid,
  e.lead_id,
  case
    when e.type = 'received' then (select m.sender from messages m where m.id = e.message_id)
    else e.recipient
  end as phone_number,
  e.type as event_type,
  e.raw as event_data,
  e.occurred_at as created_at
from once_only_events e
where e.channel = 'sms';

alter table events_settled enable row level security;

do $$
declare
  stranger text;
begin
  revoke all on function mark_told_again() from public;
  revoke all on function events_settled_until() from public;
  revoke all on events_settled from public;
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('revoke all on function mark_told_again() from %I', stranger);
      execute format('revoke all on function events_settled_until() from %I', stranger);
      execute format('revoke all on events_settled from %I', stranger);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'service_role') then
    grant all on events_settled to service_role;
    grant execute on function events_settled_until() to service_role;
  end if;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant select on events_settled to comms_reader;
    grant execute on function events_settled_until() to comms_reader;
    create policy reading on events_settled for select to comms_reader using (true);
  end if;
end
$$;
