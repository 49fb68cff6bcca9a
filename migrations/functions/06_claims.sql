-- What is due, and to whom it is given. Called by src/sending/worker.ts. Promises that each attempt is begun by one process, that
-- nothing is begun for a caller who has stopped listening, and that what was begun and not ended is settled.

-- Called at the end of whatever is begun for its caller. Promises that what the caller will not hear of is not committed:
-- one that waits `heard_seconds` for an answer has gone, and takes nothing for begun. A lock, a slow disk or a sleeping
-- machine may have held the statement up meanwhile; ending the connection does not end it.
create or replace function end_unheard(heard_seconds integer) returns void
language plpgsql
as $$
begin
  if clock_timestamp() - statement_timestamp() > make_interval(secs => heard_seconds) then
    raise exception 'its caller does not wait for it any more' using errcode = 'query_canceled';
  end if;
end
$$;

-- Called by the worker. Promises that each due message is given to one process only, with its next attempt begun and
-- leased in the same transaction: at most `at_most` of each provider, none of those that have no room (`busy`), one of
-- unknown outcome only while its provider would still recognise it (`repeat_seconds` after it was made). One that may go by
-- its fallback does, where its provider is to be left alone (`avoided`) or takes nothing, and the fallback is there
-- (`stand_ins`). However many wait for a provider that takes nothing, they are not looked at, but for those whose time has
-- passed. `heard_seconds`: see end_unheard. Answers [{id, provider, fallback, attempts, …, circumstances, uncertain: whether
-- its outcome was unknown, instead_of: the provider that the fallback stands in for, or null}]; what is to be sent is read
-- one by one (message_payload), so that a large one holds up no other.
create or replace function claim_due(
  owner text,
  lease_seconds integer,
  repeat_seconds integer,
  at_most integer,
  busy jsonb,
  avoided jsonb,
  stand_ins jsonb,
  heard_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
-- Planned once: all its look-ups are by keys, and none is cheaper for one value than for another. In the order of their
-- index (enable_sort, enable_bitmapscan): a look that sorts what waits reads all of it.
set plan_cache_mode to force_generic_plan
set enable_sort to off
set enable_bitmapscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  closed text[] := array(select p.provider from provider_states p where not p.open);
  claimed jsonb;
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('claims ' || claim_due.owner, 0));
  with recursive waiting (provider, fallback) as (
    -- The providers of what waits and their fallbacks, one look-up each, however much waits.
    (
      select m.provider, coalesce(m.fallback, '')
      from messages m
      where m.next_attempt_at is not null
      order by m.provider, coalesce(m.fallback, '')
      limit 1
    )
    union all
    select next.provider, next.fallback
    from waiting w
    cross join lateral (
      select m.provider, coalesce(m.fallback, '') as fallback
      from messages m
      where m.next_attempt_at is not null and (m.provider, coalesce(m.fallback, '')) > (w.provider, w.fallback)
      order by m.provider, coalesce(m.fallback, '')
      limit 1
    ) next
  ), goes_on (provider, fallback, hands_over) as (
    select
      w.provider,
      w.fallback,
      w.fallback <> w.provider
        and stand_ins ? w.fallback
        and w.fallback <> all (closed)
        and (avoided ? w.provider or w.provider = any (closed))
    from waiting w
  ), ways (provider, fallback, carrier, uncertain) as (
    select g.provider, g.fallback, g.fallback, false from goes_on g where g.hands_over
    union all
    -- A message that may be with its provider stays with it.
    select g.provider, g.fallback, null, case when g.hands_over then true end
    from goes_on g
    where g.provider <> all (closed)
  ), takers as (
    select found.*, w.carrier
    from ways w
    cross join lateral (
      select m.id, m.provider, m.status, coalesce(m.queued_at, m.created_at) as since
      from messages m
      where m.provider = w.provider
        and coalesce(m.fallback, '') = w.fallback
        and m.next_attempt_at <= moment
        and (w.uncertain is null or (m.status = 'unknown') = w.uncertain)
      order by m.next_attempt_at
      limit at_most
      for update skip locked
    ) found
    where not busy ? coalesce(w.carrier, w.provider)
  ), of_nobody as (
    select m.id, m.provider, m.status, coalesce(m.queued_at, m.created_at) as since, null::text as carrier
    from messages m
    where m.expires_at <= moment and m.next_attempt_at <= moment and not busy ? m.provider
    order by m.expires_at
    limit at_most
    for update skip locked
  ), due as (
    select distinct on (c.id)
      c.id,
      c.carrier,
      case when c.carrier is not null then c.provider end as instead_of,
      c.status = 'unknown' as uncertain,
      c.status = 'unknown' and c.since <= moment - make_interval(secs => repeat_seconds) as too_late
    from (select * from takers union all select * from of_nobody) c
    where c.status in ('scheduled', 'queued', 'unknown')
    order by c.id, c.carrier
  ), left_alone as (
    -- No provider would still recognise these: a person or a receipt settles them.
    update messages m
    set next_attempt_at = null
    where m.id = any (array(select d.id from due d where d.too_late))
  ), begun as (
    update messages m
    set
      phase = 'sending',
      attempts = m.attempts + 1,
      provider = coalesce(due.carrier, m.provider),
      sender = case when due.carrier is null then m.sender end,
      warnings = case
        when due.carrier is null then m.warnings
        else (m.warnings - failed_over_from(m.provider)) || to_jsonb(failed_over_from(m.provider))
      end,
      next_attempt_at = null,
      queued_at = coalesce(m.queued_at, moment),
      updated_at = moment
    from due
    -- As an array, so that no plan reads a whole table to find them.
    where m.id = any (array(select d.id from due d where not d.too_late)) and m.id = due.id
    returning m.*, due.uncertain, due.instead_of
  ), leased as (
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
    select b.id, b.attempts, b.provider, claim_due.owner, now() + make_interval(secs => lease_seconds), moment
    from begun b
  )
  select jsonb_agg(jsonb_build_object(
    'id', b.id, 'provider', b.provider, 'fallback', b.fallback, 'instead_of', b.instead_of, 'attempts', b.attempts,
    'attempts_before', b.attempts_before, 'uncertain', b.uncertain, 'queued_at', b.queued_at,
    'expires_at', b.expires_at, 'request_id', b.request_id,
    'circumstances', h.told
  ))
  into claimed
  from begun b
  cross join lateral hindrances(b.channel, b.recipient, b.provider) h;
  perform end_unheard(heard_seconds);
  return coalesce(claimed, '[]');
end
$$;

-- Called by the worker where the answer of a claim was lost. Promises that no attempt of this process stays begun which it
-- does not run (`running`: the ids of the messages that it is sending): what was begun and never known is undone, and due
-- again. Not where such a claim may still be under way: then there is nothing to say yet, and the answer is null. What a send
-- has reserved is its own (undo_reservation). Answers [{id, provider}].
create or replace function give_back_unbegun(owner text, running jsonb) returns jsonb
language plpgsql
as $$
declare
  lost uuid[];
  given_back jsonb;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('claims ' || give_back_unbegun.owner, 0)) then
    return null;
  end if;
  select array_agg(h.id) into lost
  from (
    select m.id
    from messages m
    where m.id = any (array(
        select a.message_id
        from message_attempts a
        where a.ended_at is null and a.owner = give_back_unbegun.owner and not running ? a.message_id::text
      ))
      and m.phase = 'sending'
    order by m.id
    for no key update
  ) h;
  with undone as (
    delete from message_attempts a
    using messages m
    where m.id = any (lost)
      and a.message_id = m.id
      and a.number = m.attempts
      and a.owner = give_back_unbegun.owner
      and a.ended_at is null
      and a.begun_at <> m.created_at
    returning a.message_id, a.number
  ), due as (
    update messages m
    set
      attempts = m.attempts - 1,
      phase = case
        when exists (
          select from message_attempts a
          where a.message_id = m.id and a.number = m.attempts - 1 and a.outcome = 'unknown'
        ) then 'unknown'
        else 'queued'
      end,
      next_attempt_at = now(),
      updated_at = now()
    from undone u
    where m.id = u.message_id
    returning m.id, m.provider
  )
  select jsonb_agg(jsonb_build_object('id', d.id, 'provider', d.provider)) into given_back from due d;
  return coalesce(given_back, '[]');
end
$$;

-- Called by the worker, for each message that it has claimed, and for whatever else needs what was asked to be sent. Null:
-- it is gone.
create or replace function message_payload(wanted uuid) returns jsonb
language sql stable
as $$
  select p.payload from message_payloads p where p.message_id = wanted
$$;

-- Called by the ready check. Promises since when the message is due that has waited longest for us: none of those that wait
-- for a provider that takes nothing, or that is left out (`left_out`). Null: none is due.
create or replace function oldest_due(left_out jsonb, as_of timestamptz) returns jsonb
language plpgsql stable
set enable_sort to off
set enable_bitmapscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  closed text[] := array(select p.provider from provider_states p where not p.open);
begin
  return (
    with recursive waiting (provider, fallback) as (
      (
        select m.provider, coalesce(m.fallback, '')
        from messages m
        where m.next_attempt_at is not null
        order by m.provider, coalesce(m.fallback, '')
        limit 1
      )
      union all
      select next.provider, next.fallback
      from waiting w
      cross join lateral (
        select m.provider, coalesce(m.fallback, '') as fallback
        from messages m
        where m.next_attempt_at is not null and (m.provider, coalesce(m.fallback, '')) > (w.provider, w.fallback)
        order by m.provider, coalesce(m.fallback, '')
        limit 1
      ) next
    )
    select to_jsonb(min(first.next_attempt_at))
    from waiting w
    cross join lateral (
      select m.next_attempt_at
      from messages m
      where m.provider = w.provider
        and coalesce(m.fallback, '') = w.fallback
        and m.next_attempt_at <= moment
      order by m.next_attempt_at
      limit 1
    ) first
    where w.provider <> all (closed) and not left_out ? w.provider
  );
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
