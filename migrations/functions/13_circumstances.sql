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

-- Called by keep_consents. When a person last wrote from an address after it was called dead; null: never.
create or replace function written_since(on_channel text, of_address text, dead_since timestamptz) returns timestamptz
language sql stable
as $$
  select max(e.occurred_at)
  from messages m
  join message_events e on e.message_id = m.id and e.type = 'received'
  where m.sender = of_address and m.direction = 'inbound' and m.channel = on_channel and m.created_at >= dead_since
    and e.occurred_at > dead_since
$$;

-- Called by keep_consents, suppress_learnt and suppress_bouncing. Promises that what is said of addresses (`said`: rows of
-- suppressions, one an address, or null) counts beside what was said of them before, whichever was told first.
create or replace function merge_suppressions(said jsonb) returns void
language sql
as $$
  insert into suppressions as s (
    channel, address, withdrawn_at, given_at, dead_at, alive_at, reason, provider, message_id, tenant_id, updated_at
  )
  select
    n.channel, n.address, n.withdrawn_at, n.given_at, n.dead_at, n.alive_at, n.reason, n.provider, n.message_id, n.tenant_id, now()
  from jsonb_to_recordset(said) as n (
    channel text, address text, withdrawn_at timestamptz, given_at timestamptz, dead_at timestamptz, alive_at timestamptz,
    reason text, provider text, message_id uuid, tenant_id text
  )
  order by n.channel, n.address
  on conflict (channel, address) do update
  set (withdrawn_at, given_at, dead_at, alive_at, reason, message_id, tenant_id, updated_at) = (
    select
      greatest(s.withdrawn_at, excluded.withdrawn_at), greatest(s.given_at, excluded.given_at),
      greatest(s.dead_at, excluded.dead_at), greatest(s.alive_at, excluded.alive_at),
      case when later.said then excluded.reason else s.reason end,
      case when later.said then coalesce(excluded.message_id, s.message_id) else s.message_id end,
      case
        -- What somebody of a tenant enters takes nobody's people away from another.
        when later.said and excluded.provider <> 'person' then coalesce(excluded.tenant_id, s.tenant_id)
        else coalesce(s.tenant_id, excluded.tenant_id)
      end,
      now()
    from (
      select greatest(excluded.withdrawn_at, excluded.dead_at) >= coalesce(greatest(s.withdrawn_at, s.dead_at), '-infinity') as said
    ) later
  )
  -- A name is told again with each message: nothing is written for it.
  where (s.withdrawn_at, s.given_at, s.dead_at, s.alive_at, s.reason) is distinct from (
      greatest(s.withdrawn_at, excluded.withdrawn_at), greatest(s.given_at, excluded.given_at),
      greatest(s.dead_at, excluded.dead_at), greatest(s.alive_at, excluded.alive_at), excluded.reason
    )
    or s.tenant_id is null and excluded.tenant_id is not null
    or s.message_id is null and excluded.message_id is not null
$$;

-- Called by keep_consents. What is said of one group of a provider (`code`: group N) ends what was said of that group, and nothing
-- else: what withdraws otherwise counts again, and so does a dead address, also where that was told in between.
create or replace function end_in_groups(events jsonb) returns void
language sql
as $$
  update suppressions s
  set withdrawn_at = still.withdrawn_at, reason = still.reason, updated_at = now()
  from (
    select
      b.channel, b.recipient,
      max(said.at) filter (where not said.ended and said.of_person) as withdrawn_at,
      (array_agg(said.reason order by said.at desc) filter (where not said.ended))[1] as reason,
      array_agg(said.at) filter (where said.ended) as ended
    from (
      select distinct e.channel, e.recipient
      from jsonb_to_recordset(events) as told (provider text, event_id text, consent text)
      join message_events e on e.provider = told.provider and e.event_id = told.event_id
      where told.consent = 'given' and e.consent = 'given' and e.code like 'group %'
    ) b
    cross join lateral (
      select
        said_at(case when o.bounce_class is distinct from 'hard' then o.consent end, o.occurred_at, o.received_at) as at,
        ended_in_group(o) as ended, o.bounce_class is distinct from 'hard' as of_person, coalesce(o.code, o.type) as reason
      from message_events o
      where o.recipient = b.recipient and o.channel = b.channel and o.consent = 'withdrawn'
    ) said
    group by b.channel, b.recipient
  ) still
  where s.channel = still.channel and s.address = still.recipient
    -- Kept a little before, where a clock was ahead.
    and exists (
      select from unnest(still.ended) as left_at (at)
      where s.withdrawn_at between left_at.at - interval '10 seconds' and left_at.at
    )
    and s.withdrawn_at is distinct from still.withdrawn_at
$$;

-- Called by record_events, adopt_events and recall_consents. Promises that whoever withdrew consent is not written to any more, until
-- that person says otherwise, and that nobody writes to a dead address (bounce_class hard) until it proves to be somebody's:
-- decided by when it was said, not by when we heard of it. It is withdrawn under every name of that person; it is given to those
-- that it was said under alone, since an older number of theirs may be another person's by now.
create or replace function keep_consents(events jsonb) returns void
language sql
as $$
  select merge_suppressions(jsonb_agg(to_jsonb(one)))
  from (
    select distinct on (said.channel, said.address)
      said.channel, said.address,
      max(said.occurred_at) filter (where said.consent = 'withdrawn' and not said.of_address) over whom as withdrawn_at,
      max(said.occurred_at) filter (where said.consent = 'given' and not said.of_address) over whom as given_at,
      max(said.occurred_at) filter (where said.consent = 'withdrawn' and said.of_address) over whom as dead_at,
      max(case
        when not said.of_address then null
        when said.consent = 'given' then said.occurred_at
        else written_since(said.channel, said.address, said.occurred_at)
      end) over whom as alive_at,
      said.reason, said.provider, said.message_id, said.tenant_id
    from (
      select
        -- Nobody has said it in a time to come, though a clock of ours may have been wrong.
        e.channel, e.consent, e.bounce_class is not distinct from 'hard' as of_address,
        least(
          said_at(case when e.bounce_class is distinct from 'hard' then e.consent end, e.occurred_at, e.received_at), now()
        ) as occurred_at,
        e.provider, e.message_id, e.tenant_id, names.address, coalesce(e.code, e.type) as reason
      from jsonb_to_recordset(events) as told (provider text, event_id text, consent text)
      join message_events e on e.provider = told.provider and e.event_id = told.event_id
      left join messages m on m.id = e.message_id
      cross join lateral (select case when e.type = 'received' then m.sender else e.recipient end as person) who
      cross join lateral names_of(e.provider, who.person, e.alias) as names (address)
      where told.consent is not null and e.consent is not null and e.channel is not null
        and not (e.consent = 'given' and coalesce(e.code, '') like 'group %')
        and not ended_in_group(e)
        and (
          e.consent = 'withdrawn' or e.bounce_class = 'hard' or e.provider = 'person' or names.address in (who.person, e.alias)
        )
    ) said
    where said.address is not null
    window whom as (partition by said.channel, said.address)
    order by said.channel, said.address, said.consent desc, said.occurred_at desc
  ) one;
  select end_in_groups(events)
$$;

-- Called by record_events and rewrite_events, with what people wrote (`written`: the ids of their messages). Promises that
-- whoever writes is there: an address that was called dead before is not any more. What was said of consent stays.
create or replace function keep_signs_of_life(written uuid[]) returns void
language sql
as $$
  update suppressions k
  set alive_at = greatest(k.alive_at, said.at), updated_at = now()
  from (
    select m.channel, names.address, max(e.occurred_at) as at
    from messages m
    join message_events e on e.message_id = m.id and e.type = 'received'
    cross join lateral names_of(m.provider, m.sender, e.alias) as names (address)
    where m.id = any (written)
    group by m.channel, names.address
    order by m.channel, names.address
  ) said
  where k.channel = said.channel and k.address = said.address and k.dead_at is not null
    and said.at > greatest(k.dead_at, k.alive_at)
$$;

-- Called by rewrite_events, when the events are rewritten (`readings`: what readings_of answers). Promises that what they said
-- of consent before does not count any more, and that what they say now does, and all else that is told of the people whom
-- they spoke of. What was withdrawn in another way stays withdrawn.
create or replace function recall_consents(readings jsonb) returns void
language plpgsql
as $$
declare
  said jsonb := (
    select jsonb_agg(to_jsonb(s))
    from (
      select b.channel, names.address,
        array_agg(times.at) filter (where b.consent = 'withdrawn') as withdrawn,
        array_agg(times.at) filter (where b.consent = 'given') as given
      from jsonb_to_recordset(readings) as p (provider text, said_of text, before jsonb, kept jsonb)
      cross join lateral jsonb_to_record(p.before) as b (
        channel text, consent text, occurred_at timestamptz, alias text
      )
      cross join lateral (
        values (said_at(b.consent, b.occurred_at, (p.kept ->> 'received_at')::timestamptz)),
          -- As it was kept before it was reckoned.
          (b.occurred_at)
      ) as times (at)
      cross join lateral (
        select n.name as address from names_of(p.provider, p.said_of, b.alias) n
        union
        -- Said under a name before it was known whose that is.
        select a.alias from contact_aliases a where a.provider = p.provider and a.address = p.said_of
      ) names
      where b.consent is not null
      group by b.channel, names.address
    ) s
  );
begin
  perform from jsonb_to_recordset(said) as s (channel text, address text)
  join suppressions k on k.channel = s.channel and k.address = s.address
  order by k.channel, k.address
  for no key update of k;
  update suppressions k
  set
    withdrawn_at = case when k.withdrawn_at = any (s.withdrawn) then null else k.withdrawn_at end,
    given_at = case when k.given_at = any (s.given) then null else k.given_at end,
    dead_at = case when k.dead_at = any (s.withdrawn) then null else k.dead_at end,
    -- What that follows from is looked at anew.
    alive_at = null
  from jsonb_to_recordset(said) as s (channel text, address text, withdrawn timestamptz[], given timestamptz[])
  where k.channel = s.channel and k.address = s.address
    -- Entered by hand, where its provider tells nothing, and at a time that nobody knows any more: in doubt, it stays.
    and exists (select from message_events e where e.provider = k.provider);
  delete from suppressions k
  using jsonb_to_recordset(said) as s (channel text, address text)
  where k.channel = s.channel and k.address = s.address
    and k.withdrawn_at is null and k.given_at is null and k.dead_at is null;

  perform keep_consents(jsonb_agg(to_jsonb(told)))
  from (
    select p.provider, p.event_id, p.after ->> 'consent' as consent
    from jsonb_to_recordset(readings) as p (provider text, event_id text, after jsonb)
    union
    select e.provider, e.event_id, e.consent
    from jsonb_to_recordset(said) as s (channel text, address text)
    join message_events e on e.recipient = s.address and e.channel = s.channel
    where e.consent is not null and e.type <> 'received'
    union
    select e.provider, e.event_id, e.consent
    from jsonb_to_recordset(said) as s (channel text, address text)
    join messages m on m.sender = s.address and m.direction = 'inbound'
    join message_events e on e.message_id = m.id and e.channel = s.channel
    where e.consent is not null and e.type = 'received'
    union
    -- Under another name than the one that its person has now.
    select e.provider, e.event_id, e.consent
    from jsonb_to_recordset(said) as s (channel text, address text)
    join contact_aliases a on a.alias = s.address
    join messages m on m.sender = a.address and m.direction = 'inbound'
    join message_events e on e.message_id = m.id and e.channel = s.channel
    where e.consent is not null and e.type = 'received'
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
    -- Not in a time to come, though a clock of ours may have been wrong: else nothing that is said until then would count.
    select distinct on (e.provider) e.provider, s.state, s.open, least(e.occurred_at, now()) as occurred_at
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
begin
  update provider_states p
  set changed_at = '-infinity', closed_at = case when p.closed_at <> all (s.times) then p.closed_at end
  from (
    select r.provider, array_agg((r.before ->> 'occurred_at')::timestamptz) as times
    from jsonb_to_recordset(readings) as r (provider text, before jsonb)
    where r.before -> 'provider_state' <> 'null'
    group by r.provider
  ) s
  where p.provider = s.provider and (p.changed_at = any (s.times) or p.closed_at = any (s.times));
  perform keep_provider_states(jsonb_agg(to_jsonb(latest)))
  from (
    select distinct r.provider
    from jsonb_to_recordset(readings) as r (provider text, before jsonb, after jsonb)
    where r.before -> 'provider_state' <> 'null' or r.after -> 'provider_state' <> 'null'
  ) s
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
