-- Whose message an event is about. Called by receiving and replay. Promises at most one message of ours for an event, and that
-- a guess outranks nothing.

-- Called by record_events, rewrite_events and match_parked. Promises at most one message of ours. First the one that
-- has the provider's id, or had it before a later attempt: what the provider answered to our own send outranks any claim.
-- Else the one whose id came back. Else, only where the event names none and may be guessed, the latest send to that address
-- in the `guess_seconds` before, never one that still waits for its first attempt: nothing can be told of that. Two clocks
-- may be `skew_seconds` apart. It has no settings of its own, and so names its schema: only then does Postgres plan it into
-- the statements of its callers, instead of running it apart for every event.
create or replace function match_event(
  told_by text,
  claimed uuid,
  their_id text,
  address text,
  guess boolean,
  happened timestamptz,
  guess_seconds integer,
  skew_seconds integer
) returns table (id uuid, guessed boolean)
language sql stable
rows 1
as $$
  (
    select m.id, false
    from public.messages m
    where their_id is not null and m.provider_message_id = their_id and m.provider = told_by and m.direction = 'outbound'
    order by m.created_at desc
    limit 1
  ) union all (
    select a.message_id, false
    from public.message_attempts a
    where their_id is not null and a.provider_message_id = their_id and a.provider = told_by
    limit 1
  ) union all (
    select m.id, false
    from public.messages m
    where claimed is not null and m.id = claimed and m.direction = 'outbound'
  ) union all (
    select m.id, true
    from public.messages m
    where guess and claimed is null and their_id is null
      and m.recipient = address and m.provider = told_by and m.direction = 'outbound'
      -- One that waits for its next attempt is surely not with the provider.
      and m.attempts > 0 and m.next_attempt_at is null
      and m.created_at between happened - make_interval(secs => guess_seconds)
        and happened + make_interval(secs => skew_seconds)
    order by m.created_at desc
    limit 1
  )
  limit 1
$$;

-- Called wherever the message of parked receipts is found (`parked`: [{id, message_id, guessed}], or null). Promises
-- that each is adopted once, and that what it says of its person `follows`, as if it had come after its message. Answers the
-- messages that have one more event.
create or replace function adopt_events(parked jsonb, follows jsonb) returns uuid[]
language plpgsql
as $$
declare
  adopters uuid[];
  consents jsonb;
  learnt jsonb;
  said jsonb;
begin
  if parked is null then
    return null;
  end if;
  with adopted as (
    update message_events e
    set
      message_id = m.id,
      tenant_id = m.tenant_id,
      lead_id = m.lead_id,
      channel = m.channel,
      recipient = coalesce(e.recipient, m.recipient),
      guessed = p.guessed
    from jsonb_to_recordset(parked) as p (id bigint, message_id uuid, guessed boolean)
    join messages m on m.id = p.message_id
    where e.id = p.id and e.message_id is null
    returning
      e.message_id, e.consent, e.bounce_class, e.provider, e.event_id, e.alias, e.recipient, m.recipient as person, e.code, e.occurred_at
  )
  select
    array_agg(distinct a.message_id),
    jsonb_agg(jsonb_build_object(
      'message_id', a.message_id, 'fact', 'consent', 'consent', a.consent, 'bounce_class', a.bounce_class,
      'recipient', a.recipient
    -- One group again is not all that was withdrawn.
    )) filter (where a.consent is not null and not (a.consent = 'given' and coalesce(a.code, '') like 'group %')),
    jsonb_agg(jsonb_build_object(
      'provider', a.provider, 'alias', a.alias, 'address', a.person, 'learnt_at', a.occurred_at
    )) filter (where a.alias is not null),
    jsonb_agg(jsonb_build_object(
      'provider', a.provider, 'event_id', a.event_id, 'consent', a.consent
    )) filter (where a.consent is not null)
  into adopters, consents, learnt, said
  from adopted a;
  perform learn_names(learnt);
  if said is not null then
    -- Of whom it was said is known only now.
    perform keep_consents(said);
  end if;
  if consents is not null then
    perform enqueue_following(consents, follows);
  end if;
  return adopters;
end
$$;

-- Called by record_events where something was told again. Promises that a receipt which lay parked is adopted by the
-- message that its second telling names, and that what a look-up could not tell of a person's message (the button that
-- was pressed, media) is taken from the webhook that comes after it. Answers the messages that have one more event.
create or replace function adopt_repeated(events jsonb, follows jsonb) returns uuid[]
language plpgsql
as $$
declare
  named uuid[] := array(
    select e.message_id from jsonb_to_recordset(events) as e (message_id uuid) where e.message_id is not null
  );
begin
  if cardinality(named) = 0 then
    return '{}'::uuid[];
  end if;
  update messages m
  set
    button_payload = coalesce(m.button_payload, i.button_payload),
    media = coalesce(m.media, i.media),
    replied_to = coalesce(m.replied_to, i.replied_to),
    text = coalesce(m.text, i.text)
  from jsonb_to_recordset(events) as again (message_id uuid, inbound jsonb)
  cross join lateral jsonb_to_record(again.inbound) as i (
    text text, button_payload text, media jsonb, replied_to text
  )
  where m.id = any (named)
    and m.id = again.message_id and m.direction = 'inbound' and jsonb_typeof(again.inbound) = 'object';

  return adopt_events((
    select jsonb_agg(jsonb_build_object('id', e.id, 'message_id', m.id, 'guessed', false))
    from jsonb_to_recordset(events) as again (provider text, event_id text, message_id uuid)
    join messages m on m.id = again.message_id and m.direction = 'outbound'
    join message_events e on e.provider = again.provider and e.event_id = again.event_id
    where e.event_id = any (array(select a.event_id from jsonb_to_recordset(events) as a (event_id text)))
      and e.provider = any (array(select a.provider from jsonb_to_recordset(events) as a (provider text)))
      and e.message_id is null
  ), follows);
end
$$;

-- Called by the worker every second. Promises that a receipt and its message which were written by two transactions that
-- could not see each other find together. Looks at no more than `at_most` of those that lie parked for at most
-- `within_seconds`, the newest of them, or those before the place that the last look came to (`before_time`, `before_id`):
-- however many lie there, a look costs the same. `guess_seconds` and `skew_seconds`: see match_event. Answers
-- {matched, reached: {time, id} where there may be more}.
create or replace function match_parked(
  before_time timestamptz,
  before_id bigint,
  within_seconds integer,
  guess_seconds integer,
  skew_seconds integer,
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
  looked_at bigint;
  reached jsonb;
  found jsonb;
  matched uuid[];
begin
  with parked as (
    select e.id, e.provider, e.provider_message_id, e.recipient, e.guessable, e.occurred_at, e.received_at
    from message_events e
    where e.message_id is null
      and e.received_at > moment - make_interval(secs => within_seconds)
      and e.received_at <= coalesce(before_time, 'infinity')
      and (before_time is null or (e.received_at, e.id) < (before_time, before_id))
    order by e.received_at desc, e.id desc
    limit at_most
  )
  select
    count(*),
    (array_agg(jsonb_build_object('time', p.received_at, 'id', p.id) order by p.received_at, p.id))[1],
    jsonb_agg(jsonb_build_object('id', p.id, 'message_id', m.id, 'guessed', m.guessed)) filter (where m.id is not null)
  into looked_at, reached, found
  from parked p
  left join lateral match_event(
    p.provider, null, p.provider_message_id, p.recipient, p.guessable, p.occurred_at, guess_seconds, skew_seconds
  ) m on true;
  if found is not null then
    -- Messages before their events, as everywhere else: the outcome of a send adopts the same rows.
    perform from messages m
    where m.id = any (array(select p.message_id from jsonb_to_recordset(found) as p (message_id uuid)))
    order by m.id
    for no key update;
    matched := adopt_events(found, follows);
    if matched is not null then
      perform stamp_messages(matched, '[]', follows);
    end if;
  end if;
  return jsonb_build_object('matched', coalesce(cardinality(matched), 0))
    || case when looked_at = at_most then jsonb_build_object('reached', reached) else '{}' end;
end
$$;
