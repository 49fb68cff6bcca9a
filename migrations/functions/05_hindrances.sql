-- What may keep a message from being sent: whether its person is not to be written to, and why. Called by 05_reserving, 06_attempts,
-- 06_claims, 08_receiving and 13_suppressions. Promises that what a person asked for outranks what became of their address.

-- Called wherever it is looked at why somebody is not written to. Whether a withdrawal from one group of a provider was
-- followed by a subscription to it.
create or replace function ended_in_group(left_by message_events) returns boolean
language sql stable
as $$
  select left_by.consent = 'withdrawn' and coalesce(left_by.code, '') like 'group %' and exists (
    select from public.message_events e
    where e.recipient = left_by.recipient and e.provider = left_by.provider and e.code = left_by.code and e.consent = 'given'
      and e.occurred_at > left_by.occurred_at
  )
$$;

-- Called by still_holds. Whether another message than the one that proved an address dead (`dead_message`) arrived there since: then
-- it is somebody's. Looked at here, and not kept: every receipt would else look for a dead address.
create or replace function arrived_since(on_channel text, of_address text, dead_since timestamptz, dead_message uuid)
returns boolean
language sql stable
as $$
  select exists (
    select from public.messages m
    where m.recipient = of_address and m.direction = 'outbound' and m.channel = on_channel
      and m.id is distinct from dead_message and greatest(m.delivered_at, m.read_at) > dead_since
  )
$$;

-- Called by hindrances. Whether a person asked not to be written to, and has not taken it back.
create or replace function asked_for(withdrawn_at timestamptz, given_at timestamptz) returns boolean
language sql immutable
as $$
  select withdrawn_at is not null and withdrawn_at >= coalesce(given_at, '-infinity')
$$;

-- Called by hindrances, of an address that has a suppression. Whether it is not to be written to: neither has its person asked
-- otherwise since, nor has it proved to be somebody's.
create or replace function still_holds(on_channel text, of_address text) returns boolean
language sql stable
as $$
  select exists (
    select from public.suppressions s
    where s.channel = on_channel and s.address = of_address and s.active and (
      s.dead_at is null
      or public.asked_for(s.withdrawn_at, s.given_at)
      or not public.arrived_since(on_channel, of_address, s.dead_at, s.message_id)
    )
  )
$$;

-- Called by hindrances and suppression_json. The event that keeps an address from being written to: told of the address itself, or
-- written by its person. `by_person`: it is what that person asked for, whatever proved the address dead since; false: that it is
-- dead; null: the last of both. None is known of what was entered by SQL, or is known under another name alone.
create or replace function cause_of(on_channel text, of_address text, by_message uuid, by_person boolean)
returns setof message_events
language sql stable
rows 1
as $$
  select said.*
  from (
    select e.*
    from public.message_events e
    where e.recipient = of_address and e.consent = 'withdrawn' and e.channel = on_channel and e.type <> 'received'
      and not public.ended_in_group(e)
    union all
    select e.*
    from public.messages m
    join public.message_events e on e.message_id = m.id and e.consent = 'withdrawn' and e.type = 'received'
    where m.sender = of_address and m.direction = 'inbound' and m.channel = on_channel
    union all
    select e.*
    from public.message_events e
    where e.message_id = by_message and e.consent = 'withdrawn'
  ) said
  where by_person is null or by_person = (said.bounce_class is distinct from 'hard')
  order by said.occurred_at desc, said.id desc
  limit 1
$$;

-- Called for each message that is begun, in its transaction. What may keep it from being sent now, or to all of its `copies`
-- (`told`): {suppressed: why its person is not to be written to, suppressed_copies: those who are not to be written to, heard_at:
-- when that person last wrote by WhatsApp through this provider (the release before reads it), heard_for_seconds: for how long
-- that is, stopped: why the provider takes nothing}; each is null where there is nothing.
create or replace function hindrances(on_channel text, of_address text, copies text[], by_provider text)
returns table (told jsonb)
language sql stable
rows 1
as $$
  select jsonb_build_object(
    'suppressed', (
      select coalesce(
        -- The row has the word of what came last, which may be its death.
        case when s.dead_at is not null and public.asked_for(s.withdrawn_at, s.given_at) then (
          select coalesce(c.code, c.type) from public.cause_of(on_channel, of_address, s.message_id, true) c
        ) end,
        s.reason, 'withdrawn'
      )
      from public.suppressions s
      where s.channel = on_channel and s.address = of_address and public.still_holds(s.channel, s.address)
    ),
    'suppressed_copies', (
      select jsonb_agg(s.address order by s.address) from public.suppressions s
      where s.channel = on_channel and s.address = any (copies) and public.still_holds(s.channel, s.address)
    ),
    'heard_at', heard.at,
    'heard_for_seconds', extract(epoch from now() - heard.at),
    'stopped', (select p.state from public.provider_states p where p.provider = by_provider and not p.open)
  )
  from (
    select case when on_channel = 'whatsapp' then (
      select m.created_at from public.messages m
      where m.sender = of_address and m.direction = 'inbound' and m.channel = 'whatsapp' and m.provider = by_provider
      order by m.created_at desc
      limit 1
    ) end as at
  ) heard
$$;

-- Called by record_events. What was told (`events`), without what our own pixel and links tell of mails that are not ours, or whose
-- person is not to be written to: whoever says no to mails is not looked at any more, in those of before neither. Of one mail two
-- hundred reads are kept: whoever has it may ask for its picture as often as they like.
create or replace function permitted_reads(events jsonb) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(t.value order by t.number), '[]')
  from jsonb_array_elements(events) with ordinality as t (value, number)
  where t.value ->> 'source' is distinct from 'pixel' or exists (
    select from public.messages m
    where m.id = (t.value ->> 'message_id')::uuid and m.direction = 'outbound' and m.channel = 'email'
      and not public.still_holds('email', m.recipient)
      and (
        select count(*)
        from (select from public.message_events e where e.message_id = m.id and e.source = 'pixel' limit 200) kept
      ) < 200
  )
$$;
