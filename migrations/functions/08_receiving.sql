-- What was told: by webhooks, look-ups and our own sends. Called by src/receiving/ and the worker. Promises, in one
-- transaction, that each event is kept once with everything that it means. Rows are always taken in one order (events by
-- key, then messages by id), so that two processes telling of the same messages wait for each other instead of deadlocking.

-- Called by create_inbound_messages and learn_names. Whose message is answered by what a person wrote `at` that moment: the one
-- replied to, else the latest to them from where it came to, unless they had been talking to another tenant there. No row:
-- nobody's.
create or replace function whose_answer(
  on_channel text,
  told_by text,
  person text,
  to_us text,
  in_reply_to text,
  at timestamptz,
  skew_seconds integer
) returns table (tenant_id text, lead_id text)
language sql stable
rows 1
as $$
  select
    case when before.to_asked is false then before.tenant_id else asked.tenant_id end,
    case when before.to_asked is false then before.lead_id else asked.lead_id end
  from (
    select m.tenant_id, m.lead_id, coalesce(m.provider_message_id = in_reply_to, false) as quoted
    from (
      -- The one replied to, else the latest: gone through in this order until one is right, however many went there.
      (select * from messages r where r.provider_message_id = in_reply_to)
      union all
      (select * from messages l where l.recipient = person order by l.created_at desc)
    ) m
    where m.recipient = person and m.direction = 'outbound' and m.channel = on_channel
      -- Only what really went out asks for an answer.
      and m.attempts > 0 and m.phase <> 'dead'
      and (m.sender = to_us or (m.provider = told_by and (m.sender is null or m.provider_message_id = in_reply_to)))
      -- Read again later, it is not an answer to what was written since; two clocks may differ a little.
      and m.created_at <= at + make_interval(secs => skew_seconds)
    limit 1
  ) asked
  -- A tenant to whom this person never wrote does not take over, by writing last, what is said to another.
  left join lateral (
    select
      bool_or(said.tenant_id = asked.tenant_id) as to_asked,
      (array_agg(said.tenant_id order by said.created_at desc))[1] as tenant_id,
      (array_agg(said.lead_id order by said.created_at desc))[1] as lead_id
    from (
      -- The last few, to whomever: so it costs the same however much a person has written.
      select n.tenant_id, n.lead_id, n.recipient, n.created_at
      from messages n
      where n.sender = person and n.direction = 'inbound' and n.created_at < at
      order by n.created_at desc
      limit 9
    ) said
    where said.recipient = to_us and said.tenant_id is not null
  ) before on asked.tenant_id is not null and not asked.quoted
$$;

-- Called by record_events, before its events, and by rewrite_events. Promises a row of direction inbound for each message
-- that a person wrote, once. It is of the tenant that had last written to that person from that address (whose_answer). Answers
-- the rows that are new.
create or replace function create_inbound_messages(events jsonb, skew_seconds integer) returns uuid[]
language sql
as $$
  with written as (
    insert into messages (
      id, tenant_id, channel, direction, provider, provider_message_id, recipient, sender, lead_id, text,
      button_payload, media, replied_to, request_id, phase, created_at, updated_at, via
    )
    select
      e.message_id, whose.tenant_id, e.channel, 'inbound', e.provider, e.provider_message_id, i.recipient, i.sender,
      whose.lead_id, i.text, i.button_payload, i.media, i.replied_to, e.request_id, 'received', e.received_at,
      e.received_at, e.via
    from jsonb_to_recordset(events) as e (
      provider text, event_id text, channel text, message_id uuid, provider_message_id text, received_at timestamptz,
      request_id text, inbound jsonb, via text
    )
    cross join lateral jsonb_to_record(e.inbound) as i (
      sender text, recipient text, text text, button_payload text, media jsonb, replied_to text
    )
    left join lateral whose_answer(
      e.channel, e.provider, i.sender, i.recipient, i.replied_to, e.received_at, skew_seconds
    ) whose on true
    where jsonb_typeof(e.inbound) = 'object'
    order by e.message_id
    on conflict (id) do nothing
    returning id
  )
  select array_agg(id) from written
$$;

-- Called by record_events and rewrite_events. The rows that events are kept as, each once, with what is known of the message
-- that it is about. One that comes with what `guessed` says has its message already. Without settings, so that Postgres
-- plans it into the statements of its callers; in the order of the table's columns.
create or replace function told_events(events jsonb, guess_seconds integer, skew_seconds integer) returns setof message_events
language sql stable
as $$
  select
    e.id, e.provider, e.event_id, e.type, e.provider_type, coalesce(m.channel, e.channel), e.provider_message_id, m.id,
    m.tenant_id, m.lead_id, coalesce(e.recipient, m.recipient, address_of(e.provider, e.alias)), e.reason, e.code,
    e.bounce_class, e.url, coalesce(e.machine, false), e.source, coalesce(found.guessed, e.guessed, false),
    coalesce(e.guessable, false), e.occurred_at, e.received_at, e.request_id, e.raw, e.raw_text, e.consent, e.alias,
    e.alias_of, e.provider_state, false, e.via
  from (
    select distinct on (t.provider collate "C", t.event_id collate "C") t.*
    from jsonb_populate_recordset(null::message_events, events) as t
    order by t.provider collate "C", t.event_id collate "C", t.occurred_at
  ) e
  left join lateral match_event(
    e.provider, e.message_id, e.provider_message_id, e.recipient, coalesce(e.guessable, false), e.occurred_at,
    guess_seconds, skew_seconds
  ) found on e.guessed is null
  -- What a person wrote has its own message; every other event is about one of ours.
  left join messages m on m.id = case when e.type = 'received' or e.guessed is not null then e.message_id else found.id end
$$;

-- Called for every webhook, poll and outcome of a send. Promises, in one transaction, everything that they mean: each
-- event kept once and matched to its message, inbound messages created, attempts ended, facts stamped, and what `follows`
-- written down (enqueue_following). Where that is null (a replay) nothing follows from it, and no step of an escalation.
-- `events`: [{provider, event_id, type, …, inbound?}], `outcomes`: [{message_id, attempt, outcome, …}],
-- `quarantined`: [{provider, digest, reason, bytes (base64), …}]; `guess_seconds`, `skew_seconds`: see match_event.
-- Answers {recorded, repeated, quarantined, parked, handed_on?: what hand_on answers, states?: what
-- keep_provider_states answers}.
--
-- An ordinary receipt goes the short way: it can only add a fact to a message of which nothing went wrong, so that the
-- message is stamped as it is found, without a look at what was told before. Whatever else there is goes the thorough way
-- (stamp_facts), which reads every event of the message; a test holds both to the same rows.
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
  -- One pass over the events, of which nearly all have none of these.
  unusual boolean := jsonb_path_exists(events, '$[*] ? (exists (@.inbound) || exists (@.consent)
    || exists (@.alias) || exists (@.provider_state) || exists (@.via) || @.guess == true || @.source == "pixel")');
  recorded bigint := 0::bigint;
  parked bigint := 0::bigint;
  kept integer := 0;
  touched uuid[] := '{}'::uuid[];
  concluded uuid[] := case
    when outcomes <> '[]' then array(select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid))
    else '{}'
  end;
  written uuid[];
  besides jsonb := '[]'::jsonb;
  consents jsonb := '[]'::jsonb;
  handed jsonb;
  states jsonb;
begin
  if unusual then
    if jsonb_path_exists(events, '$[*] ? (@.source == "pixel")') then
      events := permitted_reads(events);
      told := jsonb_array_length(events);
    end if;
    if jsonb_path_exists(events, '$[*].inbound ? (@ != null)') then
      events := told_before(people_named(events));
    end if;
    if jsonb_path_exists(events, '$[*].alias') then
      perform keep_names(events);
    end if;
    if jsonb_path_exists(events, '$[*].inbound ? (@ != null)') then
      -- Again, by the names that were told just now.
      events := people_named(events);
      written := create_inbound_messages(events, skew_seconds);
    end if;
    if jsonb_path_exists(events, '$[*] ? (@.guess == true)') then
      -- As the column says it: a spool of the release before does not.
      events := (
        select jsonb_agg(e || jsonb_build_object('guessable', coalesce((e ->> 'guess')::boolean, false) and e ->> 'message_id' is null))
        from jsonb_array_elements(events) e
      );
    end if;
  end if;

  if told > 0 then
    with inserted as (
      insert into message_events
      overriding user value
      select t.* from told_events(events, guess_seconds, skew_seconds) t
      -- In an order of bytes, which takes a tenth of the time of a language's.
      order by t.provider collate "C", t.event_id collate "C"
      on conflict (provider, event_id) do nothing
      returning message_id, type, machine, provider, provider_message_id, recipient, occurred_at, consent, bounce_class, code
    ), said as (
      select
        i.message_id,
        min(i.occurred_at) filter (where i.type = 'queued') as queued_at,
        min(i.occurred_at) filter (where i.type = 'sent') as sent_at,
        min(i.occurred_at) filter (where i.type = 'delivered') as delivered_at,
        min(i.occurred_at) filter (where i.type = 'opened' and not i.machine) as opened_at,
        min(i.occurred_at) filter (where i.type = 'read') as read_at,
        min(i.occurred_at) filter (where i.type = 'clicked' and not i.machine) as clicked_at,
        min(i.occurred_at) filter (where i.type = 'opened' and i.machine) as machine_opened_at,
        min(i.occurred_at) filter (where i.type = 'clicked' and i.machine) as machine_clicked_at,
        -- Of whom they are told: a message is stamped as it is found where all of them are of the same.
        min(i.provider) as provider, max(i.provider) as provider_too,
        min(i.provider_message_id) as provider_message_id, max(i.provider_message_id) as provider_message_id_too,
        min(i.recipient) as recipient, max(i.recipient) as recipient_too,
        bool_and(
          coalesce(i.type, '') in ('queued', 'sent', 'delivered', 'opened', 'read') and i.consent is null
        ) as ordinary
      from (
        select
          n.message_id, n.type, n.machine, n.provider, n.provider_message_id, n.recipient, n.occurred_at, n.consent
        from inserted n
        where n.message_id is not null
        union all
        select c.id, null, null, null, null, null, null, null from unnest(concluded) as c (id)
      ) i
      group by i.message_id
      order by i.message_id
    ), held as (
      -- All of them, by id: whoever tells of the same messages waits here, and nobody waits for them elsewhere.
      select s.*, own.row
      from said s
      cross join lateral (select m as row from messages m where m.id = s.message_id for no key update) own
    ), stamped as (
      update messages m
      set
        queued_at = least(m.queued_at, s.queued_at),
        sent_at = least(m.sent_at, s.sent_at),
        delivered_at = least(m.delivered_at, s.delivered_at),
        opened_at = least(m.opened_at, s.opened_at),
        read_at = least(m.read_at, s.read_at),
        clicked_at = least(m.clicked_at, s.clicked_at),
        machine_opened_at = least(m.machine_opened_at, s.machine_opened_at),
        machine_clicked_at = least(m.machine_clicked_at, s.machine_clicked_at),
        check_at = case
          when coalesce(s.delivered_at, s.opened_at, s.read_at, s.clicked_at) is null then m.check_at
        end,
        updated_at = now()
      from held s
      where m.id = s.message_id
        and s.ordinary
        -- Nothing went wrong with it, and it has never had another carrier.
        and m.phase = 'queued'
        and m.attempts = 1
        and m.attempts_before = 0
        and m.next_attempt_at is null
        and m.failed_at is null
        and m.rejected_at is null
        and m.escalation_id is null
        -- Whether a person opened it or clicked, and whether it bounced, depends on whether it was delivered, and when.
        and (s.delivered_at is null or coalesce(m.opened_at, m.machine_opened_at, m.clicked_at, m.machine_clicked_at, m.bounced_at) is null)
        and coalesce(s.opened_at >= least(m.delivered_at, s.delivered_at) + interval '5 seconds', true)
        and s.provider = m.provider and s.provider_too = m.provider
        and coalesce(s.provider_message_id, m.provider_message_id) = m.provider_message_id
        and coalesce(s.provider_message_id_too, m.provider_message_id) = m.provider_message_id
        and (m.channel <> 'email' or lower(s.recipient) = lower(m.recipient) and lower(s.recipient_too) = lower(m.recipient))
      returning m.id, case when m.traced and follows is not null then first_facts(s.row, m) end as firsts
    )
    select
      (select count(*) from inserted),
      (select count(*) from inserted where message_id is null),
      array(select message_id from said except all select id from stamped),
      coalesce((
        select jsonb_agg(jsonb_build_object('message_id', s.id, 'fact', f.fact) order by s.id, f.number)
        from stamped s
        cross join unnest(s.firsts) with ordinality as f (fact, number)
      ), '[]'),
      -- What a person wrote is work as a whole, whatever it says of consent.
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'message_id', message_id, 'fact', 'consent', 'consent', consent, 'bounce_class', bounce_class,
          'recipient', recipient
        ))
        from inserted
        where message_id is not null and consent is not null and type <> 'received'
          -- Whoever is in one group again may have said no to all.
          and not (consent = 'given' and coalesce(code, '') like 'group %')
      ), '[]')
    into recorded, parked, touched, besides, consents;
  end if;

  if told > recorded then
    touched := touched || adopt_repeated(events, follows);
  end if;
  touched := touched || concluded;
  if cardinality(touched) > 0 then
    -- Those that were not held before: of outcomes alone, and of what was adopted.
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    if outcomes <> '[]' then
      perform end_attempts(outcomes, follows);
    end if;
    handed := stamp_messages(touched, (
      select coalesce(jsonb_agg(jsonb_build_object('message_id', b.id, 'fact', b.fact) order by b.id), '[]')
      from (
        select o.message_id as id, 'accepted' as fact
        from jsonb_to_recordset(outcomes) as o (message_id uuid, outcome text)
        where o.outcome = 'accepted'
        union
        select w.id, 'written' from unnest(written) as w (id)
      ) b
    ) || consents || besides, follows);
  elsif follows is not null then
    perform enqueue_following(consents || besides, follows);
  end if;
  if unusual then
    if jsonb_path_exists(events, '$[*].consent') then
      perform keep_consents(events);
    end if;
    if jsonb_path_exists(events, '$[*].via') then
      update messages m
      set via = e.via
      from jsonb_to_recordset(events) as told (provider text, event_id text, via text)
      join message_events e on e.provider = told.provider and e.event_id = told.event_id
      where told.via is not null and m.id = e.message_id and m.via is distinct from e.via;
    end if;
    if cardinality(written) > 0 then
      perform keep_signs_of_life(written);
    end if;
    if jsonb_path_exists(events, '$[*].provider_state') then
      states := keep_provider_states(events);
    end if;
  end if;

  if quarantined <> '[]' then
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

  return jsonb_strip_nulls(jsonb_build_object(
    'recorded', recorded,
    'repeated', told - recorded,
    'parked', parked,
    'quarantined', kept,
    'handed_on', handed,
    'states', states
  ));
end
$$;
