-- A send before its first byte goes out. Called by src/sending/deliver.ts. Promises that a message and its first attempt are
-- committed together, one a tenant and key for as long as keys are kept, or that nothing is left of them.

-- Called by keep_reserved and reserve_bound. Whom a message goes to besides its recipient (`message`: as reserve_messages takes
-- it), each once.
create or replace function copies_of(message jsonb) returns text[]
language sql immutable
as $$
  select array(
    select distinct lower(c.address)
    from (
      select jsonb_array_elements_text(message #> '{payload,cc}')
      union all
      select jsonb_array_elements_text(message #> '{payload,bcc}')
    ) as c (address)
    where lower(c.address) <> message ->> 'recipient'
  )
$$;

-- Called by reserve_messages, for what nothing speaks against. Promises that each message is kept with what is to be sent and,
-- where it is not for later, its first attempt with owner and lease. `reservations`: as reserve_messages takes them. Answers
-- {id: {outcome: reserved | scheduled, circumstances: what hindrances tells, expires_in_seconds: null for never}}.
create or replace function keep_reserved(reservations jsonb) returns jsonb
language plpgsql
as $$
declare
  answers jsonb;
begin
  with wanted as materialized (
    select
      m.*, e.*, r.value -> 'message' as given, r.value ->> 'owner' as owner,
      (r.value ->> 'lease_seconds')::integer as lease_seconds, t.moment, coalesce(m.send_at > t.moment, false) as later,
      copies_of(r.value -> 'message') as copies
    from jsonb_array_elements(reservations) as r
    cross join lateral jsonb_populate_record(null::messages, r.value -> 'message') as m
    cross join lateral (select coalesce((r.value ->> 'as_of')::timestamptz, now()) as moment) as t
    -- Unless its caller said when, it expires so long after it is due.
    cross join lateral (
      select
        coalesce(m.expires_at, greatest(m.send_at, t.moment) + make_interval(
          secs => (r.value -> 'message' ->> 'waits_seconds')::double precision
        )) as ends_at,
        m.expires_at is null and r.value -> 'message' ->> 'waits_seconds' is not null as ends_by_default
    ) as e
  ), kept as (
    insert into messages (
      id, tenant_id, channel, direction, provider, recipient, sender, lead_id, parent_type, parent_id, subject, text,
      metadata, warnings, template_id, template_type, traced, escalation_id, request_id, attempts, phase, send_at, expires_at,
      expires_by_default, next_attempt_at, created_at, updated_at, queued_at, fallback, urgency, waits_seconds, tracking
    )
    select
      w.id, w.tenant_id, w.channel, 'outbound', w.provider, w.recipient, w.sender, w.lead_id, w.parent_type, w.parent_id,
      w.subject, w.text, w.metadata, coalesce(w.warnings, '[]'), w.template_id, w.template_type, coalesce(w.traced, false),
      coalesce((w.given -> 'escalation' ->> 'id')::uuid, case when w.given ? 'escalation' then w.id end), w.request_id,
      case when w.later then 0 else 1 end, case when w.later then 'scheduled' else 'sending' end, w.send_at, w.ends_at,
      w.ends_by_default, case when w.later then w.send_at end, w.moment, w.moment,
      case when not w.later then w.moment end, w.fallback,
      -- A release that does not say it.
      coalesce(w.urgency, 1), case when w.ends_by_default then w.waits_seconds end, w.tracking
    from wanted w
  ), payloads as (
    insert into message_payloads (message_id, payload) select w.id, w.given -> 'payload' from wanted w
  ), copied as (
    insert into message_copies (message_id, address, tenant_id, created_at)
    select w.id, c.address, w.tenant_id, w.moment
    from wanted w
    cross join unnest(w.copies) as c (address)
  ), begun as (
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
    select w.id, 1, w.provider, w.owner, now() + make_interval(secs => w.lease_seconds), w.moment
    from wanted w
    where not w.later
  )
  select jsonb_object_agg(w.id, jsonb_build_object(
    'outcome', case when w.later then 'scheduled' else 'reserved' end, 'circumstances', h.told,
    'expires_in_seconds', extract(epoch from w.ends_at - w.moment)
  ))
  into answers
  from wanted w
  cross join lateral hindrances(w.channel, w.recipient, w.copies, w.provider) h;
  return answers;
end
$$;

-- Called by reserve_messages, for those whose key is another message's (`fresh`: the ids of the others). Promises that
-- what was asked for with a key before gets that message, if it is the same request. Answers {id: {outcome: repeat | conflict,
-- message}}.
create or replace function repeats_of(reservations jsonb, fresh uuid[]) returns jsonb
language plpgsql
as $$
declare
  answers jsonb;
begin
  with repeated as (
    select
      r.value -> 'message' ->> 'id' as id, k.message_id, k.request_hash = r.value -> 'idempotency' ->> 'requestHash' as same
    from jsonb_array_elements(reservations) as r
    join idempotency_keys k
      on k.tenant_id = r.value -> 'message' ->> 'tenant_id' and k.key = r.value -> 'idempotency' ->> 'key'
    where (r.value -> 'message' ->> 'id')::uuid <> all (fresh)
  ), told as (
    -- Whoever repeats is told that it will be sent: then it is not a lost reservation any more (undo_reservation).
    update messages m
    set updated_at = now()
    where m.id = any (array(select r.message_id from repeated r where r.same)) and m.phase in ('scheduled', 'sending')
  )
  select jsonb_object_agg(r.id, case
    when not r.same then jsonb_build_object('outcome', 'conflict')
    else jsonb_build_object('outcome', 'repeat', 'message', (
      select message_json(m) from messages m where m.id = r.message_id
    ))
  end)
  into answers
  from repeated r;
  return coalesce(answers, '{}');
end
$$;

-- Called before the first byte of the sends goes out that were asked for while the last call ran. Promises, in one
-- transaction, one message a tenant and key within `key_seconds`, its first attempt committed, or the reason why not.
-- `reservations`: [{message: its columns' values, idempotency: {key, requestHash} or null, limits: {hour, recipientDay}, each
-- null for none, owner, lease_seconds, as_of}]; `heard_seconds`: see end_unheard. Answers, in their order, {outcome: reserved |
-- scheduled | repeat | conflict | limited | cancelled, circumstances of what is begun, message of a repeat, limited: what
-- limit_reached answers}. Tenants and keys are taken in their order, so that two processes which reserve for the same ones wait
-- for each other instead of deadlocking.
create or replace function reserve_messages(reservations jsonb, key_seconds integer, heard_seconds integer) returns jsonb
language plpgsql
as $$
declare
  bound jsonb[];
  fresh uuid[];
  plain jsonb;
  answers jsonb := '{}'::jsonb;
  one jsonb;
begin
  if jsonb_path_exists(reservations, '$[*].message ? (@.channel == "whatsapp" && !(@.recipient starts with "+"))') then
    reservations := addressed(reservations);
  end if;
  bound := array(
    select r
    from jsonb_array_elements(reservations) as r
    where r -> 'limits' ->> 'hour' is not null or r -> 'limits' ->> 'recipientDay' is not null or r -> 'message' ? 'escalation'
  );
  -- Held until they are there, or never will be (undo_reservation).
  perform pg_advisory_xact_lock(hashtextextended('reserving ' || (r -> 'message' ->> 'id'), 0))
  from jsonb_array_elements(reservations) as r;
  -- Those who count at the same moment would all still find room. Held before the keys, as by everybody.
  perform pg_advisory_xact_lock(hashtextextended('send limit ' || t.tenant, 0))
  from (
    select distinct b -> 'message' ->> 'tenant_id' as tenant
    from unnest(bound) as b
    where b -> 'limits' ->> 'hour' is not null or b -> 'limits' ->> 'recipientDay' is not null
    order by tenant
  ) t;

  with asked as (
    select
      (r.value -> 'message' ->> 'id')::uuid as id, r.value -> 'message' ->> 'tenant_id' as tenant_id,
      r.value -> 'idempotency' ->> 'key' as key, r.value -> 'idempotency' ->> 'requestHash' as request_hash,
      coalesce((r.value ->> 'as_of')::timestamptz, now()) as moment, r.number
    from jsonb_array_elements(reservations) with ordinality as r (value, number)
  ), claimed as (
    insert into idempotency_keys as k (tenant_id, key, request_hash, message_id, created_at)
    select distinct on (a.tenant_id, a.key) a.tenant_id, a.key, a.request_hash, a.id, a.moment
    from asked a
    where a.key is not null
    order by a.tenant_id, a.key, a.number
    on conflict (tenant_id, key) do update
      set request_hash = excluded.request_hash, message_id = excluded.message_id, created_at = excluded.created_at
      where k.created_at < excluded.created_at - make_interval(secs => key_seconds)
    returning k.message_id
  )
  select array_agg(f.id) into fresh
  from (
    select a.id from asked a where a.key is null
    union all
    select c.message_id from claimed c
  ) f;

  -- One after the other: each counts those before it.
  foreach one in array bound loop
    if (one -> 'message' ->> 'id')::uuid = any (fresh) then
      answers := answers || reserve_bound(one);
    end if;
  end loop;

  select jsonb_agg(r) into plain
  from jsonb_array_elements(reservations) as r
  where (r -> 'message' ->> 'id')::uuid = any (fresh) and (cardinality(bound) = 0 or r <> all (bound));
  if plain is not null then
    answers := answers || keep_reserved(plain);
  end if;
  -- Last: what they repeat may have been kept just now.
  if fresh is null or cardinality(fresh) < jsonb_array_length(reservations) then
    answers := answers || repeats_of(reservations, coalesce(fresh, '{}'));
  end if;
  perform end_unheard(heard_seconds);
  return (
    select jsonb_agg(coalesce(answers -> (r.value -> 'message' ->> 'id'), (
      -- The repeat of one that was refused in this moment is refused alike.
      select answers -> (f -> 'message' ->> 'id')
      from jsonb_array_elements(reservations) as f
      where f -> 'message' ->> 'tenant_id' = r.value -> 'message' ->> 'tenant_id'
        and f -> 'idempotency' ->> 'key' = r.value -> 'idempotency' ->> 'key'
        and answers ? (f -> 'message' ->> 'id')
      limit 1
    )) order by r.number)
    from jsonb_array_elements(reservations) with ordinality as r (value, number)
  );
end
$$;

-- Called by reserve_messages, for one that a limit or its escalation may keep from being sent: then nothing is left of it.
-- Answers {id: {outcome: reserved | scheduled | limited | cancelled, limited: what limit_reached answers, …}}.
create or replace function reserve_bound(reservation jsonb) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz := coalesce((reservation ->> 'as_of')::timestamptz, now());
  wanted messages := jsonb_populate_record(null::messages, reservation -> 'message');
  limited jsonb := limit_reached(wanted, copies_of(reservation -> 'message'), reservation -> 'limits', moment);
begin
  if limited is null and begin_escalation(wanted, reservation -> 'message' -> 'escalation', moment) then
    return keep_reserved(jsonb_build_array(reservation));
  end if;
  delete from idempotency_keys k
  where k.tenant_id = wanted.tenant_id
    and k.key = reservation -> 'idempotency' ->> 'key'
    and k.message_id = wanted.id;
  return jsonb_build_object(wanted.id, case
    when limited is null then jsonb_build_object('outcome', 'cancelled')
    else jsonb_build_object('outcome', 'limited', 'limited', limited)
  end);
end
$$;

-- Called where a reservation's answer was lost, so that its send never began. Promises that nothing of it is left, so
-- that nobody takes it for a send of unknown outcome; a step of an escalation waits again. Left alone is what somebody
-- was told of since (a repeat of its key) and what a worker has taken. Answers {undone: how many there were, alive: whether
-- its transaction is still under way, so that it may be there yet}.
create or replace function undo_reservation(
  wanted uuid,
  tenant text,
  idempotency_key text,
  repeat_wait_seconds integer
) returns jsonb
language plpgsql
as $$
declare
  undone_message messages;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('reserving ' || wanted, 0)) then
    return jsonb_build_object('undone', 0, 'alive', true);
  end if;
  -- The key before its message, as reserve_messages takes them.
  perform from idempotency_keys k where k.tenant_id = tenant and k.key = idempotency_key for update;
  delete from messages m
  where m.id = wanted
    and (
      m.phase = 'scheduled' and m.updated_at = m.created_at
      -- A repeat waits so long for what becomes of it; after that its caller was told that it is queued.
      or m.phase = 'sending'
        and (m.updated_at = m.created_at or m.updated_at > now() - make_interval(secs => repeat_wait_seconds))
        and exists (
          select from message_attempts a
          where a.message_id = m.id and a.number = m.attempts and a.begun_at = m.created_at and a.ended_at is null
        )
    )
  returning * into undone_message;
  if undone_message.id is null then
    return jsonb_build_object('undone', 0, 'alive', false);
  end if;
  delete from idempotency_keys k
  where k.tenant_id = tenant and k.key = idempotency_key and k.message_id = wanted;
  delete from escalations e where e.id = wanted;
  perform from escalations e where e.id = undone_message.escalation_id for update;
  update escalation_steps s
  set state = 'waiting', message_id = null
  where s.escalation_id = undone_message.escalation_id and s.message_id = wanted and s.state = 'sent';
  perform refresh_escalations(array_remove(array[undone_message.escalation_id], null));
  return jsonb_build_object('undone', 1, 'alive', false);
end
$$;
