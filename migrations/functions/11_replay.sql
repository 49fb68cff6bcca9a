-- What was kept, read again with today's mapping. Called by src/replay/. Promises that events keep their ids, receipt and raw,
-- that a second run changes nothing, and that nothing follows from it where `follows` is null.

-- Called by replay. Promises the items that webhooks told since then and that are still kept, by id, after the cursor:
-- what is needed to read them again. `told_by` null: every provider's.
create or replace function list_kept_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language plpgsql stable
-- Planned anew at each call, as the table is then: it may be most of it that is asked for.
set plan_cache_mode to force_custom_plan
set enable_seqscan to on
as $$
declare
  page jsonb;
begin
  select jsonb_agg(to_jsonb(e) order by e.id) into page
  from (
    select k.id, k.provider, k.event_id, k.received_at, k.request_id, k.raw, k.raw_text
    from message_events k
    where k.id > after_id
      and k.received_at >= since
      and k.source = 'webhook'
      and (k.raw is not null or k.raw_text is not null)
      and (told_by is null or k.provider = told_by)
    order by k.id
    limit at_most
  ) e;
  return coalesce(page, '[]');
end
$$;

-- Called by replay. Promises the quarantined items since then that nobody could read yet, by id, after the cursor, bytes
-- in base64.
create or replace function list_unread_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language plpgsql stable
-- Planned anew at each call, as the table is then: it may be most of it that is asked for.
set plan_cache_mode to force_custom_plan
set enable_seqscan to on
as $$
declare
  page jsonb;
begin
  select jsonb_agg(to_jsonb(q) order by q.id) into page
  from (
    select k.id, k.provider, k.event_id, k.received_at, k.request_id, encode(k.bytes, 'base64') as bytes
    from quarantined_events k
    where k.id > after_id
      and k.received_at >= since
      and k.replayed_at is null
      and (told_by is null or k.provider = told_by)
    order by k.id
    limit at_most
  ) q;
  return coalesce(page, '[]');
end
$$;

-- Called by replay, when the events of quarantined items are recorded. Promises that these are not read again.
create or replace function mark_replayed(ids jsonb, as_of timestamptz) returns jsonb
language plpgsql
as $$
declare
  marked integer;
begin
  update quarantined_events q
  set replayed_at = coalesce(as_of, now())
  where q.id in (select value::bigint from jsonb_array_elements_text(ids)) and q.replayed_at is null;
  get diagnostics marked = row_count;
  return to_jsonb(marked);
end
$$;

-- What is read in an event: neither how it is known and how it came, nor what it has from its message.
create or replace function reading_json(e message_events) returns jsonb
language sql stable
as $$
  select to_jsonb(e) - array[
    'id', 'provider', 'event_id', 'source', 'received_at', 'request_id', 'raw', 'raw_text', 'tenant_id', 'lead_id', 'guessed'
  ]
$$;

-- What is read in what a person wrote, from its message's row.
create or replace function inbound_json(m messages) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'sender', m.sender, 'inbound_recipient', m.recipient, 'text', m.text, 'button_payload', m.button_payload,
    'media', m.media, 'replied_to', m.replied_to
  )
$$;

-- Called by rewrite_events. Promises which of the webhooks' events read differently now (`events`: rows as record_events
-- takes them): [{id, provider, event_id, held_id: its message, message_id: the one that it has now, guessed, told: the row,
-- said_of: the person it spoke of, before, after}]. What a person wrote is read into its message, and shown beside the event.
create or replace function readings_of(events jsonb, guess_seconds integer, skew_seconds integer) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(r order by r.id), '[]')
  from (
    select e.id, e.provider, e.event_id, e.message_id as held_id, target.id as message_id, target.guessed,
      item.value as told, case when e.type = 'received' then held.sender else e.recipient end as said_of,
      was.reading as before, becomes.reading as after
    from jsonb_array_elements(events) as item (value)
    cross join lateral jsonb_populate_record(null::message_events, item.value) as told
    cross join lateral jsonb_to_record(item.value) as more (guess boolean, inbound jsonb)
    join message_events e on e.provider = told.provider and e.event_id = told.event_id and e.source = 'webhook'
    left join messages held on held.id = e.message_id
    -- Read as what a person wrote, and is not: the message that was made for it goes.
    cross join lateral (
      select e.type = 'received' and held.direction = 'inbound' and more.inbound is null as misread
    ) as it
    left join lateral (
      select one.*
      from match_event(
        e.provider, told.message_id, told.provider_message_id, told.recipient,
        coalesce(more.guess, false) and e.message_id is null, told.occurred_at, guess_seconds, skew_seconds
      ) one
      where more.inbound is null and (e.message_id is null or e.guessed)
    ) found on true
    left join lateral (
      select m.id
      from messages m
      where it.misread
        and m.direction = 'outbound'
        and (m.id = told.message_id or (m.provider_message_id = told.provider_message_id and m.provider = e.provider))
      order by m.id = told.message_id
      limit 1
    ) outbound on true
    cross join lateral (
      select
        case
          when more.inbound is not null then told.message_id
          when it.misread then outbound.id
          else coalesce(found.id, e.message_id)
        end as id,
        coalesce(found.guessed, e.guessed) as guessed
    ) as target
    left join messages m on m.id = target.id
    cross join lateral jsonb_populate_record(null::messages, more.inbound) as i
    cross join lateral (
      select reading_json(e) || case when more.inbound is null then '{}' else inbound_json(m) end as reading
    ) as was
    cross join lateral (
      select reading_json(told) || jsonb_build_object(
        'channel', case when more.inbound is null then coalesce(m.channel, told.channel) else told.channel end,
        'recipient', coalesce(told.recipient, i.recipient, m.recipient, address_of(e.provider, told.alias)),
        'machine', coalesce(told.machine, false),
        'guessable', coalesce(more.guess, false) and told.message_id is null,
        'message_id', target.id
      ) || case
        when more.inbound is null then '{}'
        else inbound_json(i) || jsonb_build_object('sender', coalesce(address_of(e.provider, i.sender), i.sender))
      end as reading
    ) as becomes
    where was.reading <> becomes.reading
  ) r
$$;

-- Called by rewrite_events. Promises messages that say what their events and our own attempts say, and nothing else:
-- facts, errors and bounce class are taken back and stamped anew; an outcome that is settled by no event any more is
-- unknown again (never due by itself); an inbound message that no event tells of is gone; the steps of an escalation
-- that still wait are what is known now. Where `follows` is null nothing follows from it; else that a message is something
-- else now, and what became known `besides`, as enqueue_following takes it.
create or replace function rebuild_messages(ids uuid[], besides jsonb, follows jsonb) returns void
language plpgsql
as $$
declare
  before jsonb;
begin
  perform from messages m where m.id = any (ids) order by m.id for no key update;
  before := (select jsonb_object_agg(m.id, to_jsonb(m) - 'updated_at') from messages m where m.id = any (ids) and m.traced);
  delete from messages m
  where m.id = any (ids)
    and m.direction = 'inbound'
    and not exists (select from message_events e where e.message_id = m.id);
  update messages m
  set
    phase = case
      -- It was taken back: whether it still is, stamp_facts says.
      when m.phase = 'dead' and last.outcome <> 'exhausted' then 'queued'
      when m.phase <> 'queued' or m.next_attempt_at is not null then m.phase
      when last.number is not null and last.ended_at is null then 'sending'
      when last.outcome = 'unknown' then 'unknown'
      when last.outcome = 'exhausted' then 'dead'
      else m.phase
    end,
    queued_at = (select min(a.begun_at) from message_attempts a where a.message_id = m.id),
    sent_at = null,
    deferred_at = null,
    delivered_at = null,
    opened_at = null,
    read_at = null,
    clicked_at = null,
    bounced_at = null,
    rejected_at = null,
    failed_at = null,
    complained_at = null,
    machine_opened_at = null,
    machine_clicked_at = null,
    error_code = ended.error_code,
    error_message = ended.error_message,
    bounce_class = null,
    updated_at = now()
  from unnest(ids) as wanted (id)
  left join lateral (
    select a.number, a.ended_at, a.outcome
    from message_attempts a
    where a.message_id = wanted.id
    order by a.number desc
    limit 1
  ) last on true
  left join lateral (
    select a.error_code, a.error_message
    from message_attempts a
    join messages of on of.id = a.message_id
    where a.message_id = wanted.id and a.ended_at is not null and a.number > of.attempts_before
    order by a.number desc
    limit 1
  ) ended on true
  where m.id = wanted.id;
  perform stamp_facts(ids);
  perform refresh_escalations(array(
    select distinct m.escalation_id from messages m where m.id = any (ids) and m.escalation_id is not null
  ), follows is not null);
  if follows is not null then
    perform enqueue_following(coalesce(jsonb_agg(
      jsonb_build_object('message_id', m.id, 'fact', 'replayed') order by m.id
    ), '[]') || besides, follows)
    from messages m
    where m.id = any (ids) and m.traced and to_jsonb(m) - 'updated_at' is distinct from before -> m.id::text;
  end if;
end
$$;

-- Called by replay. Promises, in one transaction, that the webhooks' events named by (provider, event_id) say what
-- `events` (rows as record_events takes them, without raw) now reads in them, that those without a message, or with a
-- guessed one, find theirs, that what a person wrote has its inbound message as read now, that all touched messages are
-- rebuilt, and that what is read now of consent, of names and of providers is what counts. Ids, receipt, request and raw
-- stay. `dry_run`: answers the same and writes nothing. `follows`: as record_events takes it; of what a person wrote or said
-- of consent, and of what became of a message, where it reads differently now. `guess_seconds`, `skew_seconds`: see match_event.
-- Answers {changed: [{provider, event_id, before, after}] (only the fields that differ), messages: how many are touched}.
create or replace function rewrite_events(
  events jsonb,
  dry_run boolean,
  follows jsonb,
  guess_seconds integer,
  skew_seconds integer
) returns jsonb
language plpgsql
-- Planned once: all its look-ups are by keys, and none is cheaper for one value than for another.
set plan_cache_mode to force_generic_plan
as $$
declare
  readings jsonb;
  touched uuid[];
  written uuid[];
begin
  begin
    perform keep_aliases(events);
    if not dry_run then
      perform from message_events e
      where (e.provider, e.event_id) in (
        select t.provider, t.event_id from jsonb_to_recordset(events) as t (provider text, event_id text)
      )
      order by e.provider, e.event_id
      for no key update;
    end if;
    readings := readings_of(events, guess_seconds, skew_seconds);
    if dry_run then
      raise sqlstate 'DRY00';
    end if;
  exception when sqlstate 'DRY00' then
    -- It has read by the names that are told in these events, and has learnt none.
  end;
  select array_agg(distinct t.id) into touched
  from jsonb_to_recordset(readings) as p (held_id uuid, message_id uuid)
  cross join lateral (values (p.held_id), (p.message_id)) as t (id)
  where t.id is not null;

  if readings <> '[]' and not dry_run then
    written := create_inbound_messages(
      (select jsonb_agg(p -> 'told') from jsonb_array_elements(readings) p), skew_seconds
    );
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    update message_events e
    set
      type = a.type,
      provider_type = a.provider_type,
      channel = a.channel,
      provider_message_id = a.provider_message_id,
      message_id = p.message_id,
      tenant_id = case when p.message_id is distinct from p.held_id then m.tenant_id else e.tenant_id end,
      lead_id = case when p.message_id is distinct from p.held_id then m.lead_id else e.lead_id end,
      recipient = a.recipient,
      reason = a.reason,
      code = a.code,
      bounce_class = a.bounce_class,
      url = a.url,
      machine = a.machine,
      guessed = p.guessed,
      guessable = a.guessable,
      occurred_at = a.occurred_at,
      consent = a.consent,
      alias = a.alias,
      alias_of = a.alias_of,
      provider_state = a.provider_state
    from jsonb_to_recordset(readings) as p (id bigint, held_id uuid, message_id uuid, guessed boolean, after jsonb)
    cross join lateral jsonb_populate_record(null::message_events, p.after) as a
    left join messages m on m.id = p.message_id
    where e.id = p.id;
    update messages m
    set
      channel = p.after ->> 'channel',
      sender = p.after ->> 'sender',
      recipient = p.after ->> 'inbound_recipient',
      text = p.after ->> 'text',
      button_payload = p.after ->> 'button_payload',
      media = nullif(p.after -> 'media', 'null'),
      replied_to = p.after ->> 'replied_to'
    from jsonb_to_recordset(readings) as p (message_id uuid, after jsonb)
    where m.id = p.message_id and m.direction = 'inbound' and p.after ? 'sender';
    perform recall_consents(readings);
    perform recall_provider_states(readings);
    perform rebuild_messages(touched, told_by_readings(readings, written), follows);
  end if;

  return jsonb_build_object(
    'changed', coalesce((
      select jsonb_agg(jsonb_build_object(
        'provider', p.provider, 'event_id', p.event_id, 'before', d.before, 'after', d.after
      ) order by p.id)
      from jsonb_to_recordset(readings) as p (id bigint, provider text, event_id text, before jsonb, after jsonb)
      cross join lateral (
        select jsonb_object_agg(b.key, b.value) as before, jsonb_object_agg(b.key, p.after -> b.key) as after
        from jsonb_each(p.before) b
        where b.value is distinct from p.after -> b.key
      ) d
    ), '[]'),
    'messages', coalesce(cardinality(touched), 0)
  );
end
$$;
