-- What was told: by webhooks, look-ups and our own sends. Called by src/receiving/ and the worker. Promises, in one
-- transaction, that each event is kept once with everything that it means. Rows are always taken in one order (events by
-- key, then messages by id), so that two processes telling of the same messages wait for each other instead of deadlocking.

-- Called by record_events, before its events, and by rewrite_events. Promises a row of direction inbound for each message
-- that a person wrote, once, of the tenant that had last written to that person from that address; a person whom the
-- provider calls by an alias is who it is known to be. Answers those that are new.
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
        -- Read again later, it is no answer to what was written since; two clocks may differ a little.
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

-- Called by record_events. Promises that whoever withdrew consent, or proved to have a dead address, is not written to any
-- more, until that person says otherwise: decided by when it was said, not by when we heard of it.
create or replace function keep_consents(events jsonb) returns void
language sql
as $$
  insert into suppressions as s (
    channel, address, withdrawn_at, given_at, reason, provider, message_id, tenant_id, updated_at
  )
  select distinct on (said.channel, said.address)
    said.channel, said.address,
    max(said.occurred_at) filter (where said.consent = 'withdrawn') over whom,
    max(said.occurred_at) filter (where said.consent = 'given') over whom,
    said.reason, said.provider, said.message_id, said.tenant_id, now()
  from (
    select
      e.channel, e.consent, e.occurred_at, e.provider, e.message_id, e.tenant_id,
      case when e.type = 'received' then m.sender else e.recipient end as address,
      coalesce(e.code, e.type) as reason
    from jsonb_to_recordset(events) as told (provider text, event_id text, consent text)
    join message_events e on e.provider = told.provider and e.event_id = told.event_id
    left join messages m on m.id = e.message_id
    where told.consent is not null and e.consent is not null and e.channel is not null
  ) said
  where said.address is not null
  window whom as (partition by said.channel, said.address)
  order by said.channel, said.address, said.consent desc, said.occurred_at desc
  on conflict (channel, address) do update
  set
    withdrawn_at = greatest(s.withdrawn_at, excluded.withdrawn_at),
    given_at = greatest(s.given_at, excluded.given_at),
    reason = case
      when excluded.withdrawn_at is not null and excluded.withdrawn_at >= coalesce(s.withdrawn_at, excluded.withdrawn_at)
        then excluded.reason
      else s.reason
    end,
    message_id = coalesce(excluded.message_id, s.message_id),
    tenant_id = coalesce(excluded.tenant_id, s.tenant_id),
    updated_at = now()
$$;

-- Called by record_events. Promises that what a provider last said of itself is known, whatever order it came in (of what
-- was said in one second, what was told last), and since when it has taken nothing.
-- Answers those that changed, to the one transaction that changed them: [{provider, state, open, was_open}].
create or replace function keep_provider_states(events jsonb) returns jsonb
language sql
as $$
  with said as (
    select distinct on (e.provider) e.provider, s.state, s.open, e.occurred_at
    from rows from (
      jsonb_to_recordset(events) as (provider text, occurred_at timestamptz, provider_state jsonb)
    ) with ordinality as e (provider, occurred_at, provider_state, number)
    cross join lateral jsonb_to_record(e.provider_state) as s (state text, open boolean)
    where jsonb_typeof(e.provider_state) = 'object'
    order by e.provider, e.occurred_at desc, e.number desc
  ), before as (
    select p.provider, p.state, p.open
    from provider_states p
    where p.provider in (select provider from said)
    order by p.provider
    for update
  ), kept as (
    insert into provider_states as p (provider, state, open, changed_at, closed_at)
    select s.provider, s.state, s.open, s.occurred_at, case when not s.open then s.occurred_at end
    from said s
    -- Joined for its lock alone.
    left join before b on b.provider = s.provider
    order by s.provider
    on conflict (provider) do update
    set
      state = excluded.state,
      open = excluded.open,
      changed_at = excluded.changed_at,
      closed_at = case when not excluded.open then coalesce(p.closed_at, excluded.changed_at) end,
      queue_due_at = case when not excluded.open then p.queue_due_at end
    where excluded.changed_at >= p.changed_at
    returning p.provider, p.state, p.open
  )
  select jsonb_agg(jsonb_build_object(
    'provider', k.provider, 'state', k.state, 'open', k.open, 'was_open', coalesce(b.open, true)
  ) order by k.provider)
  from kept k
  left join before b on b.provider = k.provider
  where (k.open, k.state) is distinct from (coalesce(b.open, true), coalesce(b.state, case when k.open then k.state end))
$$;

-- Called for every webhook, poll and outcome of a send. Promises, in one transaction, everything that they mean: each
-- event kept once and matched to its message, inbound messages created, attempts ended, facts stamped, and what `follows`
-- written down (jobs_of). Where that is null (a replay) nothing follows from it, and no step of an escalation.
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
    select distinct on (e.provider, e.event_id) e.*
    from jsonb_to_recordset(events) as e (
      provider text, event_id text, type text, provider_type text, channel text, message_id uuid,
      provider_message_id text, recipient text, reason text, code text, bounce_class text, url text, machine boolean,
      guess boolean, source text, occurred_at timestamptz, received_at timestamptz, request_id text, raw jsonb,
      raw_text text, inbound jsonb, consent text, alias text
    )
    order by e.provider, e.event_id, e.occurred_at
  ), inserted as (
    insert into message_events (
      provider, event_id, type, provider_type, channel, provider_message_id, message_id, tenant_id, lead_id,
      recipient, reason, code, bounce_class, url, machine, source, guessed, guessable, occurred_at, received_at,
      request_id, raw, raw_text, consent
    )
    select
      e.provider, e.event_id, e.type, e.provider_type, coalesce(m.channel, e.channel),
      e.provider_message_id, m.id, m.tenant_id, m.lead_id,
      coalesce(e.recipient, m.recipient, address_of(e.provider, e.alias)), e.reason, e.code, e.bounce_class,
      e.url, coalesce(e.machine, false), e.source, coalesce(found.guessed, false),
      coalesce(e.guess, false) and e.message_id is null, e.occurred_at, e.received_at, e.request_id, e.raw,
      e.raw_text, e.consent
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
    -- All of them at once, by id: whoever tells of the same messages waits here, and nobody waits for him elsewhere.
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
