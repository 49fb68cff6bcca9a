-- Every function, current. Re-applied whole at each migration that finds another digest: first those of an earlier
-- state (they carry our mark) go, then these come, in one transaction. Named arguments in, jsonb out. SQL decides sets
-- and atomicity; what an event means is decided before it gets here.
--
-- A connection plans a function's statements once and keeps the plan, also where the tables were empty then (and
-- PGlite, without autovacuum, never plans again). So functions that look up rows by key are told to use indexes
-- (enable_*): what is planned for a hundred rows reads a million otherwise. The settings reach the functions that they
-- call. Lists and counts are planned anew each time (force_custom_plan).

do $$
declare
  ours regprocedure;
begin
  for ours in
    select p.oid
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') = 'max-comms'
  loop
    execute format('drop function %s', ours);
  end loop;
end
$$;

-- Called at boot. Promises the highest migration and the digest of this file that the database has.
create function schema_version() returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select jsonb_build_object(
    'version', (select max(version) from schema_migrations where version > 0),
    'functions', (select digest from schema_migrations where version = 0)
  )
$$;

-- What the outside sees of a message.
create function message_json(m messages) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select to_jsonb(m)
$$;

-- Called by reserve_messages. Promises: one message a tenant and key within seven days, its first
-- attempt with owner and lease committed, or the reason why not. `message` holds the columns' values; `idempotency`
-- {key, requestHash} or null; `limits` {hour, recipientDay}, each null for none.
-- Answers {outcome: reserved | scheduled | repeat | conflict | limited | cancelled, message, circumstances}.
create function reserve_message(
  message jsonb,
  idempotency jsonb,
  limits jsonb,
  owner text,
  lease_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  wanted messages := jsonb_populate_record(null::messages, message);
  claimed idempotency_keys;
  known messages;
  hindrance text;
begin
  if limits ->> 'hour' is not null or limits ->> 'recipientDay' is not null then
    -- Those who count at the same moment would all still find room. Held before the key, as by everybody.
    perform pg_advisory_xact_lock(hashtextextended('send limit ' || wanted.tenant_id, 0));
  end if;

  if idempotency is not null and jsonb_typeof(idempotency) <> 'null' then
    insert into idempotency_keys as k (tenant_id, key, request_hash, message_id, created_at)
    values (wanted.tenant_id, idempotency ->> 'key', idempotency ->> 'requestHash', wanted.id, moment)
    on conflict (tenant_id, key) do update
      set request_hash = excluded.request_hash, message_id = excluded.message_id, created_at = excluded.created_at
      where k.created_at < moment - interval '7 days'
    returning * into claimed;
    if claimed.message_id is null then
      select * into claimed from idempotency_keys k
      where k.tenant_id = wanted.tenant_id and k.key = idempotency ->> 'key';
      if claimed.request_hash <> idempotency ->> 'requestHash' then
        return jsonb_build_object('outcome', 'conflict');
      end if;
      -- Whoever repeats is told that it will be sent: then it is no lost reservation any more (abandon_reservation).
      update messages m set updated_at = moment where m.id = claimed.message_id and m.phase = 'scheduled';
      select * into known from messages m where m.id = claimed.message_id;
      return jsonb_build_object('outcome', 'repeat', 'message', message_json(known));
    end if;
  end if;

  if over_limit(wanted.tenant_id, wanted.recipient, limits, moment) then
    hindrance := 'limited';
  elsif not begin_escalation(wanted, message -> 'escalation', moment) then
    hindrance := 'cancelled';
  end if;
  if hindrance is not null then
    delete from idempotency_keys k
    where k.tenant_id = wanted.tenant_id and k.key = idempotency ->> 'key' and k.message_id = wanted.id;
    return jsonb_build_object('outcome', hindrance);
  end if;

  wanted.direction := 'outbound';
  wanted.created_at := moment;
  wanted.updated_at := moment;
  wanted.warnings := coalesce(wanted.warnings, '[]');
  if wanted.send_at > moment then
    wanted.phase := 'scheduled';
    wanted.attempts := 0;
    wanted.next_attempt_at := wanted.send_at;
  else
    wanted.phase := 'sending';
    wanted.attempts := 1;
    wanted.queued_at := moment;
  end if;
  insert into messages (
    id, tenant_id, channel, direction, provider, recipient, sender, lead_id, parent_type, parent_id, subject, text,
    metadata, warnings, template_id, template_type, traced, escalation_id, request_id, attempts, phase, send_at, expires_at,
    next_attempt_at, created_at, updated_at, queued_at, fallback
  ) values (
    wanted.id, wanted.tenant_id, wanted.channel, wanted.direction, wanted.provider, wanted.recipient, wanted.sender,
    wanted.lead_id, wanted.parent_type, wanted.parent_id, wanted.subject, wanted.text, wanted.metadata,
    wanted.warnings, wanted.template_id, wanted.template_type, coalesce(wanted.traced, false),
    coalesce((message -> 'escalation' ->> 'id')::uuid, case when message ? 'escalation' then wanted.id end),
    wanted.request_id, wanted.attempts, wanted.phase, wanted.send_at, wanted.expires_at, wanted.next_attempt_at,
    wanted.created_at, wanted.updated_at, wanted.queued_at, wanted.fallback
  ) returning * into known;
  insert into message_payloads (message_id, payload) values (wanted.id, message -> 'payload');
  if wanted.phase = 'sending' then
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
    values (wanted.id, 1, wanted.provider, owner, now() + make_interval(secs => lease_seconds), moment);
  end if;
  return jsonb_build_object(
    'outcome', case when wanted.phase = 'scheduled' then 'scheduled' else 'reserved' end,
    'message', message_json(known),
    'circumstances', circumstances(wanted.channel, wanted.recipient, wanted.provider)
  );
end
$$;

-- Called by reserve_message. `wanted_escalation`: null; {steps} for the first message of one; {id, step} for a step that
-- was claimed. Promises that a step is sent only while it is still wanted: what record_events tells of its group waits, or
-- was told before. Answers false where it is not.
create function begin_escalation(wanted messages, wanted_escalation jsonb, moment timestamptz) returns boolean
language plpgsql
set timezone to 'UTC'
as $$
declare
  begun integer;
begin
  if wanted_escalation ? 'steps' then
    insert into escalations (id, tenant_id, created_at) values (wanted.id, wanted.tenant_id, moment);
    insert into escalation_steps (escalation_id, number, channel, after_seconds, unless, request)
    select wanted.id, s.number, s.step ->> 'channel', (s.step ->> 'after_seconds')::integer, s.step ->> 'unless',
      s.step -> 'request'
    from jsonb_array_elements(wanted_escalation -> 'steps') with ordinality as s (step, number);
  elsif wanted_escalation ? 'id' then
    perform from escalations e where e.id = (wanted_escalation ->> 'id')::uuid for update;
    update escalation_steps s
    set state = 'sent', message_id = wanted.id, lease_until = null
    where s.escalation_id = (wanted_escalation ->> 'id')::uuid
      and s.number = (wanted_escalation ->> 'step')::integer
      and s.state = 'claimed';
    get diagnostics begun = row_count;
    return begun > 0;
  end if;
  return true;
end
$$;

-- Called wherever what is known of a message of an escalation changed. Promises that each group's steps are what its
-- messages say: unnecessary ones are cancelled, the next one is due when the one before failed or had its time. Every
-- order of telling ends in the same. Without `effects` nothing is due by it that was not, or sooner than it was.
create function refresh_escalations(ids uuid[], effects boolean default true) returns void
language plpgsql
set timezone to 'UTC'
as $$
begin
  if cardinality(ids) = 0 then
    return;
  end if;
  perform from escalations e where e.id = any (ids) order by e.id for update;

  update escalation_steps s
  set state = 'cancelled', reason = s.unless, due_at = null, lease_until = null
  where s.escalation_id = any (ids)
    and s.state in ('waiting', 'claimed')
    and exists (
      select from messages m
      where m.escalation_id = s.escalation_id
        and (
          coalesce(m.read_at, m.opened_at, m.clicked_at) is not null
          or s.unless = 'delivered' and m.delivered_at is not null
        )
    );

  with next as (
    select distinct on (s.escalation_id) s.escalation_id, s.number, s.after_seconds, s.due_at
    from escalation_steps s
    where s.escalation_id = any (ids) and s.state = 'waiting'
    order by s.escalation_id, s.number
  ), before as (
    select n.*, m.status, m.error_code, step.state as step_state,
      -- The first time: a later attempt does not begin the wait again.
      (
        select min(a.ended_at) from message_attempts a
        where a.message_id = m.id and a.outcome in ('accepted', 'unknown')
      ) as handed_over_at
    from next n
    left join escalation_steps step on step.escalation_id = n.escalation_id and step.number = n.number - 1
    cross join lateral (
      select latest.*
      from messages latest
      left join escalation_steps of on of.escalation_id = latest.escalation_id and of.message_id = latest.id
      where latest.escalation_id = n.escalation_id
      order by of.number desc nulls last
      limit 1
    ) m
    -- While the step before is being sent, its message is not there yet.
    where step.state is distinct from 'claimed'
  ), judged as (
    select b.*,
      b.status = 'cancelled' or b.status = 'failed' and b.error_code = 'expired' as over,
      b.step_state in ('failed', 'skipped') or b.status in ('failed', 'rejected', 'bounced') as failed
    from before b
  )
  update escalation_steps s
  set
    state = case when j.over then 'cancelled' else s.state end,
    reason = case when j.over then j.status when j.failed then 'failed' else 'time' end,
    due_at = becomes.due_at
  from judged j
  cross join lateral (
    select case
      when j.over then null
      when j.failed then least(j.due_at, now())
      when j.status not in ('scheduled', 'queued', 'sending') or j.handed_over_at is not null
        then j.handed_over_at + make_interval(secs => j.after_seconds)
    end as due_at
  ) becomes
  -- Once it is over, it is over for all that follows.
  where s.escalation_id = j.escalation_id
    and s.state = 'waiting'
    and (s.number = j.number or j.over)
    and (effects or becomes.due_at is null or becomes.due_at >= s.due_at);
end
$$;

-- Called by the worker. Promises the steps whose time has come, with the message before each: what is to be asked about,
-- where asking is due. Answers [{escalation_id, number, reason, message}].
create function due_escalations(at_most integer, as_of timestamptz) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  due jsonb;
begin
  select jsonb_agg(jsonb_build_object(
    'escalation_id', s.escalation_id, 'number', s.number, 'reason', s.reason,
    'message', message_json(m) || jsonb_build_object(
      'payload', p.payload,
      'attempted_at', (select max(a.begun_at) from message_attempts a where a.message_id = m.id)
    )
  ))
  into due
  from (
    select *
    from escalation_steps d
    where d.state in ('waiting', 'claimed')
      and d.due_at <= moment
      and (d.lease_until is null or d.lease_until < now())
    order by d.due_at
    limit at_most
  ) s
  cross join lateral (
    select latest.*
    from messages latest
    left join escalation_steps of on of.escalation_id = latest.escalation_id and of.message_id = latest.id
    where latest.escalation_id = s.escalation_id
    order by of.number desc nulls last
    limit 1
  ) m
  left join message_payloads p on p.message_id = m.id;
  return coalesce(due, '[]');
end
$$;

-- Called by the worker. Promises that each of these steps (`wanted`: escalations' ids) which is due is given to one
-- process; none on the channel of a message whose outcome is unknown: that step is skipped, the next one is due. The
-- group is held, so that a receipt comes either before (and there is nothing to claim) or after. Answers
-- [{escalation_id, number, request}].
create function claim_escalations(wanted jsonb, lease_seconds integer, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  held uuid[];
  skipped uuid[];
  claimed jsonb;
begin
  select array_agg(h.id) into held
  from (
    select e.id from escalations e
    where e.id = any (array(select jsonb_array_elements_text(wanted)::uuid))
    order by e.id
    for update skip locked
  ) h;

  -- Until none is left: the one after a skipped step is due at once, and may be on the same channel.
  loop
    with passed as (
      update escalation_steps s
      set state = 'skipped', reason = 'unknown_on_this_channel', due_at = null, lease_until = null
      where s.escalation_id = any (held)
        and s.state in ('waiting', 'claimed')
        and s.due_at <= moment
        and exists (
          select from messages m
          where m.escalation_id = s.escalation_id and m.channel = s.channel and m.status = 'unknown'
        )
      returning s.escalation_id
    )
    select array_agg(distinct escalation_id) into skipped from passed;
    exit when skipped is null;
    perform refresh_escalations(skipped);
  end loop;

  with taken as (
    update escalation_steps s
    set state = 'claimed', lease_until = now() + make_interval(secs => lease_seconds)
    where s.escalation_id = any (held)
      and s.state in ('waiting', 'claimed')
      and s.due_at <= moment
      and (s.lease_until is null or s.lease_until < now())
    returning s.escalation_id, s.number, s.request
  )
  select jsonb_agg(to_jsonb(t) order by t.escalation_id) into claimed from taken t;
  return coalesce(claimed, '[]');
end
$$;

-- Called by the worker where a claimed step could not even be reserved. Promises that the step is over, and the next
-- one due.
create function fail_escalation_step(escalation uuid, step integer, because text) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
begin
  -- The group before its steps, as everywhere else.
  perform from escalations e where e.id = escalation for update;
  update escalation_steps s
  set state = 'failed', reason = because, due_at = null, lease_until = null
  where s.escalation_id = escalation and s.number = step and s.state = 'claimed';
  perform refresh_escalations(array[escalation]);
  return 'null';
end
$$;

-- What a message's escalation has come to: its steps, and by which message its person was reached.
create function escalation_json(wanted uuid) returns jsonb
language sql stable
set timezone to 'UTC'
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

-- Called by reserve_message and claim_due, in their transaction. Promises what may keep a message from being sent now:
-- {suppressed: why its person is not to be written to, heard_at: when that person last wrote by WhatsApp through this
-- provider, stopped: why the provider takes nothing}, each null where there is nothing.
create function circumstances(on_channel text, of_address text, by_provider text) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select jsonb_build_object(
    'suppressed', (
      select coalesce(s.reason, 'withdrawn') from suppressions s
      where s.channel = on_channel and s.address = of_address and s.active
    ),
    'heard_at', case when on_channel = 'whatsapp' then (
      select m.created_at from messages m
      where m.sender = of_address and m.direction = 'inbound' and m.channel = 'whatsapp' and m.provider = by_provider
      order by m.created_at desc
      limit 1
    ) end,
    'stopped', (select p.state from provider_states p where p.provider = by_provider and not p.open)
  )
$$;

-- Called by reserve_message. Counts at most as far as the limit, so that its cost does not grow with the table.
create function over_limit(tenant text, address text, limits jsonb, moment timestamptz) returns boolean
language sql stable
set timezone to 'UTC'
as $$
  select
    case when limits ->> 'hour' is null then false else (
      select count(*) >= (limits ->> 'hour')::integer
      from (
        select from messages m
        where m.tenant_id = tenant and m.direction = 'outbound' and m.created_at > moment - interval '1 hour'
        limit (limits ->> 'hour')::integer
      ) recent
    ) end
    or case when limits ->> 'recipientDay' is null then false else (
      select count(*) >= (limits ->> 'recipientDay')::integer
      from (
        select from messages m
        where m.recipient = address and m.tenant_id = tenant and m.direction = 'outbound'
          and m.created_at > moment - interval '1 day'
        limit (limits ->> 'recipientDay')::integer
      ) recent
    ) end
$$;

-- Called before the first byte of the sends goes out that were asked for while the last call ran. Promises what
-- reserve_message does for each, in one transaction. `reservations`: [{message, idempotency, limits, owner,
-- lease_seconds, as_of}], its arguments. Answers its answers, in their order. They are made in the order of tenants and
-- keys, so that two processes which reserve for the same ones wait for each other instead of deadlocking.
create function reserve_messages(reservations jsonb) returns jsonb
language sql
set timezone to 'UTC'
set enable_seqscan to off
as $$
  with made as materialized (
    select
      r.number,
      reserve_message(
        r.wanted -> 'message', r.wanted -> 'idempotency', r.wanted -> 'limits', r.wanted ->> 'owner',
        (r.wanted ->> 'lease_seconds')::integer, (r.wanted ->> 'as_of')::timestamptz
      ) as answer
    from (
      select *
      from jsonb_array_elements(reservations) with ordinality as asked (wanted, number)
      order by wanted -> 'message' ->> 'tenant_id', wanted -> 'idempotency' ->> 'key', number
    ) r
  )
  select jsonb_agg(m.answer order by m.number) from made m
$$;

-- Called for every webhook, poll and outcome of a send. Promises, in one transaction, everything that they mean: each
-- event kept once and matched to its message, inbound messages created, attempts ended, facts stamped. Without `effects`
-- (a replay) nothing follows from it: no work for the CRM, no step of an escalation.
-- `events`: [{provider, event_id, type, …, inbound?}], `outcomes`: [{message_id, attempt, outcome, …}],
-- `quarantined`: [{provider, digest, reason, bytes (base64), …}].
-- Answers {recorded, repeated, quarantined, parked, stamped: [{message_id, facts: [first stamps], handed_on?: what
-- hand_on_cleared answers}], states?: what keep_provider_states answers}.
-- Rows are always taken in the same order (events by key, then messages by id), so that two processes telling of the
-- same messages wait for each other instead of deadlocking.
create function record_events(events jsonb, outcomes jsonb, quarantined jsonb, effects boolean default true) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
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
  marking jsonb;
  states jsonb;
begin
  if jsonb_path_exists(events, '$[*].alias') then
    perform keep_aliases(events);
  end if;
  if jsonb_path_exists(events, '$[*].inbound ? (@ != null)') then
    written := create_inbound_messages(events);
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
      e.provider, e.message_id, e.provider_message_id, e.recipient, coalesce(e.guess, false), e.occurred_at
    ) found on true
    -- What a person wrote has its own message; every other event is about one of ours.
    left join messages m on m.id = case when e.inbound is null then found.id else e.message_id end
    order by e.provider, e.event_id
    on conflict (provider, event_id) do nothing
    returning message_id, consent, bounce_class
  )
  select
    count(*),
    count(*) filter (where message_id is null),
    array_agg(distinct message_id) filter (where message_id is not null),
    jsonb_agg(jsonb_build_object('message_id', message_id, 'consent', consent, 'bounce_class', bounce_class))
      filter (where message_id is not null and consent is not null)
  into recorded, parked, touched, marking
  from inserted;

  if told > recorded then
    touched := touched || adopt_repeated(events);
  end if;
  touched := touched || array(select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid));
  if cardinality(touched) > 0 then
    -- All of them at once, by id: whoever tells of the same messages waits here, and nobody waits for him elsewhere.
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    perform end_attempts(outcomes);
    stamped := stamp_messages(touched, following_jobs(outcomes, written, marking), effects);
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

-- Called wherever the message of parked receipts is found (`parked`: [{id, message_id, guessed}], or null). Promises
-- that each is adopted once, and that what it says of its person is shown in the CRM, as if it had come after its
-- message. Answers the messages that have one more event.
create function adopt_events(parked jsonb) returns uuid[]
language plpgsql
set timezone to 'UTC'
as $$
declare
  adopters uuid[];
  marking jsonb;
begin
  if parked is null then
    return null;
  end if;
  with adopted as (
    update message_events e
    set
      message_id = m.id,
      tenant_id = m.tenant_id,
      lead_id = m.lead_id,
      channel = m.channel,
      recipient = coalesce(e.recipient, m.recipient),
      guessed = p.guessed
    from jsonb_to_recordset(parked) as p (id bigint, message_id uuid, guessed boolean)
    join messages m on m.id = p.message_id
    where e.id = p.id and e.message_id is null
    returning e.message_id, e.consent, e.bounce_class
  )
  select array_agg(distinct a.message_id), jsonb_agg(to_jsonb(a)) filter (where a.consent is not null)
  into adopters, marking
  from adopted a;
  if marking is not null then
    perform enqueue_jobs(following_jobs('[]', null, marking));
  end if;
  return adopters;
end
$$;

-- Called by record_events where something was told again. Promises that a receipt which lay parked is adopted by the
-- message that its second telling names, and that what a look-up could not tell of a person's message (the button that
-- was pressed, media) is taken from the webhook that comes after it. Answers the messages that have one more event.
create function adopt_repeated(events jsonb) returns uuid[]
language sql
set timezone to 'UTC'
as $$
  update messages m
  set
    button_payload = coalesce(m.button_payload, i.button_payload),
    media = coalesce(m.media, i.media),
    replied_to = coalesce(m.replied_to, i.replied_to),
    text = coalesce(m.text, i.text)
  from jsonb_to_recordset(events) as again (message_id uuid, inbound jsonb)
  cross join lateral jsonb_to_record(again.inbound) as i (
    text text, button_payload text, media jsonb, replied_to text
  )
  where m.id = any (array(select a.message_id from jsonb_to_recordset(events) as a (message_id uuid)))
    and m.id = again.message_id and m.direction = 'inbound' and jsonb_typeof(again.inbound) = 'object';

  select adopt_events(jsonb_agg(jsonb_build_object('id', e.id, 'message_id', m.id, 'guessed', false)))
  from jsonb_to_recordset(events) as again (provider text, event_id text, message_id uuid)
  join messages m on m.id = again.message_id and m.direction = 'outbound'
  join message_events e on e.provider = again.provider and e.event_id = again.event_id
  where e.event_id = any (array(select a.event_id from jsonb_to_recordset(events) as a (event_id text)))
    and e.provider = any (array(select a.provider from jsonb_to_recordset(events) as a (provider text)))
    and e.message_id is null
$$;

-- Called by record_events and match_parked_events. Promises at most one message of ours: the one that has the
-- provider's id, or had it before a later attempt (what the provider answered to our own send outranks any claim), else
-- the one whose id came back, else, only where the event names none and may be guessed, the latest send to that address
-- in the week before (never one that still waits for its first attempt: nothing can be told of it). It has no settings
-- of its own, and so names its schema: only then does Postgres plan it into the statements of its callers, instead of
-- running it apart for every event.
create function match_event(
  told_by text,
  claimed uuid,
  their_id text,
  address text,
  guess boolean,
  happened timestamptz
) returns table (id uuid, guessed boolean)
language sql stable
rows 1
as $$
  (
    select m.id, false
    from public.messages m
    where their_id is not null and m.provider_message_id = their_id and m.provider = told_by and m.direction = 'outbound'
    order by m.created_at desc
    limit 1
  ) union all (
    select a.message_id, false
    from public.message_attempts a
    where their_id is not null and a.provider_message_id = their_id and a.provider = told_by
    limit 1
  ) union all (
    select m.id, false
    from public.messages m
    where claimed is not null and m.id = claimed and m.direction = 'outbound'
  ) union all (
    select m.id, true
    from public.messages m
    where guess and claimed is null and their_id is null
      and m.recipient = address and m.provider = told_by and m.direction = 'outbound'
      -- One that waits for its next attempt is surely not with the provider.
      and m.attempts > 0 and m.next_attempt_at is null
      and m.created_at between happened - interval '7 days' and happened + interval '5 minutes'
    order by m.created_at desc
    limit 1
  )
  limit 1
$$;

-- Called by record_events and rewrite_events. The address of whom a provider calls so; null: it is no alias that is known.
create function address_of(told_by text, called text) returns text
language sql stable
as $$
  select a.address from public.contact_aliases a where a.provider = told_by and a.alias = called
$$;

-- Called by record_events, before its events. Promises that a person's alias is known to be the address that an event tells
-- with it, or that of our message which the event is about; that what this person wrote under it, and said of being written
-- to, is of that address.
create function keep_aliases(events jsonb) returns void
language sql
set timezone to 'UTC'
as $$
  with learnt as (
    insert into contact_aliases as a (provider, alias, address, learnt_at)
    select distinct on (e.provider, e.alias)
      e.provider, e.alias, coalesce(e.alias_of, m.recipient), e.occurred_at
    from jsonb_to_recordset(events) as e (
      provider text, provider_message_id text, alias text, alias_of text, occurred_at timestamptz
    )
    left join messages m
      on m.provider_message_id = e.provider_message_id and m.provider = e.provider and m.direction = 'outbound'
    where e.alias is not null and coalesce(e.alias_of, m.recipient) is not null
    order by e.provider, e.alias, e.occurred_at desc
    on conflict (provider, alias) do update
    set address = excluded.address, learnt_at = excluded.learnt_at
    where a.learnt_at < excluded.learnt_at or a.address <> excluded.address and a.learnt_at = excluded.learnt_at
    returning a.provider, a.alias, a.address
  ), renamed as (
    update messages m
    set sender = l.address
    from learnt l
    where m.sender = l.alias and m.provider = l.provider and m.direction = 'inbound'
  )
  insert into suppressions as s (
    channel, address, withdrawn_at, given_at, reason, provider, message_id, tenant_id, updated_at
  )
  select distinct on (said.channel, l.address)
    said.channel, l.address, said.withdrawn_at, said.given_at, said.reason, said.provider, said.message_id,
    said.tenant_id, now()
  from learnt l
  join suppressions said on said.address = l.alias and said.provider = l.provider
  order by said.channel, l.address, said.updated_at desc
  on conflict (channel, address) do update
  set
    withdrawn_at = greatest(s.withdrawn_at, excluded.withdrawn_at),
    given_at = greatest(s.given_at, excluded.given_at),
    reason = case when excluded.withdrawn_at > coalesce(s.withdrawn_at, '-infinity') then excluded.reason else s.reason end,
    updated_at = now()
$$;

-- Called by record_events, before its events, and by rewrite_events. Promises a row of direction inbound for each message
-- that a person wrote, once, of the tenant that had last written to that person from that address; a person whom the
-- provider calls by an alias is who it is known to be. Answers those that are new.
create function create_inbound_messages(events jsonb) returns uuid[]
language sql
set timezone to 'UTC'
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
        and m.created_at <= e.received_at + interval '5 minutes'
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

-- Called by record_events and fail_over, which hold the messages. Promises that each attempt ends once (a late outcome
-- still settles an unknown one; that it was accepted outranks what a person took for true), only its owner's where the
-- outcome names one, and that receipts which came before our own row had its provider's id are adopted. What is told of
-- a provider that a message goes back to takes the other's warning away.
create function end_attempts(outcomes jsonb) returns void
language plpgsql
set timezone to 'UTC'
as $$
declare
  -- As an array, so that no plan reads a whole table to find them.
  ids uuid[] := array(select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid));
begin
  if jsonb_array_length(outcomes) = 0 then
    return;
  end if;

  with told as (
    select distinct on (o.message_id, o.attempt) o.*
    from jsonb_to_recordset(outcomes) as o (
      message_id uuid, attempt integer, outcome text, provider text, provider_message_id text, sender text,
      error_code text, error_message text, warnings jsonb, next_attempt_at timestamptz, check_at timestamptz,
      owner text
    )
    -- Told twice, as by a lease that expired and the provider after all: what is known outranks what is not.
    order by o.message_id, o.attempt,
      array_position(array['accepted', 'refused', 'exhausted', 'retryable', 'unknown'], o.outcome)
  ), ended as (
    update message_attempts a
    set
      ended_at = now(),
      outcome = o.outcome,
      provider_message_id = o.provider_message_id,
      error_code = o.error_code,
      error_message = o.error_message
    from told o
    where a.message_id = any (ids)
      and a.message_id = o.message_id and a.number = o.attempt
      and (a.ended_at is null or a.outcome = 'unknown' or o.outcome = 'accepted' and a.outcome <> 'accepted')
      and (o.owner is null or a.owner = o.owner)
    returning a.message_id, a.number
  )
  update messages m
  set
    phase = case o.outcome when 'unknown' then 'unknown' when 'exhausted' then 'dead' else 'queued' end,
    provider = o.provider,
    provider_message_id = coalesce(o.provider_message_id, m.provider_message_id),
    sender = coalesce(o.sender, case when m.provider = o.provider then m.sender end),
    -- An unknown outcome may be told again: a warning is still one.
    warnings = (m.warnings - ('failed_over_from_' || o.provider)) || coalesce(
      (select jsonb_agg(w) from jsonb_array_elements(o.warnings) w where not m.warnings @> w),
      '[]'
    ),
    next_attempt_at = o.next_attempt_at,
    check_at = o.check_at,
    error_code = o.error_code,
    error_message = o.error_message,
    updated_at = now()
  from told o
  join ended on ended.message_id = o.message_id and ended.number = o.attempt
  -- The late outcome of an earlier attempt says nothing about the one that runs now.
  where m.id = any (ids) and m.id = o.message_id and m.attempts = o.attempt;

  perform adopt_events(jsonb_agg(jsonb_build_object('id', parked.id, 'message_id', m.id, 'guessed', false)))
  from messages m
  -- Offset: looked up for each of these messages, and not the other way round. Parked receipts may be many.
  cross join lateral (
    select p.id
    from message_events p
    where p.provider_message_id = m.provider_message_id and p.provider = m.provider and p.message_id is null
    offset 0
  ) parked
  where m.id = any (ids);
end
$$;

-- Called where an attempt proved that its provider does not have the message. Promises that this attempt has ended
-- (`proof`: its outcome, as record_events takes it) and the next one is begun and leased at the message's fallback, in
-- one transaction, before the first byte goes there. Changes nothing where the attempt is not under way any more (its
-- lease is over, a receipt came) or the fallback takes nothing. Answers what circumstances does of the new attempt;
-- null: none was begun.
create function fail_over(proof jsonb, owner text, lease_seconds integer) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  given messages;
  warning text;
begin
  select * into given from messages m where m.id = (proof ->> 'message_id')::uuid for no key update;
  if given.phase is distinct from 'sending'
    or given.fallback is null
    or given.fallback = given.provider
    or exists (select from provider_states p where p.provider = given.fallback and not p.open)
    or not exists (
      select from message_attempts a
      where a.message_id = given.id
        and a.number = given.attempts
        and a.number = (proof ->> 'attempt')::integer
        and a.owner = fail_over.owner
        and a.ended_at is null
    )
  then
    return null;
  end if;
  perform end_attempts(jsonb_build_array(proof));
  warning := 'failed_over_from_' || given.provider;
  update messages m
  set
    phase = 'sending',
    attempts = m.attempts + 1,
    provider = m.fallback,
    sender = null,
    warnings = (m.warnings - warning) || to_jsonb(warning),
    next_attempt_at = null,
    updated_at = now()
  where m.id = given.id;
  insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
  values (
    given.id, given.attempts + 1, given.fallback, fail_over.owner, now() + make_interval(secs => lease_seconds), now()
  );
  return circumstances(given.channel, given.recipient, given.fallback);
end
$$;

-- Called by stamp_messages. Promises that a message which its provider took back unsent (`cleared`) does not fail, but
-- is due at its fallback, once: from then on that is its provider. Answers [{message_id, facts: [], handed_on: {from,
-- to}}].
create function hand_on_cleared(ids uuid[]) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  handed jsonb;
begin
  with due as (
    update messages m
    set
      phase = 'queued',
      provider = m.fallback,
      provider_message_id = null,
      sender = null,
      warnings = (m.warnings - ('failed_over_from_' || m.provider)) || to_jsonb('failed_over_from_' || m.provider),
      next_attempt_at = now(),
      check_at = null,
      error_code = null,
      error_message = null,
      updated_at = now()
    from messages before
    where m.id = any (ids)
      and before.id = m.id
      and m.fallback <> m.provider
      and m.phase = 'queued'
      and (m.expires_at is null or m.expires_at > now())
      and exists (
        select from message_events e
        where e.message_id = m.id and e.type = 'failed' and e.code = 'cleared' and e.provider = m.provider
      )
      and not exists (
        select from message_events e
        where e.message_id = m.id and e.type in ('sent', 'delivered', 'opened', 'read', 'clicked')
      )
    returning m.id, before.provider as came_from, m.provider as goes_to
  )
  select jsonb_agg(jsonb_build_object(
    'message_id', d.id, 'facts', '[]'::jsonb, 'handed_on', jsonb_build_object('from', d.came_from, 'to', d.goes_to)
  ))
  into handed
  from due d;
  return coalesce(handed, '[]');
end
$$;

-- Called wherever a message's events changed, by who holds the messages. Promises what stamp_facts does, and that the CRM
-- is told of each new fact of a message that it shows, the steps of its escalation are what it says, and what was cleared
-- goes to its fallback. `besides`: the jobs that follow beside those; all are added at once, so that lanes are always taken
-- in one order. Without `effects` nothing of this follows but what is not sent any more. Answers what stamp_facts and
-- hand_on_cleared do.
create function stamp_messages(ids uuid[], besides jsonb default '[]', effects boolean default true) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  handed jsonb := case when effects then hand_on_cleared(ids) else '[]' end;
  firsts jsonb := stamp_facts(ids);
begin
  perform refresh_escalations(array(
    select distinct m.escalation_id from messages m where m.id = any (ids) and m.escalation_id is not null
  ), effects);
  if not effects then
    return firsts;
  end if;
  perform enqueue_jobs(coalesce(jsonb_agg(jsonb_build_object(
    'kind', job.kind, 'lane', lane_of(m), 'message_id', m.id, 'request_id', m.request_id,
    'payload', jsonb_build_object('fact', job.fact, 'status', m.status)
  ) order by m.id, job.number), '[]') || besides)
  from jsonb_to_recordset(firsts) as f (message_id uuid, facts jsonb, settled boolean)
  join messages m on m.id = f.message_id and m.traced
  cross join lateral (
    select 'trace' as kind, null as fact, 0 as number
    where f.settled
    union all
    select 'tell', told.fact, told.number
    from jsonb_array_elements_text(f.facts) with ordinality as told (fact, number)
    where told.fact not in ('sent', 'deferred')
  ) job;
  return firsts || handed;
end
$$;

-- Called by stamp_messages and rebuild_messages, by who holds the messages. Promises that a message's facts are those
-- of all its events, the earliest (occurred_at, event_id) of each kind, whatever order and however often they came;
-- that a receipt settles an unknown outcome. An event about somebody else than the recipient (a cc) stamps nothing;
-- that a provider took a message back says nothing of it any more once another carries it or it is tried anew; until then
-- it is a dead letter, unless its time had passed. What we gave up and the provider has told of since is none any more.
-- Answers [{message_id, facts, settled}]: the facts stamped for the first time, on which effects hang, and whether an
-- outcome that nobody knew is known now.
create function stamp_facts(ids uuid[]) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  firsts jsonb;
begin
  with told as (
    select
      e.*,
      -- That it was given up or not sent is what we thought: the provider's word that it arrived outranks it.
      e.source = 'send' and e.type in ('failed', 'rejected') and bool_or(
        e.type in ('delivered', 'opened', 'read', 'clicked') and e.source <> 'send'
      ) over (partition by e.message_id) as refuted,
      e.type in ('queued', 'deferred', 'failed')
        and bool_or(e.code is not distinct from 'cleared') over (partition by e.message_id, e.provider)
        and (e.provider <> carried.provider or exists (
          select from message_attempts a
          where a.message_id = e.message_id
            and a.provider = e.provider
            and a.provider_message_id = e.provider_message_id
            and (a.number < carried.attempts or a.number <= carried.attempts_before)
        )) as taken_back
    from message_events e
    join messages carried on carried.id = e.message_id
    where e.message_id = any (ids)
  ), facts as (
    select
      e.message_id,
      min(e.occurred_at) filter (where e.type = 'queued') as queued_at,
      min(e.occurred_at) filter (where e.type = 'sent') as sent_at,
      min(e.occurred_at) filter (where e.type = 'deferred' and not e.taken_back) as deferred_at,
      min(e.occurred_at) filter (where e.type = 'delivered') as delivered_at,
      min(e.occurred_at) filter (where e.type = 'opened' and not e.machine) as opened_at,
      min(e.occurred_at) filter (where e.type = 'read') as read_at,
      min(e.occurred_at) filter (where e.type = 'clicked' and not e.machine) as clicked_at,
      min(e.occurred_at) filter (where e.type = 'bounced') as bounced_at,
      min(e.occurred_at) filter (where e.type = 'rejected' and not e.refuted) as rejected_at,
      min(e.occurred_at) filter (where e.type = 'failed' and not e.refuted and not e.taken_back) as failed_at,
      bool_or(e.refuted) as refuted,
      bool_or(e.taken_back) as taken_back,
      bool_or(
        e.type = 'failed' and e.code = 'cleared' and not e.taken_back
          and (m.expires_at is null or m.expires_at > e.occurred_at)
      ) and not bool_or(e.type in ('sent', 'delivered', 'opened', 'read', 'clicked')) as given_back,
      min(e.occurred_at) filter (where e.type = 'complained') as complained_at,
      min(e.occurred_at) filter (where e.type = 'opened' and e.machine) as machine_opened_at,
      min(e.occurred_at) filter (where e.type = 'clicked' and e.machine) as machine_clicked_at,
      -- Our own telling proves nothing that the outcome of its attempt does not say better.
      bool_or(e.type not in ('unknown', 'received') and e.source <> 'send' and not e.taken_back) as heard,
      (array_agg(e.provider_message_id order by e.occurred_at, e.event_id)
        filter (where e.provider_message_id is not null and e.provider = m.provider))[1] as provider_message_id,
      (array_agg(array[e.code, e.reason, e.bounce_class] order by w.rank desc, e.occurred_at, e.event_id)
        filter (where w.rank is not null and not e.refuted and not e.taken_back))[1:1] as wrong
    from told e
    join messages m on m.id = e.message_id
    left join (values ('deferred', 1), ('failed', 2), ('rejected', 2), ('bounced', 3)) as w (type, rank)
      on w.type = e.type
    where (m.channel <> 'email' or e.recipient is null or lower(e.recipient) = lower(m.recipient))
    group by e.message_id
  ), stamped as (
    update messages m
    set
      queued_at = least(m.queued_at, f.queued_at),
      sent_at = least(m.sent_at, f.sent_at),
      deferred_at = case when f.taken_back then f.deferred_at else least(m.deferred_at, f.deferred_at) end,
      delivered_at = least(m.delivered_at, f.delivered_at),
      opened_at = least(m.opened_at, f.opened_at),
      read_at = least(m.read_at, f.read_at),
      clicked_at = least(m.clicked_at, f.clicked_at),
      bounced_at = least(m.bounced_at, f.bounced_at),
      rejected_at = case when f.refuted then f.rejected_at else least(m.rejected_at, f.rejected_at) end,
      failed_at = case
        when f.refuted or f.taken_back then f.failed_at
        else least(m.failed_at, f.failed_at)
      end,
      complained_at = least(m.complained_at, f.complained_at),
      machine_opened_at = least(m.machine_opened_at, f.machine_opened_at),
      machine_clicked_at = least(m.machine_clicked_at, f.machine_clicked_at),
      provider_message_id = coalesce(
        (
          select a.provider_message_id
          from message_attempts a
          where a.message_id = m.id and a.provider_message_id is not null and a.provider = m.provider
          order by a.number desc
          limit 1
        ),
        f.provider_message_id,
        m.provider_message_id
      ),
      error_code = case
        when f.wrong is not null then f.wrong[1][1]
        when f.refuted or f.heard and m.phase = 'unknown' then null
        else m.error_code
      end,
      error_message = case
        when f.wrong is not null then f.wrong[1][2]
        when f.refuted or f.heard and m.phase = 'unknown' then null
        else m.error_message
      end,
      bounce_class = case when f.wrong is null then m.bounce_class else f.wrong[1][3] end,
      phase = case
        when f.given_back and m.phase in ('queued', 'sending', 'unknown') then 'dead'
        when f.heard and f.given_back is not true and m.phase in ('unknown', 'sending', 'dead') then 'queued'
        else m.phase
      end,
      next_attempt_at = case when f.heard then null else m.next_attempt_at end,
      check_at = case
        when coalesce(f.delivered_at, f.opened_at, f.read_at, f.clicked_at, f.bounced_at, f.rejected_at, f.failed_at)
          is null then m.check_at
      end,
      updated_at = now()
    from facts f, messages before
    where m.id = f.message_id and before.id = f.message_id
    returning
      m.id,
      before.phase = 'unknown' and m.phase <> 'unknown' as settled,
      array_remove(array[
        case when before.sent_at is null and m.sent_at is not null then 'sent' end,
        case when before.deferred_at is null and m.deferred_at is not null then 'deferred' end,
        case when before.delivered_at is null and m.delivered_at is not null then 'delivered' end,
        case when before.opened_at is null and m.opened_at is not null then 'opened' end,
        case when before.read_at is null and m.read_at is not null then 'read' end,
        case when before.clicked_at is null and m.clicked_at is not null then 'clicked' end,
        case when before.bounced_at is null and m.bounced_at is not null then 'bounced' end,
        case when before.rejected_at is null and m.rejected_at is not null then 'rejected' end,
        case when before.failed_at is null and m.failed_at is not null then 'failed' end,
        case when before.complained_at is null and m.complained_at is not null then 'complained' end
      ], null) as facts
  )
  select jsonb_agg(jsonb_build_object('message_id', s.id, 'facts', to_jsonb(s.facts), 'settled', s.settled))
  into firsts
  from stamped s
  where cardinality(s.facts) > 0 or s.settled;
  return coalesce(firsts, '[]');
end
$$;

-- Called by record_events. Promises that whoever withdrew consent, or proved to have a dead address, is not written to any
-- more, until that person says otherwise: decided by when it was said, not by when we heard of it.
create function keep_consents(events jsonb) returns void
language sql
set timezone to 'UTC'
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
create function keep_provider_states(events jsonb) returns jsonb
language sql
set timezone to 'UTC'
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

-- Called for a provider whose queue can be emptied. Promises that one process does so at a time, and only while the
-- provider takes nothing, no send of ours to it is under way (what it took after the look into its queue would be
-- emptied unseen), and something of ours lies there too long: its time has passed, or the provider has taken nothing
-- for `stale_seconds`.
-- Answers whether it is to be emptied now; the next time is `pause_seconds` later, unless it takes messages again
-- before.
create function claim_stale_queue(
  of_provider text,
  stale_seconds integer,
  pause_seconds integer,
  as_of timestamptz
) returns jsonb
language sql
set timezone to 'UTC'
set enable_seqscan to off
as $$
  with claimed as (
    update provider_states p
    set queue_due_at = moment + make_interval(secs => pause_seconds)
    from coalesce(as_of, now()) as moment
    where p.provider = of_provider
      and not p.open
      and (p.queue_due_at is null or p.queue_due_at <= moment)
      and not exists (select from message_attempts a where a.ended_at is null and a.provider = of_provider)
      and exists (
        select from messages m
        -- What a provider has accepted and told nothing of is asked about.
        where m.check_at is not null
          and m.provider = of_provider
          and m.status = 'queued'
          and m.provider_message_id is not null
          and (m.expires_at <= moment or p.closed_at <= moment - make_interval(secs => stale_seconds))
      )
    returning p.provider
  )
  select to_jsonb(exists (select from claimed))
$$;

-- The record that a message concerns: an email has one of its own in the CRM, everything else goes by its person.
create function lane_of(m messages) returns text
language sql immutable
as $$
  select case
    when m.direction = 'inbound' then 'person:' || m.sender
    when m.channel = 'email' then 'email:' || m.id
    else 'person:' || m.recipient
  end
$$;

-- Called wherever work follows, once a transaction where it can be. Promises that the jobs of a lane
-- (`jobs`: [{kind, lane, message_id, payload, request_id}]) are numbered in the order in which they were committed: whoever
-- adds to a lane holds it until then.
create function enqueue_jobs(jobs jsonb) returns void
language plpgsql
set timezone to 'UTC'
as $$
begin
  if jobs = '[]' then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('lane ' || l.lane, 0))
  from (select distinct j.lane from jsonb_to_recordset(jobs) as j (lane text) order by j.lane) l;
  insert into jobs (kind, lane, message_id, payload, due_at, request_id, created_at)
  select j.value ->> 'kind', j.value ->> 'lane', (j.value ->> 'message_id')::uuid, j.value -> 'payload', now(),
    j.value ->> 'request_id', now()
  from jsonb_array_elements(jobs) with ordinality as j (value, number)
  order by j.number;
end
$$;

-- Called by record_events and adopt_events. The work that follows beside the facts: a message that was accepted is shown in
-- the CRM, a person's mark is set there (`marking`: [{message_id, consent, bounce_class}]), and what people wrote
-- (`written`) is read. Answers it as enqueue_jobs takes it.
create function following_jobs(outcomes jsonb, written uuid[], marking jsonb) returns jsonb
language sql
set timezone to 'UTC'
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'kind', job.kind, 'lane', job.lane, 'message_id', job.message_id, 'payload', job.payload, 'request_id', job.request_id
  ) order by job.message_id), '[]')
  from (
    select 'trace' as kind, lane_of(m) as lane, m.id as message_id, '{}'::jsonb as payload, m.request_id
    from messages m
    where m.traced and m.id = any (array(
      select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid, outcome text)
      where o.outcome = 'accepted'
    ))
    union all
    select 'inbound', lane_of(m), m.id, '{}', m.request_id
    from messages m
    where m.id = any (written)
    union all
    select 'mark', 'person:' || m.recipient, m.id, to_jsonb(marked) - 'message_id', m.request_id
    from jsonb_to_recordset(coalesce(marking, '[]')) as marked (message_id uuid, consent text, bounce_class text)
    join messages m on m.id = marked.message_id and m.traced
  ) job
$$;

-- Called by the worker. Promises that of each lane only the oldest job is taken, by one process, when it is due; the lease
-- of one that ended without a word expires. Answers [{…job, message: {…, payload}}].
create function claim_jobs(owner text, lease_seconds integer, at_most integer, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  claimed jsonb;
begin
  with heads as (
    select j.id
    from jobs j
    where j.dead_at is null
      and j.due_at <= moment
      and (j.lease_until is null or j.lease_until < now())
      and not exists (select from jobs e where e.lane = j.lane and e.dead_at is null and e.id < j.id)
    order by j.due_at, j.id
    limit at_most
    for update skip locked
  ), taken as (
    update jobs j
    set
      owner = claim_jobs.owner,
      lease_until = now() + make_interval(secs => lease_seconds),
      tries = j.tries + 1
    from heads
    where j.id = heads.id
    returning j.*
  )
  select jsonb_agg(
    to_jsonb(t) || jsonb_build_object('message', message_json(m) || jsonb_build_object('payload', p.payload))
    order by t.id
  )
  into claimed
  from taken t
  join messages m on m.id = t.message_id
  left join message_payloads p on p.message_id = t.message_id;
  return coalesce(claimed, '[]');
end
$$;

-- Called by the worker. Promises that a job which it still holds is over: done where `error` is null, due again at
-- `retry_at`, or given up where that is null. `error`: {code, message}. `again`: this try counts for nothing.
create function end_job(job bigint, by_owner text, error jsonb, retry_at timestamptz, again boolean) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  ended integer;
begin
  if error is null or jsonb_typeof(error) = 'null' then
    delete from jobs j where j.id = job and j.owner = by_owner;
  else
    update jobs j
    set
      owner = null,
      lease_until = null,
      tries = case when again then j.tries - 1 else j.tries end,
      due_at = coalesce(retry_at, j.due_at),
      dead_at = case when retry_at is null then now() end,
      error_code = error ->> 'code',
      error_message = error ->> 'message'
    where j.id = job and j.owner = by_owner;
  end if;
  get diagnostics ended = row_count;
  return to_jsonb(ended);
end
$$;

-- Called by GET /api/dead-letters. Promises the newest first of the jobs that we gave up.
create function list_dead_jobs(tenant text, before_id bigint, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set enable_seqscan to off
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(to_jsonb(j) order by j.id desc) into page
  from (
    select d.id, d.kind, d.lane, d.message_id, d.tries, d.dead_at, d.error_code, d.error_message, d.created_at
    from jobs d
    join messages m on m.id = d.message_id
    where d.dead_at is not null
      and (tenant is null or m.tenant_id = tenant)
      and (before_id is null or d.id < before_id)
    order by d.id desc
    limit at_most
  ) j;
  return coalesce(page, '[]');
end
$$;

-- Called by POST /api/dead-letters/:id/replay. Promises that a job which we gave up is due again, at the end of its lane,
-- with what its message says now. Answers {outcome: replayed | not_dead | missing}.
create function replay_dead_job(job bigint, tenant text) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  found_job jobs;
begin
  select j.* into found_job
  from jobs j
  join messages m on m.id = j.message_id
  where j.id = job and (tenant is null or m.tenant_id = tenant)
  for update of j;
  if found_job.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_job.dead_at is null then
    return jsonb_build_object('outcome', 'not_dead');
  end if;
  delete from jobs j where j.id = job;
  perform enqueue_jobs(jsonb_build_array(jsonb_build_object(
    'kind', found_job.kind, 'lane', found_job.lane, 'message_id', found_job.message_id,
    'request_id', found_job.request_id,
    'payload', found_job.payload || jsonb_build_object('status', m.status)
  )))
  from messages m
  where m.id = found_job.message_id;
  return jsonb_build_object('outcome', 'replayed');
end
$$;

-- Called when it is known who wrote. Promises that a person's message is listed with its lead, unless it has one.
create function set_lead(wanted uuid, lead text) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
begin
  update messages m set lead_id = lead, updated_at = now() where m.id = wanted and m.lead_id is null;
  update message_events e set lead_id = lead where e.message_id = wanted and e.lead_id is null;
  return 'null';
end
$$;

-- Called for what a person wrote. Promises the message about an appointment (its parent is a Meeting, or its template's
-- type is `appointment`) that went to that person in the three days before and that may be meant: the one replied to,
-- else, where that is no other message of ours, the latest; when the person said it, and whether it withdrew or gave
-- consent. Answers {occurred_at, consent, appointment: {…message, buttons}}.
create function meant_appointment(wanted uuid) returns jsonb
language sql stable
set timezone to 'UTC'
set enable_seqscan to off
as $$
  select jsonb_build_object(
    'occurred_at', (
      select min(e.occurred_at) from message_events e where e.message_id = said.id and e.type = 'received'
    ),
    'consent', (
      select e.consent from message_events e where e.message_id = said.id and e.consent is not null limit 1
    ),
    'appointment', (
      select message_json(m) || jsonb_build_object('buttons', p.payload -> 'buttons')
      from messages m
      left join message_payloads p on p.message_id = m.id
      where m.recipient = said.sender
        and m.direction = 'outbound'
        and m.attempts > 0
        and m.phase not in ('dead', 'cancelled')
        and m.status not in ('failed', 'rejected', 'bounced')
        and (m.parent_type = 'Meeting' or m.template_type = 'appointment')
        -- When it went out: it may have been asked for long before.
        and m.queued_at between said.created_at - interval '72 hours' and said.created_at
        and (m.provider_message_id = said.replied_to or not exists (
          select from messages other
          where other.provider_message_id = said.replied_to
            and other.provider = said.provider
            and other.direction = 'outbound'
        ))
      order by (m.provider_message_id = said.replied_to) is true desc, m.queued_at desc
      limit 1
    )
  )
  from messages said
  where said.id = wanted and said.direction = 'inbound'
$$;

-- Called where a reservation's answer was lost, so that its send never began. Promises that nothing of it is left, so
-- that nobody takes it for a send of unknown outcome; a step of an escalation waits again. Left alone is what somebody
-- was told of since (a repeat of its key) and what a worker has taken. Answers how many there were: 0 may mean not yet.
create function abandon_reservation(wanted uuid, tenant text, idempotency_key text) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  abandoned messages;
begin
  -- The key before its message, as reserve_message takes them.
  perform from idempotency_keys k where k.tenant_id = tenant and k.key = idempotency_key for update;
  delete from messages m
  where m.id = wanted
    and (
      m.phase = 'scheduled' and m.updated_at = m.created_at
      or m.phase = 'sending' and exists (
        select from message_attempts a
        where a.message_id = m.id and a.number = m.attempts and a.begun_at = m.created_at and a.ended_at is null
      )
    )
  returning * into abandoned;
  if abandoned.id is null then
    return to_jsonb(0);
  end if;
  delete from idempotency_keys k
  where k.tenant_id = tenant and k.key = idempotency_key and k.message_id = wanted;
  delete from escalations e where e.id = wanted;
  perform from escalations e where e.id = abandoned.escalation_id for update;
  update escalation_steps s
  set state = 'waiting', message_id = null
  where s.escalation_id = abandoned.escalation_id and s.message_id = wanted and s.state = 'sent';
  perform refresh_escalations(array_remove(array[abandoned.escalation_id], null));
  return to_jsonb(1);
end
$$;

-- Called where a person settles a send of unknown outcome. Promises that it is still unknown in the moment in which
-- `told` (its events) and `outcome` are recorded. Answers {outcome: settled | known | missing, message}.
create function settle_unknown(wanted uuid, tenant text, told jsonb, outcome jsonb) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  found_message messages;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for no key update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_message.status <> 'unknown' then
    return jsonb_build_object('outcome', 'known', 'message', message_json(found_message));
  end if;
  perform record_events(
    told,
    jsonb_build_array(outcome || jsonb_build_object('message_id', wanted, 'attempt', found_message.attempts)),
    '[]'
  );
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object('outcome', 'settled', 'message', message_json(found_message));
end
$$;

-- Called by the worker every few seconds. Promises that a receipt and its message which were written by two
-- transactions that could not see each other find together; looks at those received within the last `within_seconds`.
-- Answers {matched, stamped}.
create function match_parked_events(within_seconds integer, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
set plan_cache_mode to force_generic_plan
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found jsonb;
  matched uuid[];
begin
  select jsonb_agg(parked) into found
  from (
    select e.id, m.id as message_id, m.guessed
    from message_events e
    cross join lateral match_event(
      e.provider, null, e.provider_message_id, e.recipient, e.guessable, e.occurred_at
    ) m
    where e.message_id is null
      and e.received_at > moment - make_interval(secs => within_seconds)
      and (e.provider_message_id is not null or e.guessable)
    order by e.id
    limit 1000
  ) parked;
  if found is null then
    return jsonb_build_object('matched', 0, 'stamped', '[]'::jsonb);
  end if;
  -- Messages before their events, as everywhere else: the outcome of a send adopts the same rows.
  perform from messages m
  where m.id in (select p.message_id from jsonb_to_recordset(found) as p (message_id uuid))
  order by m.id
  for no key update;

  matched := adopt_events(found);
  return jsonb_build_object(
    'matched', coalesce(cardinality(matched), 0),
    'stamped', case when matched is null then '[]'::jsonb else stamp_messages(matched) end
  );
end
$$;

-- Called by the worker. Promises that an attempt begun and not ended when its lease expired has an unknown outcome: the
-- provider may have the message, so it is never due again by itself, but at those of `repeaters` (providers that
-- recognise what they are given again); `finders` are those that can be asked whether they have it. Answers {expired:
-- [{id, provider}]}.
create function end_expired_attempts(repeaters jsonb, finders jsonb, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
set plan_cache_mode to force_generic_plan
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  expired uuid[];
begin
  select array_agg(a.message_id) into expired
  from (
    select message_id
    from message_attempts
    where ended_at is null and lease_until < moment
    order by lease_until
    limit 1000
  ) a;
  -- Messages before their attempts, as everywhere else: an outcome that comes at this moment takes the same rows.
  perform from messages m where m.id = any (expired) order by m.id for no key update;
  with ended as (
    update message_attempts a
    set
      ended_at = moment,
      outcome = 'unknown',
      error_code = 'attempt_not_ended',
      error_message = 'the process ended before the provider answered'
    where a.message_id = any (expired) and a.ended_at is null and a.lease_until < moment
    returning a.message_id
  )
  select array_agg(distinct message_id) into expired from ended;
  if expired is null then
    return jsonb_build_object('expired', '[]'::jsonb);
  end if;
  update messages m
  set
    phase = 'unknown',
    error_code = 'attempt_not_ended',
    error_message = 'the process ended before the provider answered',
    updated_at = moment
  where m.id = any (expired) and m.phase = 'sending';
  perform stamp_messages(expired);
  update messages m
  set
    next_attempt_at = case when repeaters ? m.provider then moment end,
    check_at = case when finders ? m.provider then moment end
  where m.id = any (expired) and m.status = 'unknown';
  return jsonb_build_object('expired', (
    select jsonb_agg(jsonb_build_object('id', m.id, 'provider', m.provider)) from messages m where m.id = any (expired)
  ));
end
$$;

-- Called by the worker. Promises that each due message is given to one process only, with its next attempt begun and
-- leased in the same transaction; one of unknown outcome only while its provider would still recognise it
-- (`repeat_seconds` after it was made); none of the providers that have no room (`busy`). One that may go by its fallback
-- does, where its provider is to be left alone (`avoided`) or takes nothing, and the fallback is there (`stand_ins`).
-- Answers [{…message, payload, circumstances, uncertain: whether its outcome was unknown, instead_of: the provider that the
-- fallback stands in for, or null}].
create function claim_due(
  owner text,
  lease_seconds integer,
  repeat_seconds integer,
  at_most integer,
  busy jsonb,
  as_of timestamptz,
  -- Unknown to older processes on the same database.
  avoided jsonb default '[]',
  stand_ins jsonb default '[]'
) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  -- Read once: a day's messages may wait for a provider that takes nothing.
  closed text[] := array(select p.provider from provider_states p where not p.open);
  claimed jsonb;
begin
  -- No provider would still recognise these: a person or a receipt settles them.
  update messages m
  set next_attempt_at = null
  where m.next_attempt_at <= moment
    and m.status = 'unknown'
    and coalesce(m.queued_at, m.created_at) <= moment - make_interval(secs => repeat_seconds);

  with due as (
    select m.id, m.status = 'unknown' as uncertain, carrier.provider as carrier,
      case when carrier.provider <> m.provider then m.provider end as instead_of
    from messages m
    cross join lateral (
      select case
        when m.fallback <> m.provider
          -- Who may have it keeps it.
          and m.status <> 'unknown'
          and stand_ins ? m.fallback
          and (avoided ? m.provider or m.provider = any (closed))
          and m.fallback <> all (closed)
          then m.fallback
        else m.provider
      end as provider
    ) carrier
    where m.next_attempt_at <= moment
      and (
        m.status in ('scheduled', 'queued')
        or m.status = 'unknown'
          and coalesce(m.queued_at, m.created_at) > moment - make_interval(secs => repeat_seconds)
      )
      and not busy ? carrier.provider
      -- What waits for a provider that takes nothing only ends when its time has passed.
      and (m.expires_at <= moment or carrier.provider <> all (closed))
    order by m.next_attempt_at
    limit at_most
    for update of m skip locked
  ), begun as (
    update messages m
    set
      phase = 'sending',
      attempts = m.attempts + 1,
      provider = due.carrier,
      sender = case when due.instead_of is null then m.sender end,
      warnings = case
        when due.instead_of is null then m.warnings
        else (m.warnings - ('failed_over_from_' || due.instead_of)) || to_jsonb('failed_over_from_' || due.instead_of)
      end,
      next_attempt_at = null,
      queued_at = coalesce(m.queued_at, moment),
      updated_at = moment
    from due
    where m.id = due.id
    returning m.*, due.uncertain, due.instead_of
  ), leased as (
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
    select b.id, b.attempts, b.provider, claim_due.owner, now() + make_interval(secs => lease_seconds), moment
    from begun b
  )
  select jsonb_agg(to_jsonb(b) || jsonb_build_object(
    'payload', p.payload,
    'circumstances', circumstances(b.channel, b.recipient, b.provider)
  ))
  into claimed
  from begun b
  left join message_payloads p on p.message_id = b.id;
  return coalesce(claimed, '[]');
end
$$;

-- Called by reconciliation. Promises that each message whose provider is to be asked is given to one process only, and is
-- asked again after a pause that doubles each time (from `first_pause_seconds` to twelve hours), for three days.
-- Answers [{…message, payload, attempted_at}].
create function claim_checks(at_most integer, first_pause_seconds integer, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  claimed jsonb;
begin
  with due as (
    select m.id
    from messages m
    where m.check_at <= moment
    order by m.check_at
    limit at_most
    for update skip locked
  ), asked as (
    update messages m
    set
      checks = m.checks + 1,
      check_at = case
        when coalesce(m.queued_at, m.created_at) > moment - interval '3 days'
          then moment + make_interval(secs => least(first_pause_seconds * 2 ^ least(m.checks, 10), 43200))
      end
    from due
    where m.id = due.id
    returning m.*
  )
  select jsonb_agg(to_jsonb(m) || jsonb_build_object(
    'payload', p.payload,
    'attempted_at', (select max(a.begun_at) from message_attempts a where a.message_id = m.id)
  ))
  into claimed
  from asked m
  left join message_payloads p on p.message_id = m.id;
  return coalesce(claimed, '[]');
end
$$;

-- Called by reconciliation. Promises when a person was last heard of through this provider; null: never.
create function last_inbound(told_by text) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select to_jsonb(max(m.created_at)) from messages m where m.provider = told_by and m.direction = 'inbound'
$$;

-- Called by GET /api/dead-letters. Promises the newest first of the messages that we gave up or that came back unsent,
-- after the cursor.
create function list_dead_letters(tenant text, before_time timestamptz, before_id uuid, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set enable_seqscan to off
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(message_json(m) order by m.created_at desc, m.id desc) into page
  from (
    select *
    from messages m
    where m.phase = 'dead'
      and (tenant is null or m.tenant_id = tenant)
      and (before_time is null or (m.created_at, m.id) < (before_time, before_id))
    order by m.created_at desc, m.id desc
    limit at_most
  ) m;
  return coalesce(page, '[]');
end
$$;

-- Called by POST /api/dead-letters/:id/replay. Promises that a message which we gave up, or which its provider took back,
-- is due again, with all its attempts before it and no expiry; why it was dead stays on its timeline, and no longer is its
-- status.
-- Answers {outcome: replayed | not_dead | missing, message}.
create function replay_dead_letter(wanted uuid, tenant text, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found_message messages;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for no key update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_message.phase <> 'dead' or found_message.status <> 'failed' then
    return jsonb_build_object('outcome', 'not_dead', 'message', message_json(found_message));
  end if;
  update message_events e
  set type = 'unknown', reason = 'replayed after: ' || e.reason
  where e.message_id = wanted and e.source = 'send' and e.type = 'failed';
  update messages m
  set
    phase = 'queued',
    next_attempt_at = moment,
    attempts_before = m.attempts,
    expires_at = null,
    failed_at = null,
    error_code = null,
    error_message = null,
    updated_at = moment
  where m.id = wanted;
  perform stamp_messages(array[wanted]);
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object('outcome', 'replayed', 'message', message_json(found_message));
end
$$;

-- Called by a cancel request. Promises that a message which waits (scheduled, or for a retry) is never attempted again.
-- Answers {outcome: cancelled | too_late | missing, message}.
create function cancel_message(wanted uuid, tenant text, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found_message messages;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_message.next_attempt_at is null or found_message.status not in ('scheduled', 'queued') then
    return jsonb_build_object('outcome', 'too_late', 'message', message_json(found_message));
  end if;
  update messages m
  set phase = 'cancelled', next_attempt_at = null, updated_at = moment
  where m.id = wanted
  returning * into found_message;
  perform refresh_escalations(array_remove(array[found_message.escalation_id], null));
  return jsonb_build_object('outcome', 'cancelled', 'message', message_json(found_message));
end
$$;

-- Called by GET /api/messages/:id. Promises a message with its events, oldest first (within one second, which is all that
-- some providers' clocks tell, in the order in which things can happen), and its attempts. Null: not there, or another
-- tenant's.
create function get_message(wanted uuid, tenant text, with_raw boolean) returns jsonb
language sql stable
set timezone to 'UTC'
set enable_seqscan to off
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
      select jsonb_agg(to_jsonb(a) - 'message_id' order by a.number)
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
create function list_messages(
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
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
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
create function list_events(
  tenant text,
  unmatched boolean,
  with_raw boolean,
  before_id bigint,
  at_most integer
) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
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
create function list_quarantined(before_id bigint, at_most integer) returns jsonb
language sql stable
set timezone to 'UTC'
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

-- Called by replay. Promises the items that webhooks told since then and that are still kept, by id, after the cursor:
-- what is needed to read them again. `told_by` null: every provider's.
create function list_kept_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
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
create function list_unread_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
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
create function mark_replayed(ids jsonb, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
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

-- Called by replay. Promises, in one transaction, that the webhooks' events named by (provider, event_id) say what
-- `events` (rows as record_events takes them, without raw) now reads in them, that those without a message, or with a
-- guessed one, find theirs, that what a person wrote has its inbound message as read now, and that all touched messages
-- are rebuilt. Ids, receipt, request and raw stay. `dry_run`: answers the same and writes nothing. `effects`: what a
-- person wrote and what became of a message is given to the CRM, where it reads differently now.
-- Answers {changed: [{provider, event_id, before, after}] (only the fields that differ), messages: how many are touched}.
create function rewrite_events(events jsonb, dry_run boolean, effects boolean default false) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
set plan_cache_mode to force_generic_plan
as $$
declare
  readings jsonb;
  touched uuid[];
  written uuid[];
begin
  if not dry_run then
    perform from message_events e
    where (e.provider, e.event_id) in (
      select t.provider, t.event_id from jsonb_to_recordset(events) as t (provider text, event_id text)
    )
    order by e.provider, e.event_id
    for no key update;
  end if;

  select jsonb_agg(r) into readings
  from (
    select e.id, e.provider, e.event_id, e.message_id as held_id, target.id as message_id, target.guessed,
      to_jsonb(told) as told, was.reading as before, becomes.reading as after
    from jsonb_to_recordset(events) as told (
      provider text, event_id text, type text, provider_type text, channel text, message_id uuid,
      provider_message_id text, recipient text, reason text, code text, bounce_class text, url text, machine boolean,
      guess boolean, occurred_at timestamptz, received_at timestamptz, request_id text, inbound jsonb
    )
    join message_events e on e.provider = told.provider and e.event_id = told.event_id and e.source = 'webhook'
    left join messages held on held.id = e.message_id
    -- Read as what a person wrote, and is not: the message that was made for it is no message.
    cross join lateral (
      select e.type = 'received' and held.direction = 'inbound' and told.inbound is null as misread
    ) as it
    left join lateral (
      select one.*
      from match_event(
        e.provider, told.message_id, told.provider_message_id, told.recipient,
        coalesce(told.guess, false) and e.message_id is null, told.occurred_at
      ) one
      where told.inbound is null and (e.message_id is null or e.guessed)
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
          when told.inbound is not null then told.message_id
          when it.misread then outbound.id
          else coalesce(found.id, e.message_id)
        end as id,
        coalesce(found.guessed, e.guessed) as guessed
    ) as target
    left join messages m on m.id = target.id
    left join lateral jsonb_to_record(told.inbound) as i (
      sender text, recipient text, text text, button_payload text, media jsonb, replied_to text
    ) on true
    cross join lateral (
      select jsonb_build_object(
        'type', e.type, 'provider_type', e.provider_type, 'channel', e.channel,
        'provider_message_id', e.provider_message_id, 'recipient', e.recipient, 'reason', e.reason, 'code', e.code,
        'bounce_class', e.bounce_class, 'url', e.url, 'machine', e.machine, 'guessable', e.guessable,
        'occurred_at', e.occurred_at, 'message_id', e.message_id
      ) || case when told.inbound is null then '{}' else jsonb_build_object(
        'sender', m.sender, 'inbound_recipient', m.recipient, 'text', m.text, 'button_payload', m.button_payload,
        'media', m.media, 'replied_to', m.replied_to
      ) end as reading
    ) as was
    cross join lateral (
      select jsonb_build_object(
        'type', told.type, 'provider_type', told.provider_type,
        'channel', case when told.inbound is null then coalesce(m.channel, told.channel) else told.channel end,
        'provider_message_id', told.provider_message_id, 'recipient', coalesce(told.recipient, i.recipient, m.recipient),
        'reason', told.reason, 'code', told.code, 'bounce_class', told.bounce_class, 'url', told.url,
        'machine', coalesce(told.machine, false),
        'guessable', coalesce(told.guess, false) and told.message_id is null,
        'occurred_at', told.occurred_at, 'message_id', target.id
      ) || case when told.inbound is null then '{}' else jsonb_build_object(
        'sender', coalesce(address_of(e.provider, i.sender), i.sender), 'inbound_recipient', i.recipient, 'text', i.text,
        'button_payload', i.button_payload, 'media', i.media, 'replied_to', i.replied_to
      ) end as reading
    ) as becomes
    where was.reading <> becomes.reading
    order by e.id
  ) r;
  select array_agg(distinct t.id) into touched
  from jsonb_to_recordset(readings) as p (held_id uuid, message_id uuid)
  cross join lateral (values (p.held_id), (p.message_id)) as t (id)
  where t.id is not null;

  if readings is not null and not dry_run then
    written := create_inbound_messages((select jsonb_agg(p -> 'told') from jsonb_array_elements(readings) p));
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
      occurred_at = a.occurred_at
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
    perform rebuild_messages(touched, written, effects);
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

-- Called by rewrite_events. Promises messages that say what their events and our own attempts say, and nothing else:
-- facts, errors and bounce class are taken back and stamped anew; an outcome that is settled by no event any more is
-- unknown again (never due by itself); an inbound message that no event tells of is gone; the steps of an escalation
-- that still wait are what is known now. Nothing follows from it but with `effects`: the CRM is told what it shows of a
-- message, where that is something else now, and of the messages of people that were not there before (`written`).
create function rebuild_messages(ids uuid[], written uuid[], effects boolean) returns void
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set enable_material to off
as $$
declare
  before jsonb;
begin
  perform from messages m where m.id = any (ids) order by m.id for no key update;
  before := (select jsonb_object_agg(m.id, shown_outcome(m)) from messages m where m.id = any (ids) and m.traced);
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
  ), effects);
  if effects then
    perform enqueue_jobs(coalesce(jsonb_agg(jsonb_build_object(
      'kind', 'tell', 'lane', lane_of(m), 'message_id', m.id, 'request_id', m.request_id,
      'payload', jsonb_build_object('fact', 'replayed', 'status', m.status)
    ) order by m.id), '[]') || following_jobs('[]', written, null))
    from messages m
    where m.id = any (ids) and m.traced and shown_outcome(m) is distinct from before -> m.id::text;
  end if;
end
$$;

-- What the CRM shows of what became of a message.
create function shown_outcome(m messages) returns jsonb
language sql immutable
as $$
  select jsonb_build_array(m.status, m.delivered_at, m.opened_at, m.read_at, m.error_message)
$$;

-- Called by GET /api/stats. Promises how many outbound messages created in [since, until) ever had each fact.
create function message_stats(tenant text, on_channel text, since timestamptz, until timestamptz) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
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

-- Called by POST /api/whatsapp/messages. Promises one template a tenant and name. `template` holds the columns' values.
-- Answers {outcome: created | name_taken, template}.
create function create_template(template jsonb, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := date_trunc('milliseconds', coalesce(as_of, now()));
  wanted whatsapp_templates := jsonb_populate_record(null::whatsapp_templates, template);
begin
  insert into whatsapp_templates (
    id, tenant_id, name, type, message_text, variables, buttons, content_sid, created_at, updated_at
  ) values (
    wanted.id, wanted.tenant_id, wanted.name, wanted.type, wanted.message_text, wanted.variables, wanted.buttons,
    wanted.content_sid, moment, moment
  )
  on conflict (tenant_id, name) do nothing
  returning * into wanted;
  if not found then
    return jsonb_build_object('outcome', 'name_taken');
  end if;
  return jsonb_build_object('outcome', 'created', 'template', to_jsonb(wanted));
end
$$;

-- Called by GET /api/whatsapp/messages. Promises the newest templates first, at most `at_most`, after the cursor
-- (created_at, id).
create function list_templates(
  tenant text,
  of_type text,
  before_time timestamptz,
  before_id uuid,
  at_most integer
) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select coalesce(jsonb_agg(to_jsonb(t) order by t.created_at desc, t.id desc), '[]')
  from (
    select *
    from whatsapp_templates t
    where (tenant is null or t.tenant_id = tenant)
      and (of_type is null or t.type = of_type)
      and (before_time is null or (t.created_at, t.id) < (before_time, before_id))
    order by t.created_at desc, t.id desc
    limit at_most
  ) t
$$;

-- Called by GET /api/whatsapp/messages/:id, before a change and before a send. Null: not there, or another tenant's.
create function get_template(wanted uuid, tenant text) returns jsonb
language sql stable
set timezone to 'UTC'
set enable_seqscan to off
as $$
  select to_jsonb(t)
  from whatsapp_templates t
  where t.id = wanted and (tenant is null or t.tenant_id = tenant)
$$;

-- Called by PATCH /api/whatsapp/messages/:id. Promises that `template`, all columns that may change, replaces the state of
-- `expected` and no later one. Answers {outcome: changed | stale | name_taken | missing, template}.
create function change_template(
  wanted uuid,
  tenant text,
  template jsonb,
  expected timestamptz,
  as_of timestamptz
) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := date_trunc('milliseconds', coalesce(as_of, now()));
  known whatsapp_templates;
  fresh whatsapp_templates := jsonb_populate_record(null::whatsapp_templates, template);
begin
  select * into known from whatsapp_templates t
  where t.id = wanted and (tenant is null or t.tenant_id = tenant)
  for update;
  if known.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if known.updated_at <> expected then
    return jsonb_build_object('outcome', 'stale', 'template', to_jsonb(known));
  end if;
  update whatsapp_templates t
  set
    name = fresh.name,
    type = fresh.type,
    message_text = fresh.message_text,
    variables = fresh.variables,
    buttons = fresh.buttons,
    content_sid = fresh.content_sid,
    updated_at = greatest(moment, known.updated_at + interval '1 millisecond')
  where t.id = wanted
  returning * into known;
  return jsonb_build_object('outcome', 'changed', 'template', to_jsonb(known));
exception
  when unique_violation then
    return jsonb_build_object('outcome', 'name_taken');
end
$$;

-- Called by DELETE /api/whatsapp/messages/:id. Answers how many there were: 0 or 1. What was sent from it stays.
create function delete_template(wanted uuid, tenant text) returns jsonb
language sql
set timezone to 'UTC'
set enable_seqscan to off
as $$
  with gone as (
    delete from whatsapp_templates t
    where t.id = wanted and (tenant is null or t.tenant_id = tenant)
    returning 1
  )
  select to_jsonb(count(*)) from gone
$$;

-- Every function made in this transaction is ours: marked, and executable by nobody but the service.
do $$
declare
  ours regprocedure;
  stranger text;
begin
  for ours in
    select p.oid
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.xmin = pg_current_xact_id()::xid
      -- A trigger's function belongs to its table's file.
      and p.prorettype <> 'trigger'::regtype
  loop
    execute format('comment on function %s is %L', ours, 'max-comms');
    if ours::text not like 'match_event(%' then
      execute format('alter function %s set search_path to public, pg_temp', ours);
    end if;
    execute format('revoke all on function %s from public', ours);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on function %s from %I', ours, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant execute on function %s to service_role', ours);
    end if;
  end loop;
end
$$;
