-- Who is to be asked what no webhook told. Called by src/reconciliation/. Promises that one process asks at a time, and that
-- asking ends.

-- What is needed to ask a provider about a message.
create or replace function message_to_ask(m messages) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'id', m.id, 'provider', m.provider, 'provider_message_id', m.provider_message_id, 'channel', m.channel,
    'recipient', m.recipient, 'status', m.status, 'request_id', m.request_id,
    'attempted_at', (select max(a.begun_at) from public.message_attempts a where a.message_id = m.id)
  )
$$;

-- Called by reconciliation. Promises that each message whose provider is to be asked is given to one process only, and is
-- asked again after a pause that doubles each time (from `first_pause_seconds` to `longest_pause_seconds`), until it is
-- older than `until_seconds`. `heard_seconds`: see end_unheard. Answers [what message_to_ask does].
create or replace function claim_checks(
  at_most integer,
  first_pause_seconds integer,
  longest_pause_seconds integer,
  until_seconds integer,
  heard_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  claimed jsonb;
begin
  with due as (
    select m.id
    from messages m
    where m.check_at <= moment
    order by m.check_at
    limit at_most
    for update skip locked
  ), asked as (
    update messages m
    set
      checks = m.checks + 1,
      check_at = case
        -- Why it failed is asked once.
        when m.failed_at is null
          and coalesce(m.queued_at, m.created_at) > moment - make_interval(secs => until_seconds)
          -- Bounded, so that the power stays a number.
          then moment + make_interval(secs => least(first_pause_seconds * 2 ^ least(m.checks, 100), longest_pause_seconds))
      end
    from due
    where m.id = due.id
    returning message_to_ask(m) as answer
  )
  select jsonb_agg(a.answer) into claimed
  from asked a;
  perform end_unheard(heard_seconds);
  return coalesce(claimed, '[]');
end
$$;

-- Called by reconciliation. Promises when a person was last heard of through this provider; null: never.
create or replace function last_inbound(told_by text) returns jsonb
language sql stable
as $$
  select to_jsonb(max(m.created_at)) from messages m where m.provider = told_by and m.direction = 'inbound'
$$;

-- Called for a provider whose queue can be emptied. Promises that one process does so at a time, and only while three
-- things hold. The provider takes nothing. No send of ours to it is under way: what it took after the look into its queue
-- would be emptied unseen. Something of ours lies there too long: its time has passed, or the provider has taken nothing for
-- `stale_seconds`.
-- Answers whether it is to be emptied now; the next time is `pause_seconds` later, unless it takes messages again
-- before.
create or replace function claim_stale_queue(
  of_provider text,
  stale_seconds integer,
  pause_seconds integer,
  as_of timestamptz
) returns jsonb
language sql
as $$
  with claimed as (
    update provider_states p
    set queue_due_at = moment + make_interval(secs => pause_seconds)
    from coalesce(as_of, now()) as moment
    where p.provider = of_provider
      and not p.open
      and (p.queue_due_at is null or p.queue_due_at <= moment)
      and not exists (select from message_attempts a where a.ended_at is null and a.provider = of_provider)
      and exists (
        select from messages m
        -- What a provider has accepted and told nothing of is asked about.
        where m.check_at is not null
          and m.provider = of_provider
          and m.status = 'queued'
          and m.provider_message_id is not null
          and (m.expires_at <= moment or p.closed_at <= moment - make_interval(secs => stale_seconds))
      )
    returning p.provider
  )
  select to_jsonb(exists (select from claimed))
$$;
