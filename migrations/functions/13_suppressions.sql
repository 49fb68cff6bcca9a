-- Who is not to be written to, as people see and change it, and as providers do. Called by routes/suppressions.ts and src/reconciliation/. Promises that what a person enters or
-- ends is an event like what providers tell (source `person`), so that it is kept with who did it, and that nothing is erased.

-- Called by the functions below. A suppression (`of`: its row) as it is shown: why (what a person said, else the event's word and
-- its provider's code), and the event that caused it, with who did where that was a person.
create or replace function suppression_json(of jsonb) returns jsonb
language sql stable
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'channel', s.channel,
    'address', s.address,
    'reason', coalesce(case when e.source = 'person' then e.reason else e.type end, s.reason, 'withdrawn'),
    'code', case when e.source <> 'person' then e.code end,
    'since', case
      when w.counts then s.withdrawn_at
      when s.active then s.dead_at
      else greatest(s.withdrawn_at, s.dead_at)
    end,
    'until', case when not s.active then greatest(s.given_at, s.alive_at) end
  )) || jsonb_build_object('source', jsonb_build_object(
    'provider', coalesce(e.provider, s.provider),
    'eventId', e.event_id,
    'messageId', coalesce(e.message_id, s.message_id)
  ) || case when e.source = 'person' then jsonb_build_object('by', e.raw ->> 'by') else '{}' end)
  from jsonb_to_record(of) as s (
    channel text, address text, reason text, provider text, message_id uuid, withdrawn_at timestamptz, given_at timestamptz,
    dead_at timestamptz, alive_at timestamptz, active boolean
  )
  cross join lateral (select coalesce(s.withdrawn_at >= coalesce(s.given_at, '-infinity'), false) as counts) w
  left join cause_of(s.channel, s.address, s.message_id, case when s.active then w.counts end) e on true
$$;

-- Promises those who are not to be written to, by channel and address, after a place (`after_channel`, `after_address`); `tenant`
-- null: everybody's. One `of_address` is shown also where that has ended. Answers [what suppression_json tells].
create or replace function list_suppressions(
  tenant text,
  on_channel text,
  of_address text,
  after_channel text,
  after_address text,
  at_most integer
) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(suppression_json(to_jsonb(s)) order by s.channel, s.address), '[]')
  from (
    select k.*
    from suppressions k
    where (tenant is null or k.tenant_id = tenant)
      and (on_channel is null or k.channel = on_channel)
      and (of_address is null or k.address = of_address)
      and (k.active or of_address is not null and num_nonnulls(k.withdrawn_at, k.dead_at) > 0)
      and (after_channel is null or (k.channel, k.address) > (after_channel, after_address))
    order by k.channel, k.address
    limit at_most
  ) s
$$;

-- Called by suppress_address and release_address. Promises that what a person said of an address (`said`: {channel, address, type,
-- provider_type, consent, reason, event_id, request_id, by}) is kept as an event of this moment, and counts.
create or replace function say_of_address(said jsonb, tenant text) returns void
language plpgsql
as $$
begin
  insert into message_events (
    provider, event_id, type, provider_type, channel, tenant_id, recipient, reason, code, source, occurred_at, received_at,
    request_id, raw, consent, bounce_class
  )
  values (
    'person', said ->> 'event_id', said ->> 'type', said ->> 'provider_type', said ->> 'channel', tenant, said ->> 'address',
    said ->> 'reason', 'person', 'person', now(), now(), said ->> 'request_id',
    jsonb_build_object('by', said -> 'by', 'reason', said -> 'reason'), said ->> 'consent', said ->> 'bounce_class'
  );
  perform keep_consents(jsonb_build_array(said || '{"provider": "person"}'));
  -- An event that belongs to no message gives no tenant to what it says.
  update suppressions k
  set tenant_id = coalesce(k.tenant_id, tenant)
  where k.channel = said ->> 'channel' and k.address = said ->> 'address';
end
$$;

-- Promises that an address is not written to from now on; where its person already asked for that, the reason stays, since what they
-- said must not become what somebody else entered. That it is dead is no such reason: it ends by itself. `said`: see
-- say_of_address. Answers what suppression_json tells; of what was another tenant's, only that it stands.
create or replace function suppress_address(said jsonb, tenant text) returns jsonb
language plpgsql
as $$
declare
  found suppressions;
begin
  select * into found
  from suppressions k
  where k.channel = said ->> 'channel' and k.address = said ->> 'address'
  for update;
  if (found.withdrawn_at >= coalesce(found.given_at, '-infinity')) is not true then
    perform say_of_address(said, tenant);
    select * into found
    from suppressions k
    where k.channel = said ->> 'channel' and k.address = said ->> 'address';
  end if;
  if tenant is not null and found.tenant_id is distinct from tenant then
    return jsonb_build_object(
      'channel', found.channel, 'address', found.address, 'reason', 'withdrawn', 'since', greatest(found.withdrawn_at, found.dead_at)
    );
  end if;
  return suppression_json(to_jsonb(found));
end
$$;

-- Promises that an address may be written to again. Where its person asked not to be (a complaint, STOP, an unsubscribe) since it
-- last could be, also before something else was said, only with `forced`. `tenant` null: everybody's; `said`: see
-- say_of_address. Answers {outcome: released | missing | needs_force, suppression: what suppression_json tells}.
create or replace function release_address(said jsonb, tenant text, forced boolean) returns jsonb
language plpgsql
as $$
declare
  found suppressions;
  asked_for boolean;
begin
  select * into found
  from suppressions k
  where k.channel = said ->> 'channel' and k.address = said ->> 'address' and (tenant is null or k.tenant_id = tenant)
    and num_nonnulls(k.withdrawn_at, k.dead_at) > 0
  for update;
  if found.address is null then
    return '{"outcome": "missing"}'::jsonb;
  end if;
  if found.active then
    select bool_or(e.bounce_class is distinct from 'hard' and e.source <> 'person') into asked_for
    from (
      select e.bounce_class, e.source, e.occurred_at
      from message_events e
      where e.recipient = found.address and e.consent = 'withdrawn' and e.channel = found.channel and e.type <> 'received'
        and not ended_in_group(e)
      union all
      select e.bounce_class, e.source, e.occurred_at
      from messages m
      join message_events e on e.message_id = m.id and e.consent = 'withdrawn' and e.type = 'received'
      where m.sender = found.address and m.direction = 'inbound' and m.channel = found.channel
    ) e
    -- By clocks that may differ a little, and by most in whole seconds.
    where e.occurred_at >= coalesce(found.given_at, '-infinity') - interval '1 second';
    -- Nothing is known of what was said: only what has a word of its own is surely about the address alone.
    asked_for := coalesce(asked_for, found.reason not in ('bounced', 'person', 'soft_bounces'));
    if asked_for and not forced then
      return jsonb_build_object('outcome', 'needs_force', 'suppression', suppression_json(to_jsonb(found)));
    end if;
    -- That an address is somebody's says nothing of what that person wants, nor takes back what is told of it later.
    perform say_of_address(
      case when found.withdrawn_at is null then said || '{"bounce_class": "hard"}' else said end, found.tenant_id
    );
    select * into found
    from suppressions k
    where k.channel = said ->> 'channel' and k.address = said ->> 'address';
  end if;
  return jsonb_build_object('outcome', 'released', 'suppression', suppression_json(to_jsonb(found)));
end
$$;

-- Called by reconciliation. Promises what we make of those whom a provider of email writes to no more (`told`: [{address, since,
-- dead: it is dead, and its person asked for nothing}]): `unknown`, the places in `told`, from 0, of those whom we would still write
-- to; `released`, those who were freed here since: [{address, asked: it was what its person had asked for}].
create or replace function compare_suppressions(told jsonb) returns jsonb
language sql stable
as $$
  select jsonb_build_object(
    'unknown', coalesce(jsonb_agg(t.place - 1 order by t.place) filter (where not k.known and not k.released), '[]'),
    'released', coalesce(
      jsonb_agg(distinct jsonb_build_object('address', t.address, 'asked', not t.dead)) filter (where k.released), '[]'
    )
  )
  from rows from (jsonb_to_recordset(told) as (address text, since timestamptz, dead boolean)) with ordinality
    as t (address, since, dead, place)
  cross join lateral (
    select
      coalesce(bool_or(s.active and (t.dead or asked_for(s.withdrawn_at, s.given_at))), false) as known,
      coalesce(
        bool_or(not s.active and case when t.dead then greatest(s.given_at, s.alive_at) else s.given_at end >= t.since), false
      ) as released
    from suppressions s
    where s.channel = 'email' and s.address = t.address
  ) k
$$;

-- Called by src/receiving/recorder.ts, where mails to these `addresses` bounced for now. Promises that nobody writes to an address to
-- which the last `in_a_row` mails that ended came back so, all of them made since it was freed or proved to be somebody's: until it
-- proves that again (suppressions.dead_at). Of each address the last `among` mails are looked at; one
-- that has not come back for `silent_seconds` has arrived. Answers how many are new.
create or replace function suppress_bouncing(addresses jsonb, in_a_row integer, among integer, silent_seconds integer)
returns jsonb
language plpgsql
as $$
declare
  bouncing jsonb;
begin
  select jsonb_agg(to_jsonb(b))
  into bouncing
  from (
    select
      'email' as channel, a.address, last.dead_at, 'soft_bounces' as reason, last.provider, last.message_id, last.tenant_id
    from (select distinct value as address from jsonb_array_elements_text(addresses)) a
    left join suppressions s on s.channel = 'email' and s.address = a.address
    cross join lateral (
      select
        count(*) as ended, bool_and(told.soft) as soft, min(told.created_at) as since,
        -- Not in a time to come, though its provider's clock may say so.
        least(max(told.bounced_at), now()) as dead_at,
        (array_agg(told.provider order by told.created_at desc))[1] as provider,
        (array_agg(told.id order by told.created_at desc))[1] as message_id,
        (array_agg(told.tenant_id order by told.created_at desc))[1] as tenant_id
      from (
        select
          m.id, m.provider, m.tenant_id, m.created_at, m.bounced_at,
          coalesce(m.bounced_at is not null and m.bounce_class = 'soft', false) as soft
        from (select * from messages r where r.recipient = a.address order by r.created_at desc limit among) m
        where m.direction = 'outbound' and m.channel = 'email'
          and (
            num_nonnulls(m.bounced_at, m.delivered_at, m.opened_at, m.clicked_at) > 0
            -- Many servers report no delivery, and none tries for as long.
            or m.sent_at < now() - make_interval(secs => silent_seconds)
          )
        order by m.created_at desc
        limit in_a_row
      ) told
    ) last
    where last.ended = in_a_row and last.soft and s.active is not true
      and last.since > coalesce(greatest(s.given_at, s.alive_at), '-infinity')
  ) b;
  if bouncing is not null then
    perform merge_suppressions(bouncing);
  end if;
  return to_jsonb(coalesce(jsonb_array_length(bouncing), 0));
end
$$;
