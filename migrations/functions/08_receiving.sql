-- What was told: by webhooks, look-ups and our own sends. Called by src/receiving/ and the worker. Promises, in one
-- transaction, that each event is kept once with everything that it means. Rows are always taken in one order (events by
-- key, then messages by id), so that two processes telling of the same messages wait for each other instead of deadlocking.

-- Called by record_events, before its events, and by rewrite_events. Promises a row of direction inbound for each message
-- that a person wrote, once. It is of the tenant that had last written to that person from that address. A person whom the
-- provider calls by an alias is the one that it is known to be. Answers the rows that are new.
create or replace function create_inbound_messages(events jsonb, skew_seconds integer) returns uuid[]
language sql
as $$
  with written as (
    insert into messages (
      id, tenant_id, channel, direction, provider, provider_message_id, recipient, sender, lead_id, text,
      button_payload, media, replied_to, request_id, phase, created_at, updated_at
    )
    select
      e.message_id, asked.tenant_id, e.channel, 'inbound', e.provider, e.provider_message_id, i.recipient, i.sender,
      asked.lead_id, i.text, i.button_payload, i.media, i.replied_to, e.request_id, 'received', e.received_at,
      e.received_at
    from jsonb_to_recordset(events) as e (
      provider text, event_id text, channel text, message_id uuid, provider_message_id text, received_at timestamptz,
      request_id text, inbound jsonb
    )
    cross join lateral (
      select coalesce(address_of(e.provider, w.sender), w.sender) as sender, w.recipient, w.text, w.button_payload,
        w.media, w.replied_to
      from jsonb_to_record(e.inbound) as w (
        sender text, recipient text, text text, button_payload text, media jsonb, replied_to text
      )
    ) i
    left join lateral (
      select m.tenant_id, m.lead_id
      from messages m
      where m.recipient = i.sender and m.direction = 'outbound' and m.channel = e.channel
        -- Only what really went out asks for an answer.
        and m.attempts > 0 and m.phase <> 'dead'
        and (m.sender = i.recipient or (m.provider = e.provider and (
          m.sender is null or m.provider_message_id = i.replied_to
        )))
        -- Read again later, it is not an answer to what was written since; two clocks may differ a little.
        and m.created_at <= e.received_at + make_interval(secs => skew_seconds)
      order by (m.provider_message_id = i.replied_to) is true desc, m.created_at desc
      limit 1
    ) asked on true
    where jsonb_typeof(e.inbound) = 'object'
    order by e.message_id
    on conflict (id) do nothing
    returning id
  )
  select array_agg(id) from written
$$;

-- Called for every webhook, poll and outcome of a send. Promises, in one transaction, everything that they mean: each
-- event kept once and matched to its message, inbound messages created, attempts ended, facts stamped, and what `follows`
-- written down (enqueue_following). Where that is null (a replay) nothing follows from it, and no step of an escalation.
-- `events`: [{provider, event_id, type, …, inbound?}], `outcomes`: [{message_id, attempt, outcome, …}],
-- `quarantined`: [{provider, digest, reason, bytes (base64), …}]; `guess_seconds`, `skew_seconds`: see match_event.
-- Answers {recorded, repeated, quarantined, parked, stamped: [{message_id, facts: [first stamps], handed_on?: what
-- hand_on_cleared answers}], states?: what keep_provider_states answers}.
-- Rows are always taken in the same order (events by key, then messages by id), so that two processes telling of the
-- same messages wait for each other instead of deadlocking.
create or replace function record_events(
  events jsonb,
  outcomes jsonb,
  quarantined jsonb,
  follows jsonb,
  guess_seconds integer,
  skew_seconds integer
) returns jsonb
language plpgsql
-- Planned once: all its look-ups are by keys, and none is cheaper for one value than for another.
set plan_cache_mode to force_generic_plan
as $$
declare
  told integer := jsonb_array_length(events);
  recorded integer;
  parked integer;
  kept integer := 0;
  touched uuid[];
  stamped jsonb := '[]';
  written uuid[];
  besides jsonb;
  states jsonb;
begin
  if jsonb_path_exists(events, '$[*].alias') then
    perform keep_aliases(events);
  end if;
  if jsonb_path_exists(events, '$[*].inbound ? (@ != null)') then
    written := create_inbound_messages(events, skew_seconds);
  end if;

  with incoming as (
    -- A row's keys are the columns of an event, but for two.
    select distinct on (e.provider, e.event_id) e.*
    from rows from (
      jsonb_populate_recordset(null::message_events, events),
      jsonb_to_recordset(events) as (guess boolean, inbound jsonb)
    ) as e
    order by e.provider, e.event_id, e.occurred_at
  ), inserted as (
    insert into message_events (
      provider, event_id, type, provider_type, channel, provider_message_id, message_id, tenant_id, lead_id,
      recipient, reason, code, bounce_class, url, machine, source, guessed, guessable, occurred_at, received_at,
      request_id, raw, raw_text, consent, alias, alias_of, provider_state
    )
    select
      e.provider, e.event_id, e.type, e.provider_type, coalesce(m.channel, e.channel),
      e.provider_message_id, m.id, m.tenant_id, m.lead_id,
      coalesce(e.recipient, m.recipient, address_of(e.provider, e.alias)), e.reason, e.code, e.bounce_class,
      e.url, coalesce(e.machine, false), e.source, coalesce(found.guessed, false),
      coalesce(e.guess, false) and e.message_id is null, e.occurred_at, e.received_at, e.request_id, e.raw,
      e.raw_text, e.consent, e.alias, e.alias_of, e.provider_state
    from incoming e
    left join lateral match_event(
      e.provider, e.message_id, e.provider_message_id, e.recipient, coalesce(e.guess, false), e.occurred_at,
      guess_seconds, skew_seconds
    ) found on true
    -- What a person wrote has its own message; every other event is about one of ours.
    left join messages m on m.id = case when e.inbound is null then found.id else e.message_id end
    order by e.provider, e.event_id
    on conflict (provider, event_id) do nothing
    returning message_id, type, consent, bounce_class
  )
  select
    count(*),
    count(*) filter (where message_id is null),
    array_agg(distinct message_id) filter (where message_id is not null),
    -- What a person wrote is work as a whole, whatever it says of consent.
    coalesce(jsonb_agg(jsonb_build_object(
      'message_id', message_id, 'fact', 'consent', 'consent', consent, 'bounce_class', bounce_class
    )) filter (where message_id is not null and consent is not null and type <> 'received'), '[]')
  into recorded, parked, touched, besides
  from inserted;

  if told > recorded then
    touched := touched || adopt_repeated(events, follows);
  end if;
  touched := touched || array(select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid));
  if cardinality(touched) > 0 then
    -- All of them at once, by id: whoever tells of the same messages waits here, and nobody waits for them elsewhere.
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    perform end_attempts(outcomes, follows);
    select coalesce(jsonb_agg(jsonb_build_object('message_id', b.id, 'fact', b.fact) order by b.id), '[]') || besides
    into besides
    from (
      select o.message_id as id, 'accepted' as fact
      from jsonb_to_recordset(outcomes) as o (message_id uuid, outcome text)
      where o.outcome = 'accepted'
      union
      select w.id, 'written' from unnest(written) as w (id)
    ) b;
    stamped := stamp_messages(touched, besides, follows);
  end if;
  if jsonb_path_exists(events, '$[*].consent') then
    perform keep_consents(events);
  end if;
  if jsonb_path_exists(events, '$[*].provider_state') then
    states := keep_provider_states(events);
  end if;

  if jsonb_array_length(quarantined) > 0 then
    insert into quarantined_events (provider, digest, event_id, reason, bytes, request_id, received_at)
    select distinct on (q.provider, q.digest)
      q.provider, q.digest, q.event_id, q.reason, decode(q.bytes, 'base64'), q.request_id, q.received_at
    from jsonb_to_recordset(quarantined) as q (
      provider text, digest text, event_id text, reason text, bytes text, request_id text, received_at timestamptz
    )
    order by q.provider, q.digest
    on conflict (provider, digest) do nothing;
    get diagnostics kept = row_count;
  end if;

  return jsonb_build_object(
    'recorded', recorded,
    'repeated', told - recorded,
    'parked', parked,
    'quarantined', kept,
    'stamped', stamped
  ) || case when states is null then '{}' else jsonb_build_object('states', states) end;
end
$$;
