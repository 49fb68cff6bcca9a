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

-- Called by claim_due and longest_due. The providers that something waits for, each with its fallbacks ('': none), by one look-up
-- for each pair, however much waits.
create or replace function waiting_lines() returns table (provider text, fallback text)
-- Not sql, which is planned anew in each transaction.
language plpgsql stable
rows 10
as $$
begin
  return query
  with recursive line (provider, fallback) as (
    (
      select m.provider, coalesce(m.fallback, '')
      from messages m
      where m.next_attempt_at is not null
      order by m.provider, coalesce(m.fallback, '')
      limit 1
    )
    union all
    select next.provider, next.fallback
    from line l
    cross join lateral (
      select m.provider, coalesce(m.fallback, '') as fallback
      from messages m
      where m.next_attempt_at is not null and (m.provider, coalesce(m.fallback, '')) > (l.provider, l.fallback)
      order by m.provider, coalesce(m.fallback, '')
      limit 1
    ) next
  )
  select l.provider, l.fallback from line l;
end
$$;

-- Called by claim_due and longest_due, which look for each by itself: their index has them in this order. See 024_urgency_and_waits.sql.
create or replace function all_urgencies() returns smallint[]
language sql immutable
as $$
  select array[0, 1, 2]::smallint[]
$$;

-- Called by the worker. Promises that each due message is given to one process only, with its next attempt begun and
-- leased in the same transaction: at most `at_most` at each provider, the urgent ones first, at none of those that have no room (`busy`), one of
-- unknown outcome only while its provider would still recognise it (`repeat_seconds` after it was made). One that may go by
-- its fallback does, where its provider is to be left alone (`avoided`) or takes nothing, and the fallback is there
-- (`stand_ins`). What waits for a provider that is off here (`off`) goes to its fallback, or is given to the caller, who ends it.
-- However many wait for a provider that takes nothing, they are not looked at, but for those whose time has
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
  off jsonb,
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
  closed text[] := array(select p.provider from provider_states p where not p.open and not off ? p.provider);
  urgencies smallint[] := all_urgencies();
  claimed jsonb;
begin
  with waiting as (
    select * from waiting_lines()
  ), goes_on (provider, fallback, hands_over) as (
    select
      w.provider,
      w.fallback,
      w.fallback <> w.provider
        and w.fallback <> all (closed)
        and case
          when off ? w.provider then w.fallback <> '' and not off ? w.fallback
          else stand_ins ? w.fallback and (avoided ? w.provider or w.provider = any (closed))
        end
    from waiting w
  ), taken as (
    select found.row, case when g.hands_over then g.fallback end as carrier
    from goes_on g
    cross join unnest(urgencies) as u (urgency)
    cross join lateral (
      select m as row
      from messages m
      where m.provider = g.provider
        and coalesce(m.fallback, '') = g.fallback
        and m.urgency = u.urgency
        and m.next_attempt_at <= moment
        and (not g.hands_over or m.phase <> 'unknown')
      order by m.next_attempt_at
      limit at_most
      for update skip locked
    ) found
    where (g.hands_over or g.provider <> all (closed))
      and not busy ? case when g.hands_over then g.fallback else g.provider end
  ), uncertain as (
    -- A message that may be with its provider stays with it.
    select found.row
    from goes_on g
    cross join lateral (
      select m as row
      from messages m
      where m.provider = g.provider
        and coalesce(m.fallback, '') = g.fallback
        and m.next_attempt_at <= moment
        and m.phase = 'unknown'
      order by m.next_attempt_at
      limit at_most
      for update skip locked
    ) found
    where g.hands_over and g.provider <> all (closed) and not busy ? g.provider
  ), expired as (
    select found.row
    from goes_on g
    cross join lateral (
      select m as row
      from messages m
      where m.provider = g.provider
        and coalesce(m.fallback, '') = g.fallback
        and m.expires_at <= moment
        and m.next_attempt_at <= moment
      order by m.expires_at
      limit at_most
      for update skip locked
    ) found
    where not busy ? g.provider
  ), each_once as (
    select distinct on ((c.row).id) c.row, c.carrier
    from (
      select t.row, t.carrier from taken t
      union all
      select u.row, null from uncertain u
      union all
      select e.row, null from expired e
    ) c
    where (c.row).status in ('scheduled', 'queued', 'unknown')
    order by (c.row).id, c.carrier
  ), due as (
    select
      (o.row).id,
      o.carrier,
      case when o.carrier is not null then (o.row).provider end as instead_of,
      (o.row).status = 'unknown' as uncertain,
      (o.row).status = 'unknown'
        and coalesce((o.row).queued_at, (o.row).created_at) <= moment - make_interval(secs => repeat_seconds) as too_late,
      jsonb_build_object(
        'phase', (o.row).phase, 'provider', (o.row).provider, 'sender', (o.row).sender, 'warnings', (o.row).warnings,
        'queued_at', (o.row).queued_at
      ) as before,
      row_number() over (
        partition by coalesce(o.carrier, (o.row).provider)
        order by (o.row).urgency, (o.row).next_attempt_at, (o.row).id
      ) as place
    from each_once o
  ), left_alone as (
    -- No provider would still recognise these: a person or a receipt settles them.
    update messages m set next_attempt_at = null from due where m.id = due.id and due.too_late
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
    where m.id = due.id and not due.too_late and due.place <= at_most
    returning m.*, due.uncertain, due.instead_of, due.before
  ), leased as (
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at, before)
    select b.id, b.attempts, b.provider, claim_due.owner, now() + make_interval(secs => lease_seconds), moment, b.before
    from begun b
  )
  select jsonb_agg(jsonb_build_object(
    'id', b.id, 'provider', b.provider, 'fallback', b.fallback, 'instead_of', b.instead_of, 'attempts', b.attempts,
    'attempts_before', b.attempts_before, 'uncertain', b.uncertain, 'queued_for_seconds', extract(epoch from moment - b.queued_at),
    'expires_in_seconds', extract(epoch from b.expires_at - moment), 'expires_by_default', b.expires_by_default,
    'request_id', b.request_id, 'begun_at', moment,
    'circumstances', h.told
  ))
  into claimed
  from begun b
  cross join lateral hindrances(
    b.channel, b.recipient, array(select c.address from message_copies c where c.message_id = b.id), b.provider
  ) h;
  perform end_unheard(heard_seconds);
  return coalesce(claimed, '[]');
end
$$;

-- Called by the worker where the answer of a claim may have been lost. The attempts of claims of this process that have not ended:
-- [{message_id, number, begun_at}].
create or replace function open_claims(owner text) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(jsonb_build_object('message_id', a.message_id, 'number', a.number, 'begun_at', a.begun_at)), '[]')
  from message_attempts a
  where a.ended_at is null and a.owner = open_claims.owner and a.before is not null
$$;

-- Called by the worker with those of its open claims that it never heard of (`unheard`: as open_claims answers them). Promises
-- that they are none, and that their messages are due again as they were. One that was begun anew under the same number
-- since is another one. Answers [{id, provider}].
create or replace function give_back(unheard jsonb) returns jsonb
language plpgsql
as $$
declare
  given_back jsonb;
  grouped uuid[];
begin
  perform from messages m
  where m.id = any (array(select u.message_id from jsonb_to_recordset(unheard) as u (message_id uuid)))
  order by m.id
  for no key update;
  with undone as (
    delete from message_attempts a
    using jsonb_to_recordset(unheard) as u (message_id uuid, number integer, begun_at timestamptz)
    -- As an array, so that they are not looked for among all that are open.
    where a.message_id = any (array(select w.message_id from jsonb_to_recordset(unheard) as w (message_id uuid)))
      and a.message_id = u.message_id and a.number = u.number and a.begun_at = u.begun_at
      and a.ended_at is null
      and a.before is not null
    returning a.message_id, a.number, a.before
  ), due as (
    update messages m
    set
      attempts = m.attempts - 1,
      phase = before.phase,
      provider = before.provider,
      sender = before.sender,
      warnings = before.warnings,
      queued_at = before.queued_at,
      next_attempt_at = now(),
      updated_at = now()
    from undone u
    cross join lateral jsonb_populate_record(null::messages, u.before) as before
    where m.id = u.message_id and m.attempts = u.number and m.phase = 'sending'
    returning m.id, m.provider, m.escalation_id
  )
  select jsonb_agg(jsonb_build_object('id', d.id, 'provider', d.provider)), array_remove(array_agg(d.escalation_id), null)
  into given_back, grouped
  from due d;
  -- Its group may have been stopped meanwhile.
  perform refresh_escalations(grouped);
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

-- Called by the ready check. Promises for how many seconds the message is due that has waited longest for us: none of those
-- that wait for a provider that takes nothing, or that is left out (`left_out`). Null: none is due.
create or replace function longest_due(left_out jsonb, as_of timestamptz) returns jsonb
language plpgsql stable
set enable_sort to off
set enable_bitmapscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  closed text[] := array(select p.provider from provider_states p where not p.open);
begin
  return (
    select to_jsonb(extract(epoch from moment - min(first.next_attempt_at)))
    from waiting_lines() w
    cross join unnest(all_urgencies()) as u (urgency)
    cross join lateral (
      select m.next_attempt_at
      from messages m
      where m.provider = w.provider
        and coalesce(m.fallback, '') = w.fallback
        and m.urgency = u.urgency
        and m.next_attempt_at <= moment
      order by m.next_attempt_at
      limit 1
    ) first
    where w.provider <> all (closed) and not left_out ? w.provider
  );
end
$$;
