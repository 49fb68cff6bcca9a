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
    'message', message_json(m) || case
      -- An email that is HTML alone has its body where what is to be sent is kept, and not twice.
      when m.text is null and m.channel = 'email' then jsonb_build_object('text', (
        select p.payload ->> 'html' from message_payloads p where p.message_id = m.id
      ))
      else '{}'
    end,
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

-- Called by newest_messages and dead_letters. What a list shows of these messages: all that message_json has, but no text of
-- an email, which may be a whole body; it is not read from the disk either. The newest first.
create or replace function listed_messages(ids uuid[]) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(to_jsonb(l) order by l.created_at desc, l.id desc), '[]')
  from (
    select
      m.id, m.tenant_id, m.channel, m.direction, m.provider, m.provider_message_id, m.recipient, m.sender, m.lead_id,
      m.parent_type, m.parent_id, m.subject, case when m.channel <> 'email' then m.text end as text, m.button_payload, m.media, m.replied_to, m.metadata, m.warnings,
      m.request_id, m.attempts, m.phase, m.send_at, m.expires_at, m.expires_by_default, m.next_attempt_at,
      m.attempts_before, m.check_at, m.checks, m.created_at, m.updated_at, m.queued_at, m.sent_at, m.deferred_at, m.delivered_at, m.opened_at,
      m.read_at, m.clicked_at, m.bounced_at, m.rejected_at, m.failed_at, m.complained_at, m.machine_opened_at,
      m.machine_clicked_at, m.error_code, m.error_message, m.bounce_class, m.status, m.template_id, m.template_type,
      m.traced, m.escalation_id, m.fallback, m.urgency, m.waits_seconds, m.via, m.appointment_at, m.tracking
    from public.messages m
    where m.id = any (ids)
  ) l
$$;

-- Called by GET /api/messages. Promises the newest messages first, at most `at_most`, after the cursor
-- (created_at, id). Filters are null where not asked for; planned anew with each so that every one can use its index. What no
-- index finds (a status, a channel of a tenant) is looked for among what is not counted yet, and in the hours that have it
-- (hours_with): so no list reads on and on for what hardly occurs.
create or replace function newest_messages(
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
  -- A person has few messages, and those are found by an index.
  of_person boolean := lead is not null or address is not null;
  -- Where a person has many after all, a status that is rare leads to fewer.
  most_hours integer := case when of_person then 1000 else at_most end;
  -- A name that WhatsApp has for somebody is of the one whose it is known to be.
  person text := coalesce(case when address not like '+%' then (
    select a.address from contact_aliases a where a.alias = newest_messages.address order by a.learnt_at desc, a.address limit 1
  ) end, address);
  spans tstzrange[] := array[tstzrange(null, null)];
  hours timestamptz[];
begin
  -- Of these messages_held has few, and in order.
  if with_status not in ('scheduled', 'unknown', 'cancelled')
    or with_status is null and tenant is not null and on_channel is not null and not of_person
  then
    hours := hours_with(tenant, with_status, on_channel, before_time, most_hours);
    if not of_person or cardinality(hours) < most_hours then
      spans := array(
        select tstzrange(counted_until(), null)
        union all
        select tstzrange(h.hour, h.hour + interval '1 hour') from unnest(hours) as h (hour) where h.hour < counted_until()
      );
    end if;
  end if;
  return listed_messages(array(
    select found.id
    from unnest(spans) as span
    cross join lateral (
      select m.id, m.created_at
      from messages m
      where m.created_at >= coalesce(lower(span), '-infinity')
        and m.created_at < coalesce(upper(span), 'infinity')
        and (tenant is null or m.tenant_id = tenant)
        and (lead is null or m.lead_id = lead)
        and (address is null or m.recipient = person)
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
    ) found
    order by found.created_at desc, found.id desc
    limit at_most
  ));
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
