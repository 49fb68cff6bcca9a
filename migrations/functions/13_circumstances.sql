-- Who is not to be written to, and which provider takes nothing: looked at before every attempt (`hindrances`). Kept by
-- receiving, taken back by replay. Promises that whatever was said last counts, in whatever order it was told.

-- When something was said of consent, for all that is known: in doubt the withdrawal was the later. By most providers' clocks
-- a whole second may be any moment in it; no clock tells of a moment that is still to come.
create or replace function said_at(consent text, occurred_at timestamptz, received_at timestamptz) returns timestamptz
language sql stable
as $$
  select least(received_at, occurred_at + case
    when consent = 'withdrawn' and occurred_at = date_trunc('second', occurred_at) then interval '999 milliseconds'
    else interval '0'
  end)
$$;

-- Called by record_events and recall_consents. Promises that whoever withdrew consent, or proved to have a dead address, is
-- not written to any more, until that person says otherwise: decided by when it was said, not by when we heard of it.
create or replace function keep_consents(events jsonb) returns void
language sql
as $$
  insert into suppressions as s (
    channel, address, withdrawn_at, given_at, reason, provider, message_id, tenant_id, updated_at
  )
  select distinct on (said.channel, said.address)
    said.channel, said.address,
    max(said.occurred_at) filter (where said.consent = 'withdrawn') over whom,
    max(said.occurred_at) filter (where said.consent = 'given') over whom,
    said.reason, said.provider, said.message_id, said.tenant_id, now()
  from (
    select
      e.channel, e.consent, said_at(e.consent, e.occurred_at, e.received_at) as occurred_at,
      e.provider, e.message_id, e.tenant_id,
      case when e.type = 'received' then m.sender else e.recipient end as address,
      coalesce(e.code, e.type) as reason
    from jsonb_to_recordset(events) as told (provider text, event_id text, consent text)
    join message_events e on e.provider = told.provider and e.event_id = told.event_id
    left join messages m on m.id = e.message_id
    where told.consent is not null and e.consent is not null and e.channel is not null
  ) said
  where said.address is not null
  window whom as (partition by said.channel, said.address)
  order by said.channel, said.address, said.consent desc, said.occurred_at desc
  on conflict (channel, address) do update
  set
    withdrawn_at = greatest(s.withdrawn_at, excluded.withdrawn_at),
    given_at = greatest(s.given_at, excluded.given_at),
    reason = case
      when excluded.withdrawn_at is not null and excluded.withdrawn_at >= coalesce(s.withdrawn_at, excluded.withdrawn_at)
        then excluded.reason
      else s.reason
    end,
    message_id = coalesce(excluded.message_id, s.message_id),
    tenant_id = coalesce(excluded.tenant_id, s.tenant_id),
    updated_at = now()
$$;

-- Called by rewrite_events, when the events are rewritten (`readings`: what readings_of answers). Promises that what they said
-- of consent before does not count any more, and that everything does which is told of the people whom they spoke of, and of
-- those whom they speak of now. What was withdrawn in another way stays withdrawn.
create or replace function recall_consents(readings jsonb) returns void
language plpgsql
as $$
declare
  said jsonb;
  people jsonb;
begin
  select jsonb_agg(jsonb_build_object(
    'channel', b.channel, 'address', names.address, 'consent', b.consent, 'occurred_at', times.occurred_at
  )) into said
  from jsonb_to_recordset(readings) as p (id bigint, provider text, said_of text, before jsonb)
  join message_events e on e.id = p.id
  cross join lateral jsonb_to_record(p.before) as b (channel text, consent text, occurred_at timestamptz)
  cross join lateral (
    values (said_at(b.consent, b.occurred_at, e.received_at)),
      -- As it was kept before it was reckoned.
      (b.occurred_at)
  ) as times (occurred_at)
  cross join lateral (
    select p.said_of as address
    union
    -- What was said under an alias is kept under both.
    select a.alias from contact_aliases a where a.provider = p.provider and a.address = p.said_of
  ) names
  where b.consent is not null;
  select jsonb_agg(distinct jsonb_build_object('channel', p.channel, 'address', p.address)) into people
  from (
    select s.channel, s.address from jsonb_to_recordset(said) as s (channel text, address text)
    union all
    select e.channel, case when e.type = 'received' then m.sender else e.recipient end
    from jsonb_to_recordset(readings) as p (id bigint)
    join message_events e on e.id = p.id and e.consent is not null
    left join messages m on m.id = e.message_id
  ) p
  where p.channel is not null and p.address is not null;

  perform from suppressions k
  where (k.channel, k.address) in (
    select p.channel, p.address from jsonb_to_recordset(people) as p (channel text, address text)
  )
  order by k.channel, k.address
  for no key update;
  update suppressions k
  set
    withdrawn_at = case when k.withdrawn_at = any (s.withdrawn) then null else k.withdrawn_at end,
    given_at = case when k.given_at = any (s.given) then null else k.given_at end
  from (
    select s.channel, s.address,
      array_agg(s.occurred_at) filter (where s.consent = 'withdrawn') as withdrawn,
      array_agg(s.occurred_at) filter (where s.consent = 'given') as given
    from jsonb_to_recordset(said) as s (channel text, address text, consent text, occurred_at timestamptz)
    group by s.channel, s.address
  ) s
  where k.channel = s.channel and k.address = s.address
    -- Entered by hand, where its provider tells nothing, and at a time that nobody knows any more: in doubt, it stays.
    and exists (select from message_events e where e.provider = k.provider);
  delete from suppressions k
  using jsonb_to_recordset(people) as p (channel text, address text)
  where k.channel = p.channel and k.address = p.address and k.withdrawn_at is null and k.given_at is null;

  perform keep_consents(jsonb_agg(to_jsonb(told)))
  from jsonb_to_recordset(people) as p (channel text, address text)
  cross join lateral (
    select e.provider, e.event_id, e.consent
    from message_events e
    where e.recipient = p.address and e.channel = p.channel and e.consent is not null and e.type <> 'received'
    union all
    select e.provider, e.event_id, e.consent
    from messages m
    join message_events e on e.message_id = m.id
    where m.sender = p.address and m.direction = 'inbound'
      and e.channel = p.channel and e.consent is not null and e.type = 'received'
  ) told;
end
$$;

-- Called by record_events and recall_provider_states. Promises that what a provider last said of itself is known, whatever
-- order it came in (of what was said in one second, what was told last), and since when it has taken nothing.
-- Answers those that changed, to the one transaction that changed them: [{provider, state, open, was_open}].
create or replace function keep_provider_states(events jsonb) returns jsonb
language sql
as $$
  with said as (
    select distinct on (e.provider) e.provider, s.state, s.open, e.occurred_at
    from rows from (
      jsonb_to_recordset(events) as (provider text, occurred_at timestamptz, provider_state jsonb)
    ) with ordinality as e (provider, occurred_at, provider_state, number)
    cross join lateral jsonb_to_record(e.provider_state) as s (state text, open boolean)
    where jsonb_typeof(e.provider_state) = 'object'
    order by e.provider, e.occurred_at desc, e.number desc
  ), before as (
    select p.provider, p.state, p.open
    from provider_states p
    where p.provider in (select provider from said)
    order by p.provider
    for update
  ), kept as (
    insert into provider_states as p (provider, state, open, changed_at, closed_at)
    select s.provider, s.state, s.open, s.occurred_at, case when not s.open then s.occurred_at end
    from said s
    -- Joined for its lock alone.
    left join before b on b.provider = s.provider
    order by s.provider
    on conflict (provider) do update
    set
      state = excluded.state,
      open = excluded.open,
      changed_at = excluded.changed_at,
      closed_at = case when not excluded.open then coalesce(p.closed_at, excluded.changed_at) end,
      queue_due_at = case when not excluded.open then p.queue_due_at end
    where excluded.changed_at >= p.changed_at
    returning p.provider, p.state, p.open
  )
  select jsonb_agg(jsonb_build_object(
    'provider', k.provider, 'state', k.state, 'open', k.open, 'was_open', coalesce(b.open, true)
  ) order by k.provider)
  from kept k
  left join before b on b.provider = k.provider
  where (k.open, k.state) is distinct from (coalesce(b.open, true), coalesce(b.state, case when k.open then k.state end))
$$;

-- Called by rewrite_events, when the events are rewritten (`readings`: what readings_of answers). Promises that what they said
-- of their providers before does not count any more, and that the latest does which is told of these providers.
create or replace function recall_provider_states(readings jsonb) returns void
language plpgsql
as $$
declare
  said jsonb;
begin
  select jsonb_agg(jsonb_build_object(
    'provider', p.provider,
    'occurred_at', case when p.before -> 'provider_state' <> 'null' then p.before -> 'occurred_at' end
  )) into said
  from jsonb_to_recordset(readings) as p (provider text, before jsonb, after jsonb)
  where p.before -> 'provider_state' <> 'null' or p.after -> 'provider_state' <> 'null';
  update provider_states p
  set changed_at = '-infinity', closed_at = case when p.closed_at <> all (s.times) then p.closed_at end
  from (
    select s.provider, array_remove(array_agg(s.occurred_at), null) as times
    from jsonb_to_recordset(said) as s (provider text, occurred_at timestamptz)
    group by s.provider
  ) s
  where p.provider = s.provider and (p.changed_at = any (s.times) or p.closed_at = any (s.times));
  perform keep_provider_states(jsonb_agg(to_jsonb(latest)))
  from (select distinct s.provider from jsonb_to_recordset(said) as s (provider text)) s
  cross join lateral (
    select e.provider, e.occurred_at, e.provider_state
    from message_events e
    where e.provider = s.provider and e.provider_state is not null
    order by e.occurred_at desc, e.id desc
    limit 1
  ) latest;
  delete from provider_states p where p.changed_at = '-infinity';
end
$$;
