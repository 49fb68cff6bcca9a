-- The audit's own tables, as views: one row a fact. A fact that can be true only once is shown once, at its earliest
-- telling, however many times (our send, a webhook, a poll) it was told.
create view once_only_events with (security_invoker = true) as
select e.*
from message_events e
where e.type in ('opened', 'clicked', 'unsubscribed', 'subscribed', 'unknown')
  or e.message_id is null
  or not exists (
    select from message_events earlier
    where earlier.message_id = e.message_id
      and earlier.type = e.type
      and (earlier.occurred_at, earlier.event_id, earlier.id) < (e.occurred_at, e.event_id, e.id)
  );

create view whatsapp_message_events with (security_invoker = true) as
select
  e.id,
  e.tenant_id,
  e.provider_message_id as message_sid,
  e.lead_id,
  -- Whose phone it is: the customer's, also where the customer wrote.
  case when e.type = 'received' then m.sender else e.recipient end as phone_number,
  e.type as event_type,
  e.raw as event_data,
  e.occurred_at as created_at
from once_only_events e
left join messages m on m.id = e.message_id
where e.channel = 'whatsapp';

create view sms_message_events with (security_invoker = true) as
select
  e.id,
  e.tenant_id,
  e.provider_message_id as message_sid,
  e.lead_id,
  -- Whose phone it is: the customer's, also where the customer wrote.
  case when e.type = 'received' then m.sender else e.recipient end as phone_number,
  e.type as event_type,
  e.raw as event_data,
  e.occurred_at as created_at
from once_only_events e
left join messages m on m.id = e.message_id
where e.channel = 'sms';

create view email_events with (security_invoker = true) as
select
  e.id,
  e.tenant_id,
  e.provider_message_id as message_sid,
  e.message_id,
  e.lead_id,
  e.recipient as email,
  e.type as event_type,
  e.raw as event_data,
  e.occurred_at as created_at
from once_only_events e
where e.channel = 'email';

-- Supabase gives anon and authenticated everything by default: here they have nothing. Only service_role writes and
-- comms_reader (for Grafana) selects. A bare Postgres has none of these roles: then the owner is the only one.
alter table messages enable row level security;
alter table message_attempts enable row level security;
alter table idempotency_keys enable row level security;
alter table message_events enable row level security;
alter table quarantined_events enable row level security;

do $$
begin
  if not exists (select from pg_roles where rolname = 'comms_reader') then
    create role comms_reader nologin;
  end if;
exception
  -- Another database of the same cluster made it a moment ago, or this user may not make roles.
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then raise notice 'comms_reader was not created: create it yourself to let Grafana read';
end
$$;

do $$
declare
  stranger text;
  relation text;
  tables text[] := array['messages', 'message_attempts', 'idempotency_keys', 'message_events', 'quarantined_events'];
  sequences text[] := array['message_events_id_seq', 'quarantined_events_id_seq'];
  views text[] := array['once_only_events', 'whatsapp_message_events', 'sms_message_events', 'email_events'];
begin
  -- Our own relations only: the same schema may hold another application's.
  foreach relation in array tables || views || sequences loop
    execute format('revoke all on %I from public', relation);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on %I from %I', relation, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant all on %I to service_role', relation);
    end if;
    if exists (select from pg_roles where rolname = 'comms_reader') and relation <> all (sequences || 'idempotency_keys'::text) then
      execute format('grant select on %I to comms_reader', relation);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant usage on schema public to comms_reader;
    foreach relation in array tables loop
      execute format('create policy reading on %I for select to comms_reader using (true)', relation);
    end loop;
  end if;
  -- What later migrations add must not be open by default either.
  foreach stranger in array array['anon', 'authenticated'] loop
    if exists (select from pg_roles where rolname = stranger) then
      execute format('alter default privileges in schema public revoke all on tables from %I', stranger);
      execute format('alter default privileges in schema public revoke all on sequences from %I', stranger);
      execute format('alter default privileges in schema public revoke all on functions from %I', stranger);
    end if;
  end loop;
end
$$;
