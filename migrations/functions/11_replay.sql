-- What was kept, read again with today's mapping. Called by src/replay/. Promises that events keep their ids, receipt and raw,
-- that a second run changes nothing, and that nothing follows from it where `follows` is null.

-- Called by replay. Promises the items that webhooks told since then and that are still kept, by id, after the cursor:
-- what is needed to read them again. `told_by` null: every provider's. Looks no further than `reach` ids, so that it answers
-- soon however many were told before. Answers {items, newest: the last id that there is}.
create or replace function list_kept_items(told_by text, since timestamptz, after_id bigint, reach integer, at_most integer) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(e) order by e.id), '[]')
      from (
        select k.id, k.provider, k.event_id, k.received_at, k.request_id, k.raw, k.raw_text
        from message_events k
        where k.id > after_id
          and k.id <= after_id + reach
          and k.received_at >= since
          and k.source = 'webhook'
          and (k.raw is not null or k.raw_text is not null)
          and (told_by is null or k.provider = told_by)
        order by k.id
        limit at_most
      ) e
    ),
    'newest', (select max(n.id) from message_events n)
  )
$$;

-- Called by replay. Promises the quarantined items since then that nobody could read yet, by id, after the cursor, bytes
-- in base64.
create or replace function list_unread_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(to_jsonb(q) order by q.id), '[]')
  from (
    select k.id, k.provider, k.event_id, k.received_at, k.request_id, encode(k.bytes, 'base64') as bytes
    from quarantined_events k
    where k.id > after_id
      and k.received_at >= since
      and k.replayed_at is null
      and (told_by is null or k.provider = told_by)
    order by k.id
    limit at_most
  ) q
$$;

-- Called by replay, when the events of quarantined items are recorded. Promises that these are not read again.
create or replace function mark_replayed(ids jsonb, as_of timestamptz) returns jsonb
language sql
as $$
  update quarantined_events q
  set replayed_at = coalesce(as_of, now())
  where q.id in (select value::bigint from jsonb_array_elements_text(ids)) and q.replayed_at is null;
  select jsonb 'null'
$$;

-- What is read in an event: neither how it is known and how it came, nor what it has from its message.
create or replace function reading_json(e message_events) returns jsonb
language sql stable
as $$
  select to_jsonb(e) - array[
    'id', 'provider', 'event_id', 'source', 'received_at', 'request_id', 'raw', 'raw_text', 'tenant_id', 'lead_id', 'guessed',
    'again'
  ] || case
    -- What we judged ourselves (judge_reads) nobody told.
    when e.type in ('opened', 'clicked') and e.reason = any (click_verdicts()) then jsonb_build_object('machine', false, 'reason', null)
    else '{}'
  end
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

-- Called by rewrite_events. Promises which of the webhooks' events are kept otherwise now (`events`: rows as record_events
-- takes them): [{id, provider, event_id, held_id: its message, message_id: the one that it has now, said_of: the person it
-- spoke of, kept: the row, before, after: what is read in it}]. An event keeps its message, unless that was guessed and it
-- names one now, or was made for it as what a person wrote. What a person wrote is read into its message, and shown beside
-- the event; in one of those `written` just now nothing was read before.
create or replace function readings_of(events jsonb, written uuid[], guess_seconds integer, skew_seconds integer) returns jsonb
language sql stable
as $$
  with told as (
    select e as kept, nullif(t.value -> 'inbound', 'null') as inbound,
      t.value || jsonb_build_object('guessable', coalesce(r.guess, false) and r.message_id is null) || case
        when e.message_id is not null
          and e.type <> 'received'
          and t.value -> 'inbound' is null
          and not (e.guessed and coalesce(r.message_id::text, r.provider_message_id) is not null)
          then jsonb_build_object('message_id', e.message_id, 'guessed', e.guessed)
        else '{}'
      end as row
    from jsonb_array_elements(events) as t (value)
    cross join lateral jsonb_to_record(t.value) as r (
      provider text, event_id text, message_id uuid, provider_message_id text, guess boolean
    )
    join message_events e on e.provider = r.provider and e.event_id = r.event_id and e.source = 'webhook'
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', (t.kept).id, 'provider', (t.kept).provider, 'event_id', (t.kept).event_id,
    'held_id', (t.kept).message_id, 'message_id', n.message_id,
    'said_of', case when (t.kept).type = 'received' then held.sender else (t.kept).recipient end,
    'kept', to_jsonb(n) || as_now.reading, 'before', as_before.reading, 'after', as_now.reading
  ) order by (t.kept).id), '[]')
  from told_events((select jsonb_agg(row) from told), guess_seconds, skew_seconds) n
  join told t on (t.kept).provider = n.provider and (t.kept).event_id = n.event_id
  left join messages held on held.id = (t.kept).message_id
  left join messages m on m.id = n.message_id and m.id <> all (written)
  cross join lateral jsonb_populate_record(null::messages, t.inbound) as i
  cross join lateral (
    select reading_json(t.kept) || case when t.inbound is null then '{}' else inbound_json(m) end as reading
  ) as_before
  cross join lateral (
    select reading_json(n) || case
      when t.inbound is null then '{}'
      else inbound_json(i) || jsonb_build_object(
        'channel', t.row -> 'channel',
        'recipient', coalesce(t.row ->> 'recipient', i.recipient),
        'sender', i.sender
      )
    end as reading
  ) as_now
  where as_before.reading <> as_now.reading
$$;

-- Called by replay. Promises, in one transaction, that the webhooks' events named by (provider, event_id) say what
-- `events` (rows as record_events takes them, without raw) now reads in them, that those without a message, or with a
-- guessed one, find theirs, that what a person wrote has its inbound message as read now, that all touched messages say what
-- their events say now, and that what is read now of consent, of names and of providers is what counts. Ids, receipt, request
-- and raw stay. `dry_run`: answers the same and writes nothing. `follows`: as record_events takes it; of what a person wrote
-- or said of consent, and of what became of a message, where it reads differently now. `guess_seconds`, `skew_seconds`: see
-- match_event. Answers {readings: what readings_of answers, messages: how many are touched}.
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
  written uuid[];
  readings jsonb;
  touched uuid[];
  former jsonb;
  besides jsonb;
  rewritten integer;
begin
  begin
    events := people_named(events);
    perform keep_names(events);
    events := people_named(events);
    written := coalesce(create_inbound_messages(events, skew_seconds), '{}');
    readings := readings_of(events, written, guess_seconds, skew_seconds);
    if dry_run then
      raise sqlstate 'DRY00';
    end if;
  exception when sqlstate 'DRY00' then
    -- It has read by the names that are told in these events, and has learnt none.
  end;
  touched := array(
    select p.held_id from jsonb_to_recordset(readings) as p (held_id uuid) where p.held_id is not null
    union
    select p.message_id from jsonb_to_recordset(readings) as p (message_id uuid) where p.message_id is not null
  );

  if not dry_run then
    -- Messages before their events, as whoever adopts a parked one takes them.
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    former := (select jsonb_object_agg(m.id, to_jsonb(m) - 'updated_at') from messages m where m.id = any (touched));
    update message_events e
    set (
      type, provider_type, channel, provider_message_id, message_id, tenant_id, lead_id, recipient, reason, code,
      bounce_class, url, machine, guessed, guessable, occurred_at, consent, alias, alias_of, provider_state, via
    ) = (
      n.type, n.provider_type, n.channel, n.provider_message_id, n.message_id, n.tenant_id, n.lead_id, n.recipient, n.reason,
      n.code, n.bounce_class, n.url, n.machine, n.guessed, n.guessable, n.occurred_at, n.consent, n.alias, n.alias_of,
      n.provider_state, n.via
    )
    from jsonb_to_recordset(readings) as p (id bigint, held_id uuid, kept jsonb)
    cross join lateral jsonb_populate_record(null::message_events, p.kept) as n
    where e.id = p.id and e.message_id is not distinct from p.held_id;
    get diagnostics rewritten = row_count;
    if rewritten < jsonb_array_length(readings) then
      raise exception 'another message has adopted one of these events since' using errcode = 'serialization_failure';
    end if;
    update messages m
    set (channel, sender, recipient, text, button_payload, media, replied_to)
      = (n.channel, n.sender, p.after ->> 'inbound_recipient', n.text, n.button_payload, n.media, n.replied_to)
    from jsonb_to_recordset(readings) as p (message_id uuid, after jsonb)
    cross join lateral jsonb_populate_record(null::messages, p.after) as n
    where m.id = p.message_id and m.direction = 'inbound' and p.after ? 'sender';
    delete from messages m
    where m.id = any (touched || written)
      and m.direction = 'inbound'
      and not exists (select from message_events e where e.message_id = m.id);
    perform recall_consents(readings);
    perform keep_signs_of_life(written);
    perform recall_provider_states(readings);
    perform stamp_facts(touched);
    besides := told_by_readings(readings, former, written);
    perform refresh_escalations(array(
      select distinct m.escalation_id from messages m where m.id = any (touched) and m.escalation_id is not null
    ) || escalations_of_people(besides), follows is not null);
    perform enqueue_following(besides, follows);
  end if;

  return jsonb_build_object('readings', readings, 'messages', cardinality(touched));
end
$$;
