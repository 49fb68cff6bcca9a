-- What is known of messages, as the API shows it: one with its whole story, lists, counts. Called by actions/ and routes/.
-- Promises that reading changes nothing, and that a tenant sees only its own. Lists and counts are planned anew at each call
-- (force_custom_plan), so that every filter can use its index, and as the tables are then: where most of one is asked for
-- it is read whole (enable_seqscan).

-- Called at boot. Promises the highest migration and the digest of this file that the database has.
create or replace function schema_version() returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'version', (select max(version) from schema_migrations where version > 0),
    'functions', (select digest from schema_migrations where version = 0)
  )
$$;

-- What the outside sees of a message.
create or replace function message_json(m messages) returns jsonb
language sql stable
as $$
  select to_jsonb(m)
$$;

-- What a message's escalation has come to: its steps, by which message its person was reached, and what stopped it.
create or replace function escalation_json(wanted uuid) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'id', e.id,
    'reached_by', (
      select jsonb_build_object(
        'message_id', m.id, 'channel', m.channel, 'provider', m.provider,
        'at', least(m.delivered_at, m.opened_at, m.read_at, m.clicked_at)
      )
      from messages m
      where m.escalation_id = e.id
        and coalesce(m.delivered_at, m.opened_at, m.read_at, m.clicked_at) is not null
      order by least(m.delivered_at, m.opened_at, m.read_at, m.clicked_at)
      limit 1
    ),
    'stopped', e.stopped,
    'steps', (
      select jsonb_agg(
        jsonb_build_object(
          'number', s.number, 'channel', s.channel, 'unless', s.unless, 'after_seconds', s.after_seconds,
          'state', s.state, 'reason', s.reason, 'due_at', s.due_at, 'message_id', s.message_id
        )
        order by s.number
      )
      from escalation_steps s
      where s.escalation_id = e.id
    )
  )
  from escalations e
  where e.id = wanted
$$;

-- Called by GET /api/messages/:id. Promises a message with its events, oldest first (within one second, which is all that
-- some providers' clocks tell, in the order in which things can happen), and its attempts. Null: not there, or another
-- tenant's.
create or replace function get_message(wanted uuid, tenant text, with_raw boolean) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'message', message_json(m),
    'events', coalesce((
      select jsonb_agg(
        case when with_raw then to_jsonb(e) else to_jsonb(e) - 'raw' - 'raw_text' end
        order by
          date_trunc('second', e.occurred_at),
          array_position(
            array['queued', 'sent', 'deferred', 'delivered', 'received', 'opened', 'read', 'clicked'], e.type
          ) nulls last,
          e.occurred_at,
          e.id
      )
      from message_events e
      where e.message_id = m.id
    ), '[]'),
    'attempts', coalesce((
      select jsonb_agg(to_jsonb(a) - array['message_id', 'before'] order by a.number)
      from message_attempts a
      where a.message_id = m.id
    ), '[]'),
    'escalation', escalation_json(m.escalation_id)
  )
  from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
$$;

-- Called by GET /api/messages. Promises the newest messages first, at most `at_most`, after the cursor
-- (created_at, id). Filters are null where not asked for; planned anew with each so that every one can use its index.
create or replace function list_messages(
  tenant text,
  lead text,
  address text,
  with_status text,
  on_channel text,
  before_time timestamptz,
  before_id uuid,
  at_most integer
) returns jsonb
language plpgsql stable
set plan_cache_mode to force_custom_plan
set enable_seqscan to on
as $$
declare
  page jsonb;
begin
  select jsonb_agg(message_json(m) order by m.created_at desc, m.id desc) into page
  from (
    select *
    from messages m
    where (tenant is null or m.tenant_id = tenant)
      and (lead is null or m.lead_id = lead)
      and (address is null or m.recipient = address)
      and (with_status is null or m.status = with_status)
      -- Says the same again, in the words of messages_wrong and messages_held.
      and (
        with_status is null or with_status not in ('failed', 'rejected', 'bounced', 'complained')
        or m.failed_at is not null or m.rejected_at is not null or m.bounced_at is not null
        or m.complained_at is not null
      )
      and (
        with_status is null or with_status not in ('scheduled', 'unknown', 'cancelled', 'received')
        or m.phase = with_status
      )
      and (on_channel is null or m.channel = on_channel)
      and (before_time is null or (m.created_at, m.id) < (before_time, before_id))
    order by m.created_at desc, m.id desc
    limit at_most
  ) m;
  return coalesce(page, '[]');
end
$$;

-- Called by GET /api/events. Promises the newest events first; `unmatched`: only those that no message of ours was found
-- for.
create or replace function list_events(
  tenant text,
  unmatched boolean,
  with_raw boolean,
  before_id bigint,
  at_most integer
) returns jsonb
language plpgsql stable
set plan_cache_mode to force_custom_plan
set enable_seqscan to on
as $$
declare
  page jsonb;
begin
  select jsonb_agg(case when with_raw then to_jsonb(e) else to_jsonb(e) - 'raw' end - 'raw_text' order by e.id desc)
  into page
  from (
    select *
    from message_events e
    where (tenant is null or e.tenant_id = tenant)
      and (not unmatched or e.message_id is null)
      and (before_id is null or e.id < before_id)
    order by e.id desc
    limit at_most
  ) e;
  return coalesce(page, '[]');
end
$$;

-- Called by GET /api/events?quarantined=1. Promises the newest quarantined items first, bytes in base64.
create or replace function list_quarantined(before_id bigint, at_most integer) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', q.id, 'provider', q.provider, 'event_id', q.event_id, 'reason', q.reason,
      'bytes', encode(q.bytes, 'base64'), 'request_id', q.request_id, 'received_at', q.received_at,
      'replayed_at', q.replayed_at
    )
    order by q.id desc
  ), '[]')
  from (
    select *
    from quarantined_events q
    where before_id is null or q.id < before_id
    order by q.id desc
    limit at_most
  ) q
$$;

-- Called by GET /api/stats. Promises how many outbound messages created in [since, until) ever had each fact.
create or replace function message_stats(tenant text, on_channel text, since timestamptz, until timestamptz) returns jsonb
language plpgsql stable
set plan_cache_mode to force_custom_plan
set enable_seqscan to on
as $$
begin
  return (
    select jsonb_build_object(
      'messages', count(*),
      'sent', count(*) filter (where coalesce(m.sent_at, m.delivered_at, m.opened_at, m.read_at) is not null),
      'delivered', count(*) filter (where coalesce(m.delivered_at, m.opened_at, m.read_at, m.clicked_at) is not null),
      'read', count(m.read_at),
      'opened', count(m.opened_at),
      'opened_by_machines', count(m.machine_opened_at),
      'clicked', count(m.clicked_at),
      'clicked_by_machines', count(m.machine_clicked_at),
      'bounced', count(m.bounced_at),
      'rejected', count(m.rejected_at),
      'failed', count(m.failed_at),
      'complained', count(m.complained_at),
      'unknown', count(*) filter (where m.status = 'unknown')
    )
    from messages m
    where m.direction = 'outbound'
      and (tenant is null or m.tenant_id = tenant)
      and (on_channel is null or m.channel = on_channel)
      and m.created_at >= since
      and m.created_at < until
  );
end
$$;
