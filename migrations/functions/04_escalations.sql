-- What follows where nobody was reached. Called by src/escalation/ and src/sending/. Promises that the steps of a group are
-- what its messages say, in whatever order that became known, that each is sent at most once, and none once the group is
-- stopped.

-- Called by reserve_bound. `wanted_escalation`: null; {steps} for the first message of one; {id, step} for a step that
-- was claimed. Promises that a step is sent only while it is still wanted: what record_events tells of its group waits, or
-- was told before. Answers false where it is not.
create or replace function begin_escalation(wanted messages, wanted_escalation jsonb, moment timestamptz) returns boolean
language plpgsql
as $$
declare
  begun integer;
begin
  if wanted_escalation ? 'steps' then
    insert into escalations (id, tenant_id, created_at, addresses, parent_type, parent_id)
    values (
      wanted.id, wanted.tenant_id, moment,
      array(
        select wanted.recipient
        union
        select lower(s.step -> 'request' -> 'message' ->> 'to')
        from jsonb_array_elements(wanted_escalation -> 'steps') as s (step)
      ),
      wanted.parent_type, wanted.parent_id
    );
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

-- Called by refresh_escalations. Whether a message of this group reached its person, as far as a step with this `unless` asks for it.
create or replace function was_reached(group_id uuid, unless text) returns boolean
language sql stable
as $$
  select exists (
    select from messages m
    where m.escalation_id = group_id
      and (
        coalesce(m.read_at, m.opened_at, m.clicked_at) is not null
        or unless = 'delivered' and m.delivered_at is not null
      )
  )
$$;

-- Called wherever what is known of a message of an escalation changed, or of its person. Promises that each group's steps are
-- what its messages and people say: unnecessary ones are cancelled, the next one is due when the one before failed or had its
-- time, and a group that is stopped sends nothing more. Every order of telling ends in the same. Without `effects` nothing is
-- due by it that was not, or sooner than it was.
create or replace function refresh_escalations(ids uuid[], effects boolean default true) returns void
language plpgsql
as $$
begin
  if coalesce(cardinality(ids), 0) = 0 then
    return;
  end if;
  perform from escalations e where e.id = any (ids) order by e.id for update;

  perform keep_stopped(ids);

  update escalation_steps s
  set state = 'cancelled', reason = s.unless, due_at = null, lease_until = null
  where s.escalation_id = any (ids) and s.state in ('waiting', 'claimed') and was_reached(s.escalation_id, s.unless);

  -- An open that was told before its delivery turned out to be a machine's: nobody was reached. Where that becomes known after
  -- twice the time that the steps were to wait, it stays as it was, for what they say may be untrue by then.
  update escalation_steps s
  set state = 'waiting', reason = null
  from escalations e
  where effects and s.escalation_id = any (ids) and s.state = 'cancelled' and s.reason = s.unless
    and e.id = s.escalation_id and e.stopped is null
    and not was_reached(s.escalation_id, s.unless)
    and now() < (
      select max(m.queued_at) from messages m where m.escalation_id = s.escalation_id
    ) + 2 * make_interval(secs => (
      select sum(b.after_seconds)
      from escalation_steps b
      where b.escalation_id = s.escalation_id and b.number <= s.number and b.message_id is null
    ));

  with next as (
    select distinct on (s.escalation_id) s.escalation_id, s.number, s.after_seconds, s.due_at
    from escalation_steps s
    where s.escalation_id = any (ids) and s.state = 'waiting'
    order by s.escalation_id, s.number
  ), before as (
    select n.*, m.status, m.error_code, m.expires_by_default, step.state as step_state,
      -- The first time: a later attempt does not begin the wait again.
      (
        select min(a.ended_at) from message_attempts a
        where a.message_id = m.id
          and a.outcome in ('accepted', 'unknown')
          and coalesce(a.settled_as, 'sent') = 'sent'
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
      -- When it is too late for all that follows, its caller says. Our own age of what waits is one message's.
      b.status = 'cancelled' or b.status = 'failed' and b.error_code = 'expired' and not b.expires_by_default as over,
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

-- Called by the worker. Promises the steps whose time has come, with the message before each (what is to be asked about,
-- where asking is due), what the group is about and since when. Answers [{escalation_id, number, reason, message, about:
-- {type, id} or null, since, looked_at: what time it is}].
create or replace function due_steps(at_most integer, as_of timestamptz) returns jsonb
language plpgsql stable
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  due jsonb;
begin
  select jsonb_agg(jsonb_build_object(
    'escalation_id', s.escalation_id, 'number', s.number, 'reason', s.reason,
    'message', message_to_ask(m),
    'about', case when e.parent_id is not null then jsonb_build_object('type', e.parent_type, 'id', e.parent_id) end,
    'since', e.created_at,
    'looked_at', moment
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
  join escalations e on e.id = s.escalation_id
  cross join lateral (
    select latest.*
    from messages latest
    left join escalation_steps of on of.escalation_id = latest.escalation_id and of.message_id = latest.id
    where latest.escalation_id = s.escalation_id
    order by of.number desc nulls last
    limit 1
  ) m;
  return coalesce(due, '[]');
end
$$;

-- Called by the worker. Promises that each of these steps (`wanted`: escalations' ids) which is due is given to one
-- process; none on the channel of a message whose outcome is unknown: that step is skipped, the next one is due. The
-- group is held, so that a receipt comes either before (and there is nothing to claim) or after. Answers
-- [{escalation_id, number}]; what is to be sent is read one by one (step_request).
create or replace function claim_escalations(
  wanted jsonb,
  lease_seconds integer,
  heard_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
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

  -- What a person said under a name that was not known yet as theirs counts too.
  perform keep_stopped(held);
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
    returning s.escalation_id, s.number
  )
  select jsonb_agg(to_jsonb(t) order by t.escalation_id) into claimed from taken t;
  perform end_unheard(heard_seconds);
  return coalesce(claimed, '[]');
end
$$;

-- Called by the worker, for each step that it has claimed. Null: it is gone.
create or replace function step_request(escalation uuid, step integer) returns jsonb
language sql stable
as $$
  select s.request from escalation_steps s where s.escalation_id = escalation and s.number = step
$$;

-- Called by the worker where a claimed step could not even be reserved. Promises that the step is over, and the next
-- one due.
create or replace function fail_escalation_step(escalation uuid, step integer, because text) returns jsonb
language plpgsql
as $$
begin
  -- The group before its steps, as everywhere else.
  perform from escalations e where e.id = escalation for update;
  update escalation_steps s
  set state = 'failed', reason = because, due_at = null, lease_until = null
  where s.escalation_id = escalation and s.number = step and s.state = 'claimed';
  perform refresh_escalations(array[escalation]);
  return 'null'::jsonb;
end
$$;
