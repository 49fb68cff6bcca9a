-- What a person decides: an unknown outcome, a message that waits, a dead letter. Called by src/sending/resolve.ts, cancel.ts
-- and revive.ts, and by routes/ops.ts. Promises that it is still so in the moment in which it is decided.

-- Called where a person wants a message sent again. When it expires now: our own rule gives it as long once more.
create or replace function expires_anew(sent messages, moment timestamptz) returns timestamptz
language sql immutable
as $$
  select case
    when sent.expires_by_default then moment + coalesce(
      make_interval(secs => sent.waits_seconds),
      -- Of a release that did not keep it.
      sent.expires_at - greatest(sent.send_at, sent.created_at)
    )
    else sent.expires_at
  end
$$;

-- Called where a person settles a send of unknown outcome. Promises that it is still unknown in the moment in which
-- `told` (its events) and `outcome` are recorded, beside what is known of its last attempt that is unknown. Answers {outcome: settled | known | missing, message}.
create or replace function settle_unknown(wanted uuid, tenant text, told jsonb, outcome jsonb, follows jsonb) returns jsonb
language plpgsql
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
    jsonb_build_array(outcome || jsonb_build_object('message_id', wanted, 'attempt', coalesce(
      (select max(a.number) from message_attempts a where a.message_id = wanted and a.outcome = 'unknown'),
      found_message.attempts
    ))),
    '[]',
    follows,
    -- They name their message: nothing is guessed.
    guess_seconds => 0,
    skew_seconds => 0
  );
  if outcome ->> 'outcome' = 'retryable' then
    update messages m set expires_at = expires_anew(m, now()) where m.id = wanted;
  end if;
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object('outcome', 'settled', 'message', message_json(found_message));
end
$$;

-- Called by a cancel request. Promises that a message which waits (scheduled, or for a retry) is never attempted again, nor
-- anything else that waits of its escalation: the message itself may have gone out. `told`: the events of what a person said,
-- recorded where something was stopped. One that an earlier attempt may have sent is of unknown outcome again. Answers
-- {outcome: cancelled | too_late | missing, message, escalation}.
create or replace function cancel_message(wanted uuid, tenant text, told jsonb, follows jsonb) returns jsonb
language plpgsql
as $$
declare
  found_message messages;
  waited boolean;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  waited := found_message.next_attempt_at is not null and found_message.status in ('scheduled', 'queued');
  if found_message.escalation_id is not null then
    waited := stop_escalation(found_message.escalation_id, 'cancelled')::boolean or waited;
  end if;
  update messages m
  set
    phase = case
      when exists (
        select from message_attempts a
        where a.message_id = wanted and a.outcome = 'unknown' and a.settled_as is distinct from 'failed'
      ) then 'unknown'
      else 'cancelled'
    end,
    next_attempt_at = null,
    updated_at = now()
  where m.id = wanted and m.next_attempt_at is not null and m.status in ('scheduled', 'queued');
  if waited then
    -- They name their message: nothing is guessed.
    perform record_events(told, '[]', '[]', follows, guess_seconds => 0, skew_seconds => 0);
  end if;
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object(
    'outcome', case when waited then 'cancelled' else 'too_late' end,
    'message', message_json(found_message),
    'escalation', escalation_json(found_message.escalation_id)
  );
end
$$;

-- Called by GET /api/dead-letters. Promises the newest first of the messages that we gave up or that came back unsent,
-- after the cursor.
create or replace function dead_letters(tenant text, before_time timestamptz, before_id uuid, at_most integer) returns jsonb
language plpgsql stable
-- Planned anew at each call, so that every filter can use its index.
set plan_cache_mode to force_custom_plan
as $$
begin
  return listed_messages(array(
    select m.id
    from messages m
    where m.phase = 'dead'
      and (tenant is null or m.tenant_id = tenant)
      and (before_time is null or (m.created_at, m.id) < (before_time, before_id))
    order by m.created_at desc, m.id desc
    limit at_most
  ));
end
$$;

-- Called by POST /api/dead-letters/:id/replay. Promises that a message which we gave up, or which its provider took back,
-- is due again (revived), with all its attempts before it, and no expiry but our own rule's, anew. `told`: the event of who
-- wanted it. Why it was dead stays on its timeline, and is no longer its status (stamp_facts).
-- Answers {outcome: replayed | not_dead | missing, message}.
create or replace function revive_dead_letter(wanted uuid, tenant text, told jsonb, as_of timestamptz, follows jsonb)
returns jsonb
language plpgsql
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
  update messages m
  set
    phase = 'queued',
    next_attempt_at = moment,
    attempts_before = m.attempts,
    expires_at = case when m.expires_by_default then expires_anew(m, moment) end,
    updated_at = moment
  where m.id = wanted;
  -- They name their message: nothing is guessed.
  perform record_events(told, '[]', '[]', follows, guess_seconds => 0, skew_seconds => 0);
  perform stamp_messages(array[wanted], '[]', follows);
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object('outcome', 'replayed', 'message', message_json(found_message));
end
$$;
