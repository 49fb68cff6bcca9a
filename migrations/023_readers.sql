-- Functions that are made later are nobody's but the service's, and whoever reads for dashboards reads no bodies and no attachments.

-- Postgres lets everybody execute a new function, in whatever schema; a default of one schema cannot take that back.
alter default privileges revoke execute on functions from public;

do $$
begin
  if not exists (select from pg_roles where rolname = 'comms_reader_full') then
    create role comms_reader_full nologin;
  end if;
  if not pg_has_role('comms_reader_full', 'comms_reader', 'member') then
    grant comms_reader to comms_reader_full;
  end if;
exception
  -- Another database of the same cluster made it a moment ago.
  when duplicate_object or unique_violation then null;
  when undefined_object or insufficient_privilege then
    raise notice 'comms_reader_full was not created: create it and grant it comms_reader yourself to let somebody read bodies';
end
$$;

-- What a provider told in an event, word for word; null for who may not read that. Called by the views, which run with their
-- reader's rights and so may not name the column: who asks is looked at here. For one who has taken no role that is who signed in.
create function event_told(of_event bigint) returns jsonb
language sql stable security definer
set search_path to public, pg_temp
as $$
  select e.raw
  from message_events e
  where e.id = of_event
    and has_column_privilege(
      coalesce(nullif(current_setting('role'), 'none'), session_user)::name, 'public.message_events', 'raw', 'select'
    )
$$;

create function event_told_exactly(of_event bigint) returns text
language sql stable security definer
set search_path to public, pg_temp
as $$
  select e.raw_text
  from message_events e
  where e.id = of_event
    and has_column_privilege(
      coalesce(nullif(current_setting('role'), 'none'), session_user)::name, 'public.message_events', 'raw', 'select'
    )
$$;

-- As it was (018), but for what was told.
create or replace view once_only_events with (security_invoker = true) as
select
  e.id, e.provider, e.event_id, e.type, e.provider_type, e.channel, e.provider_message_id, e.message_id, e.tenant_id,
  e.lead_id, e.recipient, e.reason, e.code, e.bounce_class, e.url, e.machine, e.source, e.guessed, e.guessable,
  e.occurred_at, e.received_at, e.request_id, event_told(e.id) as raw,
  event_told_exactly(e.id) as raw_text
from message_events e
where e.occurred_at < events_settled_until() and not e.again
union all
select
  e.id, e.provider, e.event_id, e.type, e.provider_type, e.channel, e.provider_message_id, e.message_id, e.tenant_id,
  e.lead_id, e.recipient, e.reason, e.code, e.bounce_class, e.url, e.machine, e.source, e.guessed, e.guessable,
  e.occurred_at, e.received_at, e.request_id, event_told(e.id) as raw,
  event_told_exactly(e.id) as raw_text
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

-- All of a message but what was written in it.
create view messages_without_bodies with (security_invoker = true) as
select
  m.id, m.tenant_id, m.channel, m.direction, m.provider, m.provider_message_id, m.recipient, m.sender, m.lead_id,
  m.parent_type, m.parent_id, m.subject, m.button_payload, m.replied_to, m.metadata, m.warnings, m.request_id,
  m.attempts, m.phase, m.send_at, m.expires_at, m.next_attempt_at, m.attempts_before, m.check_at, m.checks,
  m.created_at, m.updated_at, m.queued_at, m.sent_at, m.deferred_at, m.delivered_at, m.opened_at, m.read_at,
  m.clicked_at, m.bounced_at, m.rejected_at, m.failed_at, m.complained_at, m.machine_opened_at,
  m.machine_clicked_at, m.error_code, m.error_message, m.bounce_class, m.status, m.template_id, m.template_type,
  m.traced, m.escalation_id, m.fallback, m.expires_by_default
from messages m;

do $$
declare
  stranger text;
  relation text;
  hidden record;
  shown text;
begin
  foreach relation in array array[
    'function event_told(bigint)', 'function event_told_exactly(bigint)', 'messages_without_bodies'
  ] loop
    execute format('revoke all on %s from public', relation);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on %s from %I', relation, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant all on %s to service_role', relation);
    end if;
  end loop;
  if exists (select from pg_roles where rolname = 'comms_reader') then
    grant execute on function event_told(bigint), event_told_exactly(bigint) to comms_reader;
    grant select on messages_without_bodies to comms_reader;
    for hidden in
      select * from (values
        ('messages', array['text', 'media']),
        ('message_events', array['raw', 'raw_text']),
        ('quarantined_events', array['bytes']),
        ('escalation_steps', array['request']),
        ('message_payloads', array['payload'])
      ) as t (relation, columns)
    loop
      select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into shown
      from pg_attribute a
      where a.attrelid = hidden.relation::regclass and a.attnum > 0 and not a.attisdropped
        and a.attname::text <> all (hidden.columns);
      execute format('revoke select on %I from comms_reader', hidden.relation);
      execute format('grant select (%s) on %I to comms_reader', shown, hidden.relation);
      if exists (select from pg_roles where rolname = 'comms_reader_full') then
        execute format('grant select on %I to comms_reader_full', hidden.relation);
      end if;
    end loop;
  end if;
end
$$;
