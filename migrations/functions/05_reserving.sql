-- A send before its first byte goes out. Called by src/sending/deliver.ts. Promises that a message and its first attempt are
-- committed together, one a tenant and key for as long as keys are kept, or that nothing is left of them.

-- Called by reserve_message and claim_due, in their transaction. Promises what may keep a message from being sent now.
-- Answers {suppressed: why its person is not to be written to, heard_at: when that person last wrote by WhatsApp through
-- this provider, stopped: why the provider takes nothing}; each is null where there is nothing.
create or replace function circumstances(on_channel text, of_address text, by_provider text) returns jsonb
language plpgsql stable
as $$
begin
  return jsonb_build_object(
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
  );
end
$$;

-- Called by reserve_message. Counts at most as far as the limit, so that its cost does not grow with the table.
create or replace function over_limit(tenant text, address text, limits jsonb, moment timestamptz) returns boolean
language sql stable
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

-- Called by reserve_messages. Promises: one message a tenant and key within `key_seconds`, its first
-- attempt with owner and lease committed, or the reason why not. `message` holds the columns' values; `idempotency`
-- {key, requestHash} or null; `limits` {hour, recipientDay}, each null for none.
-- Answers {outcome: reserved | scheduled | repeat | conflict | limited | cancelled, message, circumstances}.
create or replace function reserve_message(
  message jsonb,
  idempotency jsonb,
  limits jsonb,
  owner text,
  lease_seconds integer,
  key_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
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
      where k.created_at < moment - make_interval(secs => key_seconds)
    returning * into claimed;
    if claimed.message_id is null then
      select * into claimed from idempotency_keys k
      where k.tenant_id = wanted.tenant_id and k.key = idempotency ->> 'key';
      if claimed.request_hash <> idempotency ->> 'requestHash' then
        return jsonb_build_object('outcome', 'conflict');
      end if;
      -- Whoever repeats is told that it will be sent: then it is not a lost reservation any more (undo_reservation).
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

-- Called before the first byte of the sends goes out that were asked for while the last call ran. Promises what
-- reserve_message does for each, in one transaction. `reservations`: [{message, idempotency, limits, owner,
-- lease_seconds, as_of}], its other arguments; `heard_seconds`: see end_unheard. Answers its answers, in their order. They are
-- made in the order of tenants and keys, so that two processes which reserve for the same ones wait for each other instead
-- of deadlocking.
create or replace function reserve_messages(reservations jsonb, key_seconds integer, heard_seconds integer) returns jsonb
language plpgsql
as $$
declare
  answers jsonb;
begin
  -- Held until they are there, or never will be (undo_reservation).
  perform pg_advisory_xact_lock(hashtextextended('reserving ' || (r -> 'message' ->> 'id'), 0))
  from jsonb_array_elements(reservations) as r;
  with made as materialized (
    select
      r.number,
      reserve_message(
        r.wanted -> 'message', r.wanted -> 'idempotency', r.wanted -> 'limits', r.wanted ->> 'owner',
        (r.wanted ->> 'lease_seconds')::integer, key_seconds, (r.wanted ->> 'as_of')::timestamptz
      ) as answer
    from (
      select *
      from jsonb_array_elements(reservations) with ordinality as asked (wanted, number)
      order by wanted -> 'message' ->> 'tenant_id', wanted -> 'idempotency' ->> 'key', number
    ) r
  )
  select jsonb_agg(m.answer order by m.number) into answers from made m;
  perform end_unheard(heard_seconds);
  return answers;
end
$$;

-- Called where a reservation's answer was lost, so that its send never began. Promises that nothing of it is left, so
-- that nobody takes it for a send of unknown outcome; a step of an escalation waits again. Left alone is what somebody
-- was told of since (a repeat of its key) and what a worker has taken. Answers {undone: how many there were, alive: whether
-- its transaction is still under way, so that it may be there yet}.
create or replace function undo_reservation(wanted uuid, tenant text, idempotency_key text) returns jsonb
language plpgsql
as $$
declare
  abandoned messages;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('reserving ' || wanted, 0)) then
    return jsonb_build_object('undone', 0, 'alive', true);
  end if;
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
    return jsonb_build_object('undone', 0, 'alive', false);
  end if;
  delete from idempotency_keys k
  where k.tenant_id = tenant and k.key = idempotency_key and k.message_id = wanted;
  delete from escalations e where e.id = wanted;
  perform from escalations e where e.id = abandoned.escalation_id for update;
  update escalation_steps s
  set state = 'waiting', message_id = null
  where s.escalation_id = abandoned.escalation_id and s.message_id = wanted and s.state = 'sent';
  perform refresh_escalations(array_remove(array[abandoned.escalation_id], null));
  return jsonb_build_object('undone', 1, 'alive', false);
end
$$;
