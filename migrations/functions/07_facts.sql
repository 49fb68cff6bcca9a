-- What a message's events come to. Called wherever they changed. Promises facts and a status that do not depend on the order
-- in which events came, or on how often.

-- The facts that a message has and had not before, in the order in which they can happen.
create or replace function first_facts(before messages, now_is messages) returns text[]
language sql immutable
as $$
  select array_remove(array[
    case when before.sent_at is null and now_is.sent_at is not null then 'sent' end,
    case when before.deferred_at is null and now_is.deferred_at is not null then 'deferred' end,
    case when before.delivered_at is null and now_is.delivered_at is not null then 'delivered' end,
    case when before.opened_at is null and now_is.opened_at is not null then 'opened' end,
    case when before.read_at is null and now_is.read_at is not null then 'read' end,
    case when before.clicked_at is null and now_is.clicked_at is not null then 'clicked' end,
    case when before.bounced_at is null and now_is.bounced_at is not null then 'bounced' end,
    case when before.rejected_at is null and now_is.rejected_at is not null then 'rejected' end,
    case when before.failed_at is null and now_is.failed_at is not null then 'failed' end,
    case when before.complained_at is null and now_is.complained_at is not null then 'complained' end
  ], null)
$$;

-- Called by stamp_messages and rebuild_messages, by the one who holds the messages. Promises that a message's facts are those
-- of all its events, the earliest (occurred_at, event_id) of each kind, whatever order and however often they came.
-- A receipt settles an unknown outcome. An event about somebody else than the recipient (a cc) stamps nothing.
-- A message that its provider took back is a dead letter, unless its time had passed, until another carries it or it is
-- tried anew. A message that we gave up is a dead letter until the provider tells of it.
-- Answers [{message_id, facts, settled}]: the facts stamped for the first time, on which effects hang, and whether an
-- outcome that nobody knew is known now.
create or replace function stamp_facts(ids uuid[]) returns jsonb
language plpgsql
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
      first_facts(before, m) as facts
  )
  select jsonb_agg(jsonb_build_object('message_id', s.id, 'facts', to_jsonb(s.facts), 'settled', s.settled))
  into firsts
  from stamped s
  where cardinality(s.facts) > 0 or s.settled;
  return coalesce(firsts, '[]');
end
$$;

-- Called wherever a message's events changed, by the one who holds the messages. Promises what stamp_facts does, and that what
-- `follows` from each new fact is written down, the steps of its escalation are what it says, and what was cleared goes to
-- its fallback. `besides`: what else became known, as enqueue_following takes it; all of it is written at once, so that lanes
-- are always taken in one order. Where `follows` is null nothing of this happens but what is not sent any more. Answers what
-- hand_on does.
create or replace function stamp_messages(ids uuid[], besides jsonb, follows jsonb) returns jsonb
language plpgsql
as $$
declare
  effects boolean := follows is not null;
  handed jsonb := case when effects then hand_on(ids) end;
  firsts jsonb := stamp_facts(ids);
  grouped uuid[] := array(
    select distinct m.escalation_id from messages m where m.id = any (ids) and m.escalation_id is not null
  );
begin
  if cardinality(grouped) > 0 then
    perform refresh_escalations(grouped, effects);
  end if;
  if effects and (firsts <> '[]' or besides <> '[]') then
    perform enqueue_following(besides || coalesce(jsonb_agg(
      jsonb_build_object('message_id', f.message_id, 'fact', told.fact) order by f.message_id, told.number
    ), '[]'), follows)
    from jsonb_to_recordset(firsts) as f (message_id uuid, facts jsonb, settled boolean)
    cross join lateral jsonb_array_elements_text(
      case when f.settled then '["settled"]'::jsonb else '[]'::jsonb end || f.facts
    ) with ordinality as told (fact, number);
  end if;
  return handed;
end
$$;
