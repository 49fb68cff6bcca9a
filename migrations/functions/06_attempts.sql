-- Who tries to send what, and how that ended. Called by src/sending/. Promises that an attempt is begun and leased before its
-- provider is called, that it ends once, and that nothing of unknown outcome is due again by itself.

-- The warning that another provider carries a message than this one; src/model/warnings.ts has the same word.
create or replace function failed_over_from(provider text) returns text
language sql immutable
as $$
  select 'failed_over_from_' || provider
$$;

-- Called by record_events and fail_over, which hold the messages. Promises that each attempt ends once, and only its
-- owner's where the outcome names one. A late outcome still settles an unknown one. What a person says of an unknown one
-- (`settled_as`) stands beside it: it stays unknown, and of what comes late only that it was accepted outranks that.
-- Receipts which came before our own row had its provider's id are adopted. Those copies of a mail who have it (`reached`), though
-- its recipient does not, are not sent it again. What is told of a provider that a message goes
-- back to takes the other's warning away.
create or replace function end_attempts(outcomes jsonb, follows jsonb) returns void
language plpgsql
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
      next_attempt_seconds double precision, check_seconds double precision,
      owner text, settled_as text
    )
    -- Told twice, as by a lease that expired and the provider after all: what is known outranks what is not.
    order by o.message_id, o.attempt,
      array_position(array['accepted', 'refused', 'exhausted', 'retryable', 'unknown'], o.outcome)
  ), settled as (
    update message_attempts a
    set settled_as = o.settled_as
    from told o
    where a.message_id = any (ids)
      and a.message_id = o.message_id and a.number = o.attempt
      and a.outcome = 'unknown'
      and o.settled_as is not null
    returning a.message_id, a.number
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
      and o.settled_as is null
      and (a.settled_as is null or o.outcome = 'accepted')
    returning a.message_id, a.number
  )
  update messages m
  set
    phase = case o.outcome when 'unknown' then 'unknown' when 'exhausted' then 'dead' else 'queued' end,
    provider = o.provider,
    provider_message_id = coalesce(o.provider_message_id, m.provider_message_id),
    sender = coalesce(o.sender, case when m.provider = o.provider then m.sender end),
    -- An unknown outcome may be told again: a warning is still one.
    warnings = (m.warnings - failed_over_from(o.provider)) || coalesce(
      (select jsonb_agg(w) from jsonb_array_elements(o.warnings) w where not m.warnings @> w),
      '[]'
    ),
    -- From now on, whatever time it is where the attempt was made. An outcome that waited on a disk may have a time instead.
    next_attempt_at = coalesce(now() + make_interval(secs => o.next_attempt_seconds), o.next_attempt_at),
    check_at = coalesce(now() + make_interval(secs => o.check_seconds), o.check_at),
    error_code = o.error_code,
    error_message = o.error_message,
    updated_at = now()
  from told o
  join (select * from ended union all select * from settled) ended
    on ended.message_id = o.message_id and ended.number = o.attempt
  -- The late outcome of an earlier attempt says nothing about the one that runs now; where a person settles one, none runs.
  where m.id = o.message_id and (m.attempts = o.attempt or o.settled_as is not null);

  -- Only of an attempt that its recipient was refused in and somebody else was not.
  if jsonb_path_exists(outcomes, '$[*].reached') then
    update message_payloads p
    set payload = p.payload || jsonb_build_object('reached', coalesce(p.payload -> 'reached', '[]') || o.reached)
    from jsonb_to_recordset(outcomes) as o (message_id uuid, reached jsonb)
    where p.message_id = any (ids) and p.message_id = o.message_id and jsonb_typeof(o.reached) = 'array';
  end if;

  perform adopt_events(jsonb_agg(jsonb_build_object('id', parked.id, 'message_id', m.id, 'guessed', false)), follows)
  from messages m
  -- Looked up for each of these messages (offset), by the provider's id and not among all that is parked (num_nulls, which
  -- the planner does not see through): those may be many.
  cross join lateral (
    select p.id
    from message_events p
    where p.provider_message_id = m.provider_message_id and p.provider = m.provider and num_nulls(p.message_id) = 1
    offset 0
  ) parked
  where m.id = any (ids);
end
$$;

-- Called where an attempt proved that its provider does not have the message. Promises that this attempt has ended
-- (`proof`: its outcome, as record_events takes it) and the next one is begun and leased at the message's fallback, in
-- one transaction, before the first byte goes there. Changes nothing where the attempt is not under way any more (its
-- lease is over, a receipt came) or the fallback takes nothing. `heard_seconds`: see end_unheard. Answers what
-- hindrances tells of the new attempt;
-- null: none was begun.
create or replace function fail_over(
  proof jsonb,
  owner text,
  lease_seconds integer,
  heard_seconds integer,
  follows jsonb
) returns jsonb
language plpgsql
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
  perform end_attempts(jsonb_build_array(proof), follows);
  warning := failed_over_from(given.provider);
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
  perform end_unheard(heard_seconds);
  return (
    select h.told
    from hindrances(
      given.channel, given.recipient, array(select c.address from message_copies c where c.message_id = given.id),
      given.fallback
    ) h
  );
end
$$;

-- Called by stamp_messages. Promises that a message which its provider took back unsent (`cleared`) does not fail, but
-- is due at its fallback, once: from then on that is its provider. Answers [{message_id, from, to}], or null.
create or replace function hand_on(ids uuid[]) returns jsonb
language plpgsql
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
      warnings = (m.warnings - failed_over_from(m.provider)) || to_jsonb(failed_over_from(m.provider)),
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
        where e.message_id = any (ids) and e.message_id = m.id and e.type = 'failed' and e.code = 'cleared'
          and e.provider = m.provider
      )
      and not exists (
        select from message_events e
        where e.message_id = any (ids) and e.message_id = m.id
          and e.type in ('sent', 'delivered', 'opened', 'read', 'clicked')
      )
    returning m.id, before.provider as came_from, m.provider as goes_to
  )
  select jsonb_agg(jsonb_build_object('message_id', d.id, 'from', d.came_from, 'to', d.goes_to)) into handed
  from due d;
  return handed;
end
$$;

-- Called by the worker. Promises that an attempt begun and not ended when its lease expired has an unknown outcome. The
-- provider may have the message, so it is never due again by itself, except at `repeaters`: providers that recognise what
-- they are given again. `finders` are those that can be asked whether they have it. Ends `at_most`, those of the oldest
-- leases first. Answers {expired: [{id, provider}]}.
create or replace function end_expired_attempts(
  repeaters jsonb,
  finders jsonb,
  at_most integer,
  as_of timestamptz,
  follows jsonb
) returns jsonb
language plpgsql
-- Planned once: all its look-ups are by keys, and none is cheaper for one value than for another.
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
    limit at_most
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
  perform stamp_messages(expired, '[]', follows);
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
