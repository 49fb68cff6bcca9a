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

-- What we say ourselves of an open or a click that no person makes.
create or replace function click_verdicts() returns text[]
language sql immutable
as $$ select array['within seconds of the delivery', 'several links at once'] $$;

-- Called by stamp_facts. Promises that an open or a click in an email which no person makes says that a machine did, with its
-- reason, whatever order it was told in, and that others do not say so: a gateway loads every image and follows every link before
-- it lets a mail in, or as soon as it did, by the agent of a browser (mautic/mautic#16263, resend/resend-node#901). A person may
-- open a mail five seconds after it arrived (record_events, 08_receiving.sql, knows that too), but has not read it before ten.
create or replace function judge_reads(ids uuid[]) returns void
language sql
as $$
  update message_events c
  set machine = judged.verdict is not null, reason = judged.verdict
  from (
    select e.id, e.machine, e.reason, case
      when e.occurred_at < first.delivered_at + case e.type when 'opened' then interval '5 seconds' else interval '10 seconds' end
        then v.verdicts[1]
      when e.type = 'clicked' and (
        -- Two in one second, or three in two: a person may follow one link and then another.
        select bool_or(date_trunc('second', o.occurred_at) = date_trunc('second', e.occurred_at)) or count(distinct o.url) > 1
        from message_events o
        where o.message_id = e.message_id and o.type = 'clicked' and o.url <> e.url
          and o.occurred_at between e.occurred_at - interval '2 seconds' and e.occurred_at + interval '2 seconds'
      ) then v.verdicts[2]
    end as verdict
    from message_events e
    cross join (select click_verdicts() as verdicts) v
    cross join lateral (
      select coalesce(
        min(d.occurred_at) filter (where d.type = 'delivered'),
        -- What our own pixel tells goes by our own clock: where nothing says when a mail arrived, it did not before it was sent.
        min(d.occurred_at) filter (where d.type = 'sent' and e.source = 'pixel')
      ) as delivered_at
      from message_events d
      where d.message_id = e.message_id and d.type in ('delivered', 'sent')
        and (d.recipient is null or e.recipient is null or lower(d.recipient) = lower(e.recipient))
    ) first
    where e.message_id = any (ids) and e.type in ('opened', 'clicked') and e.channel = 'email'
      and (not e.machine or e.reason = any (v.verdicts))
  ) judged
  where c.id = judged.id and (judged.machine <> (judged.verdict is not null) or judged.machine and judged.reason <> judged.verdict)
$$;

-- Called by stamp_messages and rewrite_events, by the one who holds the messages. Promises that a message says what all its
-- events and our own attempts say, and nothing else: its facts are the earliest (occurred_at, event_id) of each kind, whatever
-- order and however often they came, and what nothing tells any more is gone.
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
  perform judge_reads(ids);
  with told as (
    select
      e.*,
      carried.id as told_of,
      carried.provider as carrier,
      carried.expires_at,
      case
        -- Anybody may write to the mailbox that reports come to: one that names no message is shown, and proves nothing.
        when e.source = 'dsn' and e.guessed then null
        -- Why a message was dead before it was revived counts no more.
        when e.type = 'failed' and e.source = 'send' and e.id < max(e.id) filter (
          where e.source = 'person' and e.code = 'revived'
        ) over (partition by carried.id) then null
        -- An absence is told as one, by what sends for Resend: what was delivered stays so.
        when e.type = 'bounced' and e.bounce_class = 'soft' and lower(e.code) = 'general' and bool_or(
          e.type = 'delivered'
        ) over (partition by carried.id) then null
        when carried.channel <> 'email' or e.recipient is null or lower(e.recipient) = lower(carried.recipient) then e.type
      end as kind,
      -- That it was given up or not sent is what we, or a person, thought: the provider's word that it arrived outranks it,
      -- and a person's the word that it went out.
      e.type in ('failed', 'rejected') and e.source in ('send', 'person') and bool_or(
        e.source not in ('send', 'person')
          and e.type in ('delivered', 'opened', 'read', 'clicked')
      ) over (partition by carried.id)
        or e.type = 'failed' and e.source = 'person' and bool_or(
          e.source not in ('send', 'person') and e.type in ('queued', 'sent', 'deferred')
        ) over (partition by carried.id) as refuted,
      e.type in ('queued', 'deferred', 'failed')
        and bool_or(e.code is not distinct from 'cleared') over (partition by carried.id, e.provider)
        and (e.provider <> carried.provider or exists (
          select from message_attempts a
          where a.message_id = e.message_id
            and a.provider = e.provider
            and a.provider_message_id = e.provider_message_id
            and (a.number < carried.attempts or a.number <= carried.attempts_before)
        )) as taken_back
    from messages carried
    left join message_events e on e.message_id = carried.id
    where carried.id = any (ids)
  ), facts as (
    select
      e.told_of,
      min(e.occurred_at) filter (where e.kind = 'queued') as queued_at,
      min(e.occurred_at) filter (where e.kind = 'sent') as sent_at,
      min(e.occurred_at) filter (where e.kind = 'deferred' and not e.taken_back) as deferred_at,
      min(e.occurred_at) filter (where e.kind = 'delivered') as delivered_at,
      min(e.occurred_at) filter (where e.kind = 'opened' and not e.machine) as opened_at,
      min(e.occurred_at) filter (where e.kind = 'read') as read_at,
      min(e.occurred_at) filter (where e.kind = 'clicked' and not e.machine) as clicked_at,
      min(e.occurred_at) filter (where e.kind = 'bounced') as bounced_at,
      min(e.occurred_at) filter (where e.kind = 'rejected' and not e.refuted) as rejected_at,
      min(e.occurred_at) filter (where e.kind = 'failed' and not e.refuted and not e.taken_back) as failed_at,
      bool_or(e.refuted and e.kind is not null) as refuted,
      bool_or(
        e.kind = 'failed' and e.code = 'cleared' and not e.taken_back
          and (e.expires_at is null or e.expires_at > e.occurred_at)
      ) and not bool_or(e.kind in ('sent', 'delivered', 'opened', 'read', 'clicked')) as given_back,
      min(e.occurred_at) filter (where e.kind = 'complained') as complained_at,
      min(e.occurred_at) filter (where e.kind = 'opened' and e.machine) as machine_opened_at,
      min(e.occurred_at) filter (where e.kind = 'clicked' and e.machine) as machine_clicked_at,
      -- Our own telling proves nothing that the outcome of its attempt does not say better.
      bool_or(e.kind not in ('unknown', 'received') and e.source not in ('send', 'person') and not e.taken_back) as heard,
      (array_agg(e.provider_message_id order by e.occurred_at, e.event_id)
        filter (where e.kind is not null and e.provider_message_id is not null and e.provider = e.carrier)
      )[1] as provider_message_id,
      (array_agg(array[e.code, e.reason, e.bounce_class] order by w.rank desc, e.code is null, e.occurred_at, e.event_id)
        filter (where w.rank is not null and not e.refuted and not e.taken_back))[1:1] as wrong
    from told e
    left join (values ('deferred', 1), ('failed', 2), ('rejected', 2), ('bounced', 3)) as w (type, rank)
      on w.type = e.kind
    group by e.told_of
  ), stamped as (
    update messages m
    set
      (
        sent_at, deferred_at, delivered_at, opened_at, read_at, clicked_at, bounced_at, rejected_at, failed_at, complained_at,
        machine_opened_at, machine_clicked_at
      ) = (
        f.sent_at, f.deferred_at, f.delivered_at, f.opened_at, f.read_at, f.clicked_at, f.bounced_at, f.rejected_at,
        f.failed_at, f.complained_at, f.machine_opened_at, f.machine_clicked_at
      ),
      queued_at = least(own.begun_at, f.queued_at),
      provider_message_id = coalesce(own.provider_message_id, f.provider_message_id, m.provider_message_id),
      error_code = why.wrong[1][1],
      error_message = why.wrong[1][2],
      bounce_class = why.wrong[1][3],
      phase = case
        when f.given_back and at.phase in ('queued', 'sending', 'unknown') then 'dead'
        when f.heard and f.given_back is not true and at.phase in ('unknown', 'sending', 'dead') then 'queued'
        else at.phase
      end,
      next_attempt_at = case when f.heard then null else m.next_attempt_at end,
      check_at = case
        when coalesce(f.delivered_at, f.opened_at, f.read_at, f.clicked_at, f.bounced_at, f.rejected_at) is not null
          then null
        when f.failed_at is null then m.check_at
        -- Its provider did not say why: it is asked, once (claim_checks).
        when f.heard and why.wrong[1][1] is null
          then case when before.failed_at is null then now() else m.check_at end
      end,
      updated_at = now()
    from facts f
    join messages before on before.id = f.told_of
    cross join lateral (
      select
        min(a.begun_at) as begun_at,
        (array_agg(
          case
            when a.outcome = 'unknown' and a.settled_as is not null then 'settled'
            else coalesce(a.outcome, 'open')
          end order by a.number desc
        ))[1] as outcome,
        (array_agg(a.provider_message_id order by a.number desc)
          filter (where a.provider_message_id is not null and a.provider = before.provider))[1] as provider_message_id,
        (array_agg(array[a.error_code, a.error_message, null] order by a.number desc)
          filter (where a.ended_at is not null and a.settled_as is null and a.number > before.attempts_before))[1:1] as wrong
      from message_attempts a
      where a.message_id = before.id
    ) own
    -- Where our own work stands, for all that our attempts say.
    cross join lateral (
      select case
        -- It was taken back: whether it still is, its events say.
        when before.phase = 'dead' and own.outcome <> 'exhausted' then 'queued'
        when before.phase <> 'queued' or before.next_attempt_at is not null then before.phase
        when own.outcome = 'open' then 'sending'
        when own.outcome = 'exhausted' then 'dead'
        when own.outcome = 'unknown' then 'unknown'
        else 'queued'
      end as phase
    ) at
    cross join lateral (
      select coalesce(f.wrong, case
        when f.refuted or f.heard and at.phase = 'unknown' then null
        else own.wrong
      end) as wrong
    ) why
    where m.id = f.told_of
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
-- `follows` from each new fact is written down, the steps of its escalation and of its people's are what it says, and what was cleared goes to
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
  if jsonb_path_exists(besides, '$[*] ? (@.fact == "written" || @.fact == "consent")') then
    grouped := grouped || escalations_of_people(besides);
  end if;
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
