-- Who the many names of one person are: a number, the same number as a provider writes it, a user id, a `…@lid`. Called by
-- receiving, replay and reserving. Promises that what was said under one name, whenever, holds for the address that it was
-- told to be, whether that is known before or after. A name belongs to one provider.

-- Called wherever a person is named. The address of the person whom a provider calls so, as it was told last; null: it is not a
-- known alias.
create or replace function address_of(told_by text, called text) returns text
language sql stable
as $$
  select a.address
  from public.contact_aliases a
  where a.provider = told_by and a.alias = called
  order by a.learnt_at desc, a.address
  limit 1
$$;

-- Called by keep_consents and recall_consents. Of whom it holds what a person said: under the address or name that they are
-- known by, the one that the provider gave, and every address that either was told to be.
create or replace function names_of(told_by text, person text, called text) returns table (name text)
language sql stable
rows 2
as $$
  select n.name from (values (person), (called)) as n (name) where n.name is not null
  union
  select a.address
  from public.contact_aliases a
  where (a.provider = told_by or told_by = 'person') and a.alias in (person, called)
  union
  -- What somebody of the team enters is meant for the person, whichever name they took.
  select a.alias
  from public.contact_aliases a
  where told_by = 'person' and a.address = person
$$;

-- Called by record_events, before its events, and by rewrite_events. What people wrote (`events`: as record_events takes them), of
-- whom it really is: a message of ours that is quoted names its person, whatever number or name the provider shows this time;
-- else a known alias is the address that it stands for. What the provider called them stays as `alias`.
create or replace function people_named(events jsonb) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(
    case
      when who.person is null or who.person = who.sender then t.value
      -- Of two names only a number is an address.
      when who.person not like '+%' and who.sender like '+%'
        then t.value || jsonb_build_object('alias', coalesce(who.alias, who.person), 'alias_of', who.sender)
      else t.value || jsonb_build_object(
        'inbound', t.value -> 'inbound' || jsonb_build_object('sender', who.person),
        'alias', coalesce(who.alias, who.sender),
        'alias_of', case when who.quoted is not null then who.person else t.value ->> 'alias_of' end
      )
    end
    order by t.number
  ), '[]')
  from jsonb_array_elements(events) with ordinality as t (value, number)
  left join lateral (
    select
      said.sender, t.value ->> 'alias' as alias, quoted.recipient as quoted,
      coalesce(quoted.recipient, case
        -- A number that we write to is a person's own, whoever else once answered from it.
        when said.sender not like '+%' or not exists (
          select from messages m where m.recipient = said.sender and m.direction = 'outbound'
        ) then address_of(t.value ->> 'provider', said.sender)
      end) as person
    from jsonb_to_record(nullif(t.value -> 'inbound', 'null')) as said (sender text, replied_to text)
    left join lateral (
      -- By its id alone (offset 0), however many messages there are: not by their age, nor by their channel.
      select m.recipient
      from (select * from messages i where i.provider_message_id = said.replied_to offset 0) m
      where m.provider = t.value ->> 'provider' and m.channel = t.value ->> 'channel' and m.direction = 'outbound'
      order by m.created_at desc
      limit 1
    ) quoted on true
  ) who on jsonb_typeof(t.value -> 'inbound') = 'object'
$$;

-- Called by record_events, before its events. Promises that what a person wrote is one message, under whichever spelling of their
-- chat it is told: a later telling becomes a repeat of the first. A provider's id may be another message's in another chat;
-- so it is the same only where the person is, or where one of the two tells no number: that is then known to be the other's.
-- Whoever tells the same at the same moment waits. Answers `events`, so changed.
create or replace function told_before(events jsonb) returns jsonb
language plpgsql
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('written ' || w.id, 0))
  from (
    select distinct (e.value ->> 'provider') || ' ' || (e.value ->> 'provider_message_id') as id
    from jsonb_array_elements(events) as e
    where jsonb_typeof(e.value -> 'inbound') = 'object' and e.value ->> 'provider_message_id' is not null
    order by id
  ) w;
  return (
    with said as materialized (
      select
        t.number, t.value ->> 'provider' as provider, t.value ->> 'provider_message_id' as their_id,
        (t.value ->> 'message_id')::uuid as message_id, t.value ->> 'event_id' as event_id,
        t.value #>> '{inbound,sender}' as sender
      from jsonb_array_elements(events) with ordinality as t (value, number)
      where jsonb_typeof(t.value -> 'inbound') = 'object' and t.value ->> 'provider_message_id' is not null
        -- What is said anew of an older message, under that message's id, is another one.
        and not t.value -> 'inbound' @? '$.media[*] ? (@.kind == "edit" || @.kind == "deletion" || @.kind == "vote")'
    ), earlier as materialized (
      select s.number, s.sender, s.event_id, first.message_id, first.event_id as first_id, first.sender as first_sender
      from said s
      cross join lateral (
        select f.*
        from (
          select m.id as message_id, e.event_id, m.sender, m.created_at, 0 as number
          from (select * from messages i where i.provider_message_id = s.their_id offset 0) m
          left join lateral (
            select e.event_id from message_events e where e.message_id = m.id and e.type = 'received'
          ) e on true
          where m.provider = s.provider and m.direction = 'inbound'
          union all
          select b.message_id, b.event_id, b.sender, 'infinity', b.number
          from said b
          where b.their_id = s.their_id and b.provider = s.provider and b.number < s.number
        ) f
        where f.sender = s.sender or (f.sender like '+%') <> (s.sender like '+%')
        order by f.created_at, f.number, f.event_id
        limit 1
      ) first
      where first.message_id <> s.message_id
    )
    select jsonb_agg(
      case
        when e.number is null then t.value
        else t.value
          || jsonb_build_object('message_id', e.message_id, 'event_id', coalesce(e.first_id, e.event_id))
          || case
            when e.first_sender = e.sender then '{}'
            when e.sender like '+%' then jsonb_build_object('alias', e.first_sender, 'alias_of', e.sender)
            else jsonb_build_object('alias', e.sender, 'alias_of', e.first_sender)
          end
      end
      order by t.number
    )
    from jsonb_array_elements(events) with ordinality as t (value, number)
    left join earlier e on e.number = t.number
  );
end
$$;

-- Called by learn_names (`aliases`: [{provider, alias, address}]). Promises that what was said of being written to under an alias
-- holds for each address that it was told to be. That its person may be written to again holds there only where the alias was never
-- told to be another: the address of whoever has a new number is another person's by now, and may have said STOP itself.
create or replace function suppress_learnt(aliases jsonb) returns void
language plpgsql
as $$
begin
  perform merge_suppressions(jsonb_agg(to_jsonb(said)))
  from (
    select distinct on (k.channel, l.address)
      k.channel, l.address, k.reason, k.provider, k.message_id, k.tenant_id,
      max(k.withdrawn_at) filter (where known.alone or k.withdrawn_at >= coalesce(k.given_at, '-infinity')) over whom as withdrawn_at,
      max(k.dead_at) filter (
        where known.alone or k.dead_at > coalesce(greatest(k.given_at, k.alive_at), '-infinity')
      ) over whom as dead_at,
      max(k.given_at) filter (where known.alone) over whom as given_at,
      max(k.alive_at) filter (where known.alone) over whom as alive_at
    from jsonb_to_recordset(aliases) as l (provider text, alias text, address text)
    join suppressions k on k.address = l.alias
    cross join lateral (
      select not exists (
        select from contact_aliases o
        where o.provider = l.provider and o.alias = l.alias and o.address <> l.address
      ) as alone
    ) known
    where known.alone or k.active
    window whom as (partition by k.channel, l.address)
    order by k.channel, l.address, greatest(k.withdrawn_at, k.dead_at) desc nulls last
  ) said;
end
$$;

-- Called by learn_names (`aliases`: [{provider, alias, address}]). Promises that what a person wrote under an alias is of their
-- address, and so of the tenant that is answered there.
create or replace function rename_written(aliases jsonb) returns void
language plpgsql
as $$
begin
  with renamed as (
    update messages m
    set
      sender = n.address,
      tenant_id = coalesce(m.tenant_id, asked.tenant_id),
      lead_id = coalesce(m.lead_id, case when m.tenant_id is null then asked.lead_id end)
    from (
      select w.id, w.channel, w.recipient, w.replied_to, w.created_at, l.provider, l.address
      from jsonb_to_recordset(aliases) as l (provider text, alias text, address text)
      cross join lateral (
        select * from messages i where i.sender = l.alias and i.direction = 'inbound' offset 0
      ) w
      where w.provider = l.provider
    ) n
    left join lateral whose_answer(
      n.channel, n.provider, n.address, n.recipient, n.replied_to, n.created_at, 0
    ) asked on true
    where m.id = n.id
    returning m.id, m.tenant_id, m.lead_id
  )
  update message_events e
  set tenant_id = coalesce(e.tenant_id, r.tenant_id), lead_id = coalesce(e.lead_id, r.lead_id)
  from renamed r
  where e.message_id = r.id and (e.tenant_id is null or e.lead_id is null);
end
$$;

-- Called by learn_names (`aliases`: [{provider, alias, address}]). Promises that what went to an alias went to the address.
create or replace function rename_sent(aliases jsonb) returns void
language sql
as $$
  with renamed as (
    update messages m
    set recipient = l.address
    from jsonb_to_recordset(aliases) as l (provider text, alias text, address text)
    cross join lateral (select * from messages i where i.recipient = l.alias offset 0) n
    where m.id = n.id and n.provider = l.provider and n.direction = 'outbound'
    returning m.id, m.recipient, l.alias
  )
  update message_events e
  set recipient = r.recipient
  from renamed r
  where e.message_id = r.id and e.recipient = r.alias
$$;

-- Called by keep_names and adopt_events (`learnt`: [{provider, alias, address, learnt_at}], or null). Promises that what this
-- person wrote and got under the alias is of that address, and so is what they said of being written to.
create or replace function learn_names(learnt jsonb) returns void
language plpgsql
as $$
declare
  aliases jsonb;
begin
  if learnt is null then
    return;
  end if;
  with told as (
    insert into contact_aliases as a (provider, alias, address, learnt_at)
    select l.provider, l.alias, l.address, max(l.learnt_at)
    from jsonb_to_recordset(learnt) as l (provider text, alias text, address text, learnt_at timestamptz)
    where l.address <> l.alias and l.address like '+%'
    group by l.provider, l.alias, l.address
    order by l.alias, l.provider, l.address
    on conflict (alias, provider, address) do update
    set learnt_at = greatest(a.learnt_at, excluded.learnt_at)
    returning a.provider, a.alias, a.address
  )
  select jsonb_agg(to_jsonb(t)) into aliases from told t;
  if aliases is null then
    return;
  end if;
  perform suppress_learnt(aliases);

  -- A number is a person's own: what we wrote to it was not meant for another one.
  aliases := (
    select jsonb_agg(to_jsonb(l) || jsonb_build_object('address', address_of(l.provider, l.alias)))
    from (select distinct a.provider, a.alias from jsonb_to_recordset(aliases) as a (provider text, alias text)) l
    where l.alias not like '+%'
      or not exists (select from messages m where m.recipient = l.alias and m.direction = 'outbound')
  );
  -- By id, as everywhere else.
  perform from messages m
  where m.id = any (array(
    select n.id
    from jsonb_to_recordset(aliases) as l (provider text, alias text)
    cross join lateral (
      select i.id, i.provider from messages i where i.sender = l.alias and i.direction = 'inbound' offset 0
    ) n
    where n.provider = l.provider
    union all
    select n.id
    from jsonb_to_recordset(aliases) as l (provider text, alias text)
    cross join lateral (select * from messages i where i.recipient = l.alias offset 0) n
    where n.direction = 'outbound' and n.provider = l.provider
  ))
  order by m.id
  for no key update;
  perform rename_written(aliases);
  perform rename_sent(aliases);
end
$$;

-- Called by record_events, before its events, and by rewrite_events. Promises that a person's alias is known to be the address
-- that an event tells with it, or that of our message which the event is about.
create or replace function keep_names(events jsonb) returns void
language sql
as $$
  select learn_names((
    select jsonb_agg(jsonb_build_object(
      'provider', e.provider, 'alias', e.alias, 'address', coalesce(e.alias_of, m.recipient), 'learnt_at', e.occurred_at
    ))
    from jsonb_to_recordset(events) as e (
      provider text, provider_message_id text, message_id uuid, type text, alias text, alias_of text, occurred_at timestamptz
    )
    left join lateral (
      select own.recipient
      from match_event(e.provider, e.message_id, e.provider_message_id, null, false, null, 0, 0) found
      join messages own on own.id = found.id
      where e.alias_of is null and e.type <> 'received'
    ) m on true
    where e.alias is not null
  ))
$$;

-- Called by reserve_messages. The sends (`reservations`), each to the address of its person, where that is known of the name that it
-- goes to.
create or replace function addressed(reservations jsonb) returns jsonb
language sql stable
as $$
  select jsonb_agg(
    case
      when who.address is null then r.value
      else jsonb_set(r.value, '{message,recipient}', to_jsonb(who.address))
    end
    order by r.number
  )
  from jsonb_array_elements(reservations) with ordinality as r (value, number)
  cross join lateral jsonb_to_record(r.value -> 'message') as m (channel text, provider text, recipient text)
  cross join lateral (
    select case
      when m.channel = 'whatsapp' and m.recipient not like '+%' then address_of(m.provider, m.recipient)
    end as address
  ) who
$$;
