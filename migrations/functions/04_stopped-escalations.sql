-- What ends an escalation before its steps do: its person, a cancel, an appointment that is over. Called by refresh_escalations,
-- cancel_message and src/escalation/. Promises that nothing of a group that waits is sent once it is stopped.

-- Called where something was told of messages (`besides`: as enqueue_following takes it). The escalations that go on of the
-- people who said something: wrote, or spoke of consent.
create or replace function escalations_of_people(besides jsonb) returns uuid[]
language plpgsql stable
as $$
begin
  return array(
    select e.id
    from jsonb_to_recordset(besides) as b (message_id uuid, fact text)
    join messages m on m.id = b.message_id
    join escalations e on e.addresses && array[case m.direction when 'inbound' then m.sender else m.recipient end]
    where b.fact in ('written', 'consent') and e.stopped is null
  );
end
$$;

-- Called by keep_stopped and stop_escalation. Whether anything of a group may still be sent by itself: a step, or a message
-- that is scheduled or waits for its next attempt. What a person revived is that person's to cancel.
create or replace function escalation_waits(wanted uuid) returns boolean
language plpgsql stable
as $$
begin
  return exists (
    select from escalation_steps s where s.escalation_id = wanted and s.state in ('waiting', 'claimed')
  ) or exists (
    select from messages m
    where m.escalation_id = wanted and m.next_attempt_at is not null and m.status in ('scheduled', 'queued')
      and m.attempts_before = 0
  );
end
$$;

-- Called by keep_stopped. What a person of this group said that ends it, the first of it; null: nothing. An answer is what
-- they wrote, to the group's tenant, after its first message had begun to go out. That they want no messages counts from the
-- moment in which the group was asked for, by whatever channel they say it. A clock of whole seconds is taken as the later
-- moment (said_at): in doubt they have answered.
create or replace function said_to_stop(wanted uuid) returns text
language plpgsql stable
as $$
declare
  begun timestamptz := (
    select min(m.queued_at) from messages m where m.escalation_id = wanted and m.attempts > 0
  );
begin
  return (
    select case
      when said.type <> 'received' then said.type
      when said.consent = 'withdrawn' then 'opted_out'
      else 'answered'
    end
    from escalations e
    cross join lateral unnest(e.addresses) as whose (address)
    cross join lateral (
      select v.type, v.consent, said_at('withdrawn', v.occurred_at, v.received_at) as at
      from messages m
      join message_events v on v.message_id = m.id and v.type = 'received'
      where m.sender = whose.address and m.direction = 'inbound' and m.created_at >= e.created_at
        and (v.consent = 'withdrawn' or coalesce(m.tenant_id, e.tenant_id) = e.tenant_id)
      union all
      select v.type, v.consent, said_at('withdrawn', v.occurred_at, v.received_at)
      from message_events v
      where v.recipient = whose.address and v.consent = 'withdrawn' and v.type in ('unsubscribed', 'complained')
    ) said
    where e.id = wanted and said.at >= case when said.consent = 'withdrawn' then e.created_at else begun end
    order by said.at
    limit 1
  );
end
$$;

-- Called by refresh_escalations and claim_escalations, which hold the groups. Promises that each which was stopped, or is by what
-- its person said, sends nothing more of what waits.
create or replace function keep_stopped(ids uuid[]) returns void
language plpgsql
as $$
begin
  update escalations e
  set stopped = said.because
  from (
    select o.id, said_to_stop(o.id) as because
    from escalations o
    where o.id = any (ids) and o.stopped is null and escalation_waits(o.id)
  ) said
  where e.id = said.id and said.because is not null;

  -- A message that somebody else holds is being sent, or its holder comes here after us.
  with unwanted as (
    update messages m
    set phase = 'cancelled', next_attempt_at = null, updated_at = now()
    where m.id = any (array(
      select w.id
      from messages w
      join escalations e on e.id = w.escalation_id and e.stopped is not null
      where w.escalation_id = any (ids) and w.next_attempt_at is not null and w.status in ('scheduled', 'queued')
        and w.attempts_before = 0
      for no key update of w skip locked
    ))
    returning m.id
  )
  update escalation_steps s
  set state = 'cancelled', reason = e.stopped, due_at = null, lease_until = null
  from escalations e
  where s.escalation_id = any (ids)
    and e.id = s.escalation_id and e.stopped is not null
    and (s.state in ('waiting', 'claimed') or s.message_id = any (array(select u.id from unwanted u)));
end
$$;

-- Called by cancel_message, and by the worker where nobody told that it is over. Promises that nothing of this group that
-- still waits is sent any more. Answers whether anything did.
create or replace function stop_escalation(wanted uuid, because text) returns jsonb
language plpgsql
as $$
begin
  perform from escalations e where e.id = wanted for update;
  if not escalation_waits(wanted) then
    return to_jsonb(false);
  end if;
  update escalations e set stopped = because where e.id = wanted and e.stopped is null;
  perform refresh_escalations(array[wanted]);
  return to_jsonb(true);
end
$$;

-- Called when an appointment was called off. Promises stop_escalation for every group that is about it (`types`: the CRM's of
-- appointments) and was asked for before then: what is asked for later may tell of it. Answers the ids of those that waited.
create or replace function stop_escalations_about(types jsonb, parent text, before timestamptz, because text) returns jsonb
language plpgsql
as $$
declare
  about uuid;
  waited jsonb := '[]'::jsonb;
begin
  for about in
    select e.id
    from escalations e
    where e.parent_id = parent and types ? e.parent_type and e.stopped is null and e.created_at < before
    order by e.id
  loop
    if stop_escalation(about, because)::boolean then
      waited := waited || to_jsonb(about);
    end if;
  end loop;
  return waited;
end
$$;
