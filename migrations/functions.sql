-- Every function, current. Re-applied whole at each migration that finds another digest: first those of an earlier state
-- (they carry our mark) go, then these come, in one transaction. Named arguments in, jsonb out. SQL decides sets and
-- atomicity; what an event means is decided before it gets here.
--
-- A connection plans a function's statements once and keeps the plan, also where the tables were empty then (and PGlite,
-- without autovacuum, never plans again). So functions that look up rows by key are told to use indexes (enable_*), and
-- the settings reach the functions that they call. Lists and counts are planned anew each time (force_custom_plan).

do $$
declare
  ours regprocedure;
begin
  for ours in
    select p.oid
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and obj_description(p.oid, 'pg_proc') = 'max-comms'
  loop
    execute format('drop function %s', ours);
  end loop;
end
$$;

-- Called at boot. Promises the highest migration and the digest of this file that the database has.
create function schema_version() returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select jsonb_build_object(
    'version', (select max(version) from schema_migrations where version > 0),
    'functions', (select digest from schema_migrations where version = 0)
  )
$$;

-- What the outside sees of a message.
create function message_json(m messages) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select to_jsonb(m)
$$;

-- Called before the first byte of a send goes out. Promises: one message a tenant and key within seven days, its first
-- attempt with owner and lease committed, or the reason why not. `message` holds the columns' values; `idempotency`
-- {key, requestHash} or null; `limits` {hour, recipientDay}, each null for none.
-- Answers {outcome: reserved | scheduled | repeat | conflict | limited, message}.
create function reserve_message(
  message jsonb,
  idempotency jsonb,
  limits jsonb,
  owner text,
  lease_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  wanted messages := jsonb_populate_record(null::messages, message);
  claimed idempotency_keys;
  known messages;
begin
  if idempotency is not null and jsonb_typeof(idempotency) <> 'null' then
    insert into idempotency_keys as k (tenant_id, key, request_hash, message_id, created_at)
    values (wanted.tenant_id, idempotency ->> 'key', idempotency ->> 'requestHash', wanted.id, moment)
    on conflict (tenant_id, key) do update
      set request_hash = excluded.request_hash, message_id = excluded.message_id, created_at = excluded.created_at
      where k.created_at < moment - interval '7 days'
    returning * into claimed;
    if claimed.message_id is null then
      select * into claimed from idempotency_keys k
      where k.tenant_id = wanted.tenant_id and k.key = idempotency ->> 'key';
      if claimed.request_hash <> idempotency ->> 'requestHash' then
        return jsonb_build_object('outcome', 'conflict');
      end if;
      select * into known from messages m where m.id = claimed.message_id;
      return jsonb_build_object('outcome', 'repeat', 'message', message_json(known));
    end if;
  end if;

  if limits ->> 'hour' is not null or limits ->> 'recipientDay' is not null then
    -- Those who count at the same moment would all still find room.
    perform pg_advisory_xact_lock(hashtextextended('send limit ' || wanted.tenant_id, 0));
  end if;
  if over_limit(wanted.tenant_id, wanted.recipient, limits, moment) then
    delete from idempotency_keys k
    where k.tenant_id = wanted.tenant_id and k.key = idempotency ->> 'key' and k.message_id = wanted.id;
    return jsonb_build_object('outcome', 'limited');
  end if;

  wanted.direction := 'outbound';
  wanted.created_at := moment;
  wanted.updated_at := moment;
  wanted.warnings := coalesce(wanted.warnings, '[]');
  if wanted.send_at > moment then
    wanted.phase := 'scheduled';
    wanted.attempts := 0;
    wanted.next_attempt_at := wanted.send_at;
  else
    wanted.phase := 'sending';
    wanted.attempts := 1;
    wanted.queued_at := moment;
  end if;
  insert into messages (
    id, tenant_id, channel, direction, provider, recipient, sender, lead_id, parent_type, parent_id, subject, text,
    metadata, warnings, request_id, attempts, phase, send_at, expires_at, next_attempt_at, created_at,
    updated_at, queued_at
  ) values (
    wanted.id, wanted.tenant_id, wanted.channel, wanted.direction, wanted.provider, wanted.recipient, wanted.sender,
    wanted.lead_id, wanted.parent_type, wanted.parent_id, wanted.subject, wanted.text, wanted.metadata,
    wanted.warnings, wanted.request_id, wanted.attempts, wanted.phase, wanted.send_at,
    wanted.expires_at, wanted.next_attempt_at, wanted.created_at, wanted.updated_at, wanted.queued_at
  ) returning * into known;
  insert into message_payloads (message_id, payload) values (wanted.id, message -> 'payload');
  if wanted.phase = 'sending' then
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
    values (wanted.id, 1, wanted.provider, owner, now() + make_interval(secs => lease_seconds), moment);
  end if;
  return jsonb_build_object(
    'outcome', case when wanted.phase = 'scheduled' then 'scheduled' else 'reserved' end,
    'message', message_json(known)
  );
end
$$;

-- Called by reserve_message. Counts at most as far as the limit, so that its cost does not grow with the table.
create function over_limit(tenant text, address text, limits jsonb, moment timestamptz) returns boolean
language sql stable
set timezone to 'UTC'
as $$
  select
    case when limits ->> 'hour' is null then false else (
      select count(*) >= (limits ->> 'hour')::integer
      from (
        select from messages m
        where m.tenant_id = tenant and m.direction = 'outbound' and m.created_at > moment - interval '1 hour'
        limit (limits ->> 'hour')::integer
      ) recent
    ) end
    or case when limits ->> 'recipientDay' is null then false else (
      select count(*) >= (limits ->> 'recipientDay')::integer
      from (
        select from messages m
        where m.recipient = address and m.tenant_id = tenant and m.direction = 'outbound'
          and m.created_at > moment - interval '1 day'
        limit (limits ->> 'recipientDay')::integer
      ) recent
    ) end
$$;

-- Called for every webhook, poll and outcome of a send. Promises, in one transaction, everything that they mean: each
-- event kept once and matched to its message, inbound messages created, attempts ended, facts stamped.
-- `events`: [{provider, event_id, type, …, inbound?}], `outcomes`: [{message_id, attempt, outcome, …}],
-- `quarantined`: [{provider, digest, reason, bytes (base64), …}].
-- Answers {recorded, repeated, quarantined, parked, stamped: [{message_id, facts: [first stamps]}]}.
-- Rows are always taken in the same order (events by key, then messages by id), so that two processes telling of the
-- same messages wait for each other instead of deadlocking.
create function record_events(events jsonb, outcomes jsonb, quarantined jsonb) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set plan_cache_mode to force_generic_plan
as $$
declare
  told integer := jsonb_array_length(events);
  recorded integer;
  parked integer;
  kept integer := 0;
  touched uuid[];
  stamped jsonb := '[]';
begin
  perform create_inbound_messages(events);

  with incoming as (
    select distinct on (e.provider, e.event_id) e.*
    from jsonb_to_recordset(events) as e (
      provider text, event_id text, type text, provider_type text, channel text, message_id uuid,
      provider_message_id text, recipient text, reason text, code text, bounce_class text, url text, machine boolean,
      guess boolean, source text, occurred_at timestamptz, received_at timestamptz, request_id text, raw jsonb,
      raw_text text, inbound jsonb
    )
    order by e.provider, e.event_id, e.occurred_at
  ), inserted as (
    insert into message_events (
      provider, event_id, type, provider_type, channel, provider_message_id, message_id, tenant_id, lead_id,
      recipient, reason, code, bounce_class, url, machine, source, guessed, guessable, occurred_at, received_at,
      request_id, raw, raw_text
    )
    select
      e.provider, e.event_id, e.type, e.provider_type, coalesce(m.channel, e.channel),
      e.provider_message_id, m.id, m.tenant_id, m.lead_id, coalesce(e.recipient, m.recipient), e.reason, e.code,
      e.bounce_class, e.url, coalesce(e.machine, false), e.source, coalesce(found.guessed, false),
      coalesce(e.guess, false) and e.message_id is null, e.occurred_at, e.received_at, e.request_id, e.raw,
      e.raw_text
    from incoming e
    left join lateral match_event(
      e.provider, e.message_id, e.provider_message_id, e.recipient, coalesce(e.guess, false), e.occurred_at
    ) found on true
    -- What a person wrote has its own message; every other event is about one of ours.
    left join messages m on m.id = case when e.inbound is null then found.id else e.message_id end
    order by e.provider, e.event_id
    on conflict (provider, event_id) do nothing
    returning message_id
  )
  select
    count(*),
    count(*) filter (where message_id is null),
    array_agg(distinct message_id) filter (where message_id is not null)
  into recorded, parked, touched
  from inserted;

  if told > recorded then
    touched := touched || adopt_repeated(events);
  end if;
  touched := touched || array(select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid));
  if cardinality(touched) > 0 then
    -- All of them at once, by id: whoever tells of the same messages waits here, and nobody waits for him elsewhere.
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    perform end_attempts(outcomes);
    stamped := stamp_messages(touched);
  end if;

  if jsonb_array_length(quarantined) > 0 then
    insert into quarantined_events (provider, digest, event_id, reason, bytes, request_id, received_at)
    select distinct on (q.provider, q.digest)
      q.provider, q.digest, q.event_id, q.reason, decode(q.bytes, 'base64'), q.request_id, q.received_at
    from jsonb_to_recordset(quarantined) as q (
      provider text, digest text, event_id text, reason text, bytes text, request_id text, received_at timestamptz
    )
    order by q.provider, q.digest
    on conflict (provider, digest) do nothing;
    get diagnostics kept = row_count;
  end if;

  return jsonb_build_object(
    'recorded', recorded,
    'repeated', told - recorded,
    'parked', parked,
    'quarantined', kept,
    'stamped', stamped
  );
end
$$;

-- Called by record_events where something was told again. Promises that a receipt which lay parked is adopted by the
-- message that its second telling names, and that what a look-up could not tell of a person's message (the button that
-- was pressed, media) is taken from the webhook that comes after it. Answers the messages that have one more event.
create function adopt_repeated(events jsonb) returns uuid[]
language sql
set timezone to 'UTC'
as $$
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
  where m.id = again.message_id and m.direction = 'inbound' and jsonb_typeof(again.inbound) = 'object';

  with adopted as (
    update message_events e
    set
      message_id = m.id,
      tenant_id = m.tenant_id,
      lead_id = m.lead_id,
      channel = m.channel,
      recipient = coalesce(e.recipient, m.recipient)
    from jsonb_to_recordset(events) as again (provider text, event_id text, message_id uuid)
    join messages m on m.id = again.message_id and m.direction = 'outbound'
    where e.provider = again.provider and e.event_id = again.event_id and e.message_id is null
    returning e.message_id
  )
  select array_agg(distinct message_id) from adopted
$$;

-- Called by record_events and match_parked_events. Promises at most one message of ours: the one that has the
-- provider's id (what the provider answered to our own send outranks any claim), else the one whose id came back, else, only where the event names none and may be guessed, the latest send to
-- that address in the week before (never one that still waits for its first attempt: nothing can be told of it).
-- It has no settings of its own, and so names its schema: only then does Postgres plan it into the statements of its
-- callers, instead of running it apart for every event.
create function match_event(
  told_by text,
  claimed uuid,
  their_id text,
  address text,
  guess boolean,
  happened timestamptz
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
      and m.created_at between happened - interval '7 days' and happened + interval '5 minutes'
    order by m.created_at desc
    limit 1
  )
  limit 1
$$;

-- Called by record_events, before its events, and by rewrite_events. Promises a row of direction inbound for each message
-- that a person wrote, once, of the tenant that had last written to that person from that address.
create function create_inbound_messages(events jsonb) returns void
language sql
set timezone to 'UTC'
as $$
  insert into messages (
    id, tenant_id, channel, direction, provider, provider_message_id, recipient, sender, lead_id, text,
    button_payload, media, replied_to, request_id, phase, created_at, updated_at
  )
  select
    e.message_id, asked.tenant_id, e.channel, 'inbound', e.provider, e.provider_message_id, i.recipient, i.sender,
    asked.lead_id, i.text, i.button_payload, i.media, i.replied_to, e.request_id, 'received', e.received_at,
    e.received_at
  from jsonb_to_recordset(events) as e (
    provider text, event_id text, channel text, message_id uuid, provider_message_id text, received_at timestamptz,
    request_id text, inbound jsonb
  )
  cross join lateral jsonb_to_record(e.inbound) as i (
    sender text, recipient text, text text, button_payload text, media jsonb, replied_to text
  )
  left join lateral (
    select m.tenant_id, m.lead_id
    from messages m
    where m.recipient = i.sender and m.direction = 'outbound' and m.channel = e.channel
      -- Only what really went out asks for an answer.
      and m.attempts > 0 and m.phase <> 'dead'
      and (m.sender = i.recipient or (m.provider = e.provider and (
        m.sender is null or m.provider_message_id = i.replied_to
      )))
      -- Read again later, it is no answer to what was written since; two clocks may differ a little.
      and m.created_at <= e.received_at + interval '5 minutes'
    order by (m.provider_message_id = i.replied_to) is true desc, m.created_at desc
    limit 1
  ) asked on true
  where jsonb_typeof(e.inbound) = 'object'
  order by e.message_id
  on conflict (id) do nothing
$$;

-- Called by record_events, which holds the messages. Promises that each attempt ends once (a late outcome still settles an
-- unknown one) and that receipts which came before our own row had its provider's id are adopted.
create function end_attempts(outcomes jsonb) returns void
language plpgsql
set timezone to 'UTC'
as $$
begin
  if jsonb_array_length(outcomes) = 0 then
    return;
  end if;

  with told as (
    select distinct on (o.message_id, o.attempt) o.*
    from jsonb_to_recordset(outcomes) as o (
      message_id uuid, attempt integer, outcome text, provider text, provider_message_id text, sender text,
      error_code text, error_message text, warnings jsonb, next_attempt_at timestamptz, check_at timestamptz
    )
    -- Told twice, as by a lease that expired and the provider after all: what is known outranks what is not.
    order by o.message_id, o.attempt,
      array_position(array['accepted', 'refused', 'exhausted', 'retryable', 'unknown'], o.outcome)
  ), ended as (
    update message_attempts a
    set
      ended_at = now(),
      outcome = o.outcome,
      provider_message_id = o.provider_message_id,
      error_code = o.error_code,
      error_message = o.error_message
    from told o
    where a.message_id = o.message_id and a.number = o.attempt and (a.ended_at is null or a.outcome = 'unknown')
    returning a.message_id, a.number
  )
  update messages m
  set
    phase = case o.outcome when 'unknown' then 'unknown' when 'exhausted' then 'dead' else 'queued' end,
    provider = o.provider,
    provider_message_id = coalesce(o.provider_message_id, m.provider_message_id),
    sender = coalesce(o.sender, m.sender),
    -- An unknown outcome may be told again: a warning is still one.
    warnings = m.warnings || coalesce(
      (select jsonb_agg(w) from jsonb_array_elements(o.warnings) w where not m.warnings @> w),
      '[]'
    ),
    next_attempt_at = o.next_attempt_at,
    check_at = o.check_at,
    error_code = o.error_code,
    error_message = o.error_message,
    updated_at = now()
  from told o
  join ended on ended.message_id = o.message_id and ended.number = o.attempt
  -- The late outcome of an earlier attempt says nothing about the one that runs now.
  where m.id = o.message_id and m.attempts = o.attempt;

  update message_events e
  set
    message_id = m.id,
    tenant_id = m.tenant_id,
    lead_id = m.lead_id,
    channel = m.channel,
    recipient = coalesce(e.recipient, m.recipient)
  from messages m
  where m.id in (select o.message_id from jsonb_to_recordset(outcomes) as o (message_id uuid))
    and e.message_id is null
    and e.provider_message_id = m.provider_message_id
    and e.provider = m.provider;
end
$$;

-- Called wherever a message's events changed, by who holds the messages. Promises that its facts are those of all its events, the earliest
-- (occurred_at, event_id) of each kind, whatever order and however often they came; that a receipt settles an unknown
-- outcome. An event about somebody else than the recipient (a cc) stamps nothing.
-- Answers [{message_id, facts}]: the facts stamped for the first time, on which effects hang.
create function stamp_messages(ids uuid[]) returns jsonb
language plpgsql
set timezone to 'UTC'
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
      ) over (partition by e.message_id) as refuted
    from message_events e
    where e.message_id = any (ids)
  ), facts as (
    select
      e.message_id,
      min(e.occurred_at) filter (where e.type = 'queued') as queued_at,
      min(e.occurred_at) filter (where e.type = 'sent') as sent_at,
      min(e.occurred_at) filter (where e.type = 'deferred') as deferred_at,
      min(e.occurred_at) filter (where e.type = 'delivered') as delivered_at,
      min(e.occurred_at) filter (where e.type = 'opened' and not e.machine) as opened_at,
      min(e.occurred_at) filter (where e.type = 'read') as read_at,
      min(e.occurred_at) filter (where e.type = 'clicked' and not e.machine) as clicked_at,
      min(e.occurred_at) filter (where e.type = 'bounced') as bounced_at,
      min(e.occurred_at) filter (where e.type = 'rejected' and not e.refuted) as rejected_at,
      min(e.occurred_at) filter (where e.type = 'failed' and not e.refuted) as failed_at,
      bool_or(e.refuted) as refuted,
      min(e.occurred_at) filter (where e.type = 'complained') as complained_at,
      min(e.occurred_at) filter (where e.type = 'opened' and e.machine) as machine_opened_at,
      min(e.occurred_at) filter (where e.type = 'clicked' and e.machine) as machine_clicked_at,
      -- Our own telling proves nothing that the outcome of its attempt does not say better.
      bool_or(e.type not in ('unknown', 'received') and e.source <> 'send') as heard,
      (array_agg(e.provider_message_id order by e.occurred_at, e.event_id)
        filter (where e.provider_message_id is not null))[1] as provider_message_id,
      (array_agg(array[e.code, e.reason, e.bounce_class] order by w.rank desc, e.occurred_at, e.event_id)
        filter (where w.rank is not null and not e.refuted))[1:1] as wrong
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
      deferred_at = least(m.deferred_at, f.deferred_at),
      delivered_at = least(m.delivered_at, f.delivered_at),
      opened_at = least(m.opened_at, f.opened_at),
      read_at = least(m.read_at, f.read_at),
      clicked_at = least(m.clicked_at, f.clicked_at),
      bounced_at = least(m.bounced_at, f.bounced_at),
      rejected_at = case when f.refuted then f.rejected_at else least(m.rejected_at, f.rejected_at) end,
      failed_at = case when f.refuted then f.failed_at else least(m.failed_at, f.failed_at) end,
      complained_at = least(m.complained_at, f.complained_at),
      machine_opened_at = least(m.machine_opened_at, f.machine_opened_at),
      machine_clicked_at = least(m.machine_clicked_at, f.machine_clicked_at),
      provider_message_id = coalesce(
        (
          select a.provider_message_id
          from message_attempts a
          where a.message_id = m.id and a.provider_message_id is not null
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
      phase = case when f.heard and m.phase in ('unknown', 'sending') then 'queued' else m.phase end,
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
      m.tenant_id,
      array_remove(array[
        case when before.sent_at is null and m.sent_at is not null then 'sent' end,
        case when before.deferred_at is null and m.deferred_at is not null then 'deferred' end,
        case when before.delivered_at is null and m.delivered_at is not null then 'delivered' end,
        case when before.opened_at is null and m.opened_at is not null then 'opened' end,
        case when before.read_at is null and m.read_at is not null then 'read' end,
        case when before.clicked_at is null and m.clicked_at is not null then 'clicked' end,
        case when before.bounced_at is null and m.bounced_at is not null then 'bounced' end,
        case when before.rejected_at is null and m.rejected_at is not null then 'rejected' end,
        case when before.failed_at is null and m.failed_at is not null then 'failed' end,
        case when before.complained_at is null and m.complained_at is not null then 'complained' end
      ], null) as facts
  )
  select jsonb_agg(jsonb_build_object('message_id', s.id, 'facts', to_jsonb(s.facts)))
  into firsts
  from stamped s
  where cardinality(s.facts) > 0;
  return coalesce(firsts, '[]');
end
$$;

-- Called where a reservation's answer was lost, so that its send never began. Promises that nothing of it is left, so that
-- nobody takes it for a send of unknown outcome. Answers how many there were: 0 may mean not yet.
create function abandon_reservation(wanted uuid, tenant text, idempotency_key text) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  abandoned integer;
begin
  delete from messages m
  where m.id = wanted
    and m.attempts <= 1
    and m.phase in ('sending', 'scheduled')
    and not exists (select from message_attempts a where a.message_id = m.id and a.ended_at is not null);
  get diagnostics abandoned = row_count;
  delete from idempotency_keys k
  where k.tenant_id = tenant and k.key = idempotency_key and k.message_id = wanted;
  return to_jsonb(abandoned);
end
$$;

-- Called where a person settles a send of unknown outcome. Promises that it is still unknown in the moment in which
-- `told` (its events) and `outcome` are recorded. Answers {outcome: settled | known | missing, message}.
create function settle_unknown(wanted uuid, tenant text, told jsonb, outcome jsonb) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  found_message messages;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for no key update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_message.status <> 'unknown' then
    return jsonb_build_object('outcome', 'known', 'message', message_json(found_message));
  end if;
  perform record_events(
    told,
    jsonb_build_array(outcome || jsonb_build_object('message_id', wanted, 'attempt', found_message.attempts)),
    '[]'
  );
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object('outcome', 'settled', 'message', message_json(found_message));
end
$$;

-- Called by the worker every few seconds. Promises that a receipt and its message which were written by two transactions
-- that could not see each other find together; looks at those received within the last `within_seconds`. Answers {matched, stamped}.
create function match_parked_events(within_seconds integer, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set plan_cache_mode to force_generic_plan
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found jsonb;
  matched uuid[];
begin
  select jsonb_agg(parked) into found
  from (
    select e.id, m.id as message_id, m.guessed
    from message_events e
    cross join lateral match_event(
      e.provider, null, e.provider_message_id, e.recipient, e.guessable, e.occurred_at
    ) m
    where e.message_id is null
      and e.received_at > moment - make_interval(secs => within_seconds)
      and (e.provider_message_id is not null or e.guessable)
    order by e.id
    limit 1000
  ) parked;
  if found is null then
    return jsonb_build_object('matched', 0, 'stamped', '[]'::jsonb);
  end if;
  -- Messages before their events, as everywhere else: the outcome of a send adopts the same rows.
  perform from messages m
  where m.id in (select p.message_id from jsonb_to_recordset(found) as p (message_id uuid))
  order by m.id
  for no key update;

  with adopted as (
    update message_events e
    set
      message_id = m.id,
      tenant_id = m.tenant_id,
      lead_id = m.lead_id,
      channel = m.channel,
      recipient = coalesce(e.recipient, m.recipient),
      guessed = p.guessed
    from jsonb_to_recordset(found) as p (id bigint, message_id uuid, guessed boolean)
    join messages m on m.id = p.message_id
    where e.id = p.id and e.message_id is null
    returning e.message_id
  )
  select array_agg(distinct message_id) into matched from adopted;
  return jsonb_build_object(
    'matched', coalesce(cardinality(matched), 0),
    'stamped', case when matched is null then '[]'::jsonb else stamp_messages(matched) end
  );
end
$$;

-- Called by the worker. Promises that an attempt begun and not ended when its lease expired has an unknown outcome: the
-- provider may have the message, so it is never due again by itself, but at those of `repeaters` (providers that recognise what they are
-- given again); `finders` are those that can be asked whether they have it. Answers {expired: [{id, provider}]}.
create function end_expired_attempts(repeaters jsonb, finders jsonb, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set plan_cache_mode to force_generic_plan
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  expired uuid[];
begin
  select array_agg(a.message_id) into expired
  from (
    select message_id
    from message_attempts
    where ended_at is null and lease_until < moment
    order by lease_until
    limit 1000
  ) a;
  -- Messages before their attempts, as everywhere else: an outcome that comes at this moment takes the same rows.
  perform from messages m where m.id = any (expired) order by m.id for no key update;
  with ended as (
    update message_attempts a
    set
      ended_at = moment,
      outcome = 'unknown',
      error_code = 'attempt_not_ended',
      error_message = 'the process ended before the provider answered'
    where a.message_id = any (expired) and a.ended_at is null and a.lease_until < moment
    returning a.message_id
  )
  select array_agg(distinct message_id) into expired from ended;
  if expired is null then
    return jsonb_build_object('expired', '[]'::jsonb);
  end if;
  update messages m
  set
    phase = 'unknown',
    error_code = 'attempt_not_ended',
    error_message = 'the process ended before the provider answered',
    updated_at = moment
  where m.id = any (expired) and m.phase = 'sending';
  perform stamp_messages(expired);
  update messages m
  set
    next_attempt_at = case when repeaters ? m.provider then moment end,
    check_at = case when finders ? m.provider then moment end
  where m.id = any (expired) and m.status = 'unknown';
  return jsonb_build_object('expired', (
    select jsonb_agg(jsonb_build_object('id', m.id, 'provider', m.provider)) from messages m where m.id = any (expired)
  ));
end
$$;

-- Called by the worker. Promises that each due message is given to one process only, with its next attempt begun and
-- leased in the same transaction; one of unknown outcome only while its provider would still recognise it
-- (`repeat_seconds` after it was made); none of the providers that have no room (`busy`). Answers [{…message, payload, uncertain: whether its outcome was unknown}].
create function claim_due(
  owner text,
  lease_seconds integer,
  repeat_seconds integer,
  at_most integer,
  busy jsonb,
  as_of timestamptz
) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  claimed jsonb;
begin
  -- No provider would still recognise these: a person or a receipt settles them.
  update messages m
  set next_attempt_at = null
  where m.next_attempt_at <= moment
    and m.status = 'unknown'
    and coalesce(m.queued_at, m.created_at) <= moment - make_interval(secs => repeat_seconds);

  with due as (
    select m.id, m.status = 'unknown' as uncertain
    from messages m
    where m.next_attempt_at <= moment
      and (
        m.status in ('scheduled', 'queued')
        or m.status = 'unknown'
          and coalesce(m.queued_at, m.created_at) > moment - make_interval(secs => repeat_seconds)
      )
      and not busy ? m.provider
    order by m.next_attempt_at
    limit at_most
    for update skip locked
  ), begun as (
    update messages m
    set
      phase = 'sending',
      attempts = m.attempts + 1,
      next_attempt_at = null,
      queued_at = coalesce(m.queued_at, moment),
      updated_at = moment
    from due
    where m.id = due.id
    returning m.*, due.uncertain
  ), leased as (
    insert into message_attempts (message_id, number, provider, owner, lease_until, begun_at)
    select b.id, b.attempts, b.provider, claim_due.owner, now() + make_interval(secs => lease_seconds), moment
    from begun b
  )
  select jsonb_agg(to_jsonb(b) || jsonb_build_object('payload', p.payload)) into claimed
  from begun b
  left join message_payloads p on p.message_id = b.id;
  return coalesce(claimed, '[]');
end
$$;

-- Called by reconciliation. Promises that each message whose provider is to be asked is given to one process only, and is
-- asked again after a pause that doubles each time (from `first_pause_seconds` to twelve hours), for three days.
-- Answers [{…message, payload, attempted_at}].
create function claim_checks(at_most integer, first_pause_seconds integer, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
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
        when coalesce(m.queued_at, m.created_at) > moment - interval '3 days'
          then moment + make_interval(secs => least(first_pause_seconds * 2 ^ least(m.checks, 10), 43200))
      end
    from due
    where m.id = due.id
    returning m.*
  )
  select jsonb_agg(to_jsonb(m) || jsonb_build_object(
    'payload', p.payload,
    'attempted_at', (select max(a.begun_at) from message_attempts a where a.message_id = m.id)
  ))
  into claimed
  from asked m
  left join message_payloads p on p.message_id = m.id;
  return coalesce(claimed, '[]');
end
$$;

-- Called by reconciliation. Promises when a person was last heard of through this provider; null: never.
create function last_inbound(told_by text) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select to_jsonb(max(m.created_at)) from messages m where m.provider = told_by and m.direction = 'inbound'
$$;

-- Called by GET /api/dead-letters. Promises the newest first of the messages that we gave up, after the cursor.
create function list_dead_letters(tenant text, before_time timestamptz, before_id uuid, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set enable_seqscan to off
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(message_json(m) order by m.created_at desc, m.id desc) into page
  from (
    select *
    from messages m
    where m.phase = 'dead'
      and (tenant is null or m.tenant_id = tenant)
      and (before_time is null or (m.created_at, m.id) < (before_time, before_id))
    order by m.created_at desc, m.id desc
    limit at_most
  ) m;
  return coalesce(page, '[]');
end
$$;

-- Called by POST /api/dead-letters/:id/replay. Promises that a message which we gave up is due again, with all its
-- attempts before it and no expiry; that we gave it up stays on its timeline, and no longer is its status.
-- Answers {outcome: replayed | not_dead | missing, message}.
create function replay_dead_letter(wanted uuid, tenant text, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found_message messages;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for no key update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_message.phase <> 'dead' then
    return jsonb_build_object('outcome', 'not_dead', 'message', message_json(found_message));
  end if;
  update message_events e
  set type = 'unknown', reason = 'replayed after: ' || e.reason
  where e.message_id = wanted and e.source = 'send' and e.type = 'failed';
  update messages m
  set
    phase = 'queued',
    next_attempt_at = moment,
    attempts_before = m.attempts,
    expires_at = null,
    failed_at = null,
    error_code = null,
    error_message = null,
    updated_at = moment
  where m.id = wanted;
  perform stamp_messages(array[wanted]);
  select * into found_message from messages m where m.id = wanted;
  return jsonb_build_object('outcome', 'replayed', 'message', message_json(found_message));
end
$$;

-- Called by a cancel request. Promises that a message which waits (scheduled, or for a retry) is never attempted again.
-- Answers {outcome: cancelled | too_late | missing, message}.
create function cancel_message(wanted uuid, tenant text, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  found_message messages;
begin
  select * into found_message from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
  for update;
  if found_message.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_message.next_attempt_at is null or found_message.status not in ('scheduled', 'queued') then
    return jsonb_build_object('outcome', 'too_late', 'message', message_json(found_message));
  end if;
  update messages m
  set phase = 'cancelled', next_attempt_at = null, updated_at = moment
  where m.id = wanted
  returning * into found_message;
  return jsonb_build_object('outcome', 'cancelled', 'message', message_json(found_message));
end
$$;

-- Called by GET /api/messages/:id. Promises a message with its events, oldest first (within one second, which is all that
-- some providers' clocks tell, in the order in which things can happen), and its attempts. Null: not there, or another
-- tenant's.
create function get_message(wanted uuid, tenant text, with_raw boolean) returns jsonb
language sql stable
set timezone to 'UTC'
set enable_seqscan to off
as $$
  select jsonb_build_object(
    'message', message_json(m),
    'events', coalesce((
      select jsonb_agg(
        case when with_raw then to_jsonb(e) else to_jsonb(e) - 'raw' - 'raw_text' end
        order by
          date_trunc('second', e.occurred_at),
          array_position(
            array['queued', 'sent', 'deferred', 'delivered', 'received', 'opened', 'read', 'clicked'], e.type
          ) nulls last,
          e.occurred_at,
          e.id
      )
      from message_events e
      where e.message_id = m.id
    ), '[]'),
    'attempts', coalesce((
      select jsonb_agg(to_jsonb(a) - 'message_id' order by a.number)
      from message_attempts a
      where a.message_id = m.id
    ), '[]')
  )
  from messages m
  where m.id = wanted and (tenant is null or m.tenant_id = tenant)
$$;

-- Called by GET /api/messages. Promises the newest messages first, at most `at_most`, after the cursor
-- (created_at, id). Filters are null where not asked for; planned anew with each so that every one can use its index.
create function list_messages(
  tenant text,
  lead text,
  address text,
  with_status text,
  on_channel text,
  before_time timestamptz,
  before_id uuid,
  at_most integer
) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(message_json(m) order by m.created_at desc, m.id desc) into page
  from (
    select *
    from messages m
    where (tenant is null or m.tenant_id = tenant)
      and (lead is null or m.lead_id = lead)
      and (address is null or m.recipient = address)
      and (with_status is null or m.status = with_status)
      and (on_channel is null or m.channel = on_channel)
      and (before_time is null or (m.created_at, m.id) < (before_time, before_id))
    order by m.created_at desc, m.id desc
    limit at_most
  ) m;
  return coalesce(page, '[]');
end
$$;

-- Called by GET /api/events. Promises the newest events first; `unmatched`: only those that no message of ours was found
-- for.
create function list_events(
  tenant text,
  unmatched boolean,
  with_raw boolean,
  before_id bigint,
  at_most integer
) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(case when with_raw then to_jsonb(e) else to_jsonb(e) - 'raw' end - 'raw_text' order by e.id desc)
  into page
  from (
    select *
    from message_events e
    where (tenant is null or e.tenant_id = tenant)
      and (not unmatched or e.message_id is null)
      and (before_id is null or e.id < before_id)
    order by e.id desc
    limit at_most
  ) e;
  return coalesce(page, '[]');
end
$$;

-- Called by GET /api/events?quarantined=1. Promises the newest quarantined items first, bytes in base64.
create function list_quarantined(before_id bigint, at_most integer) returns jsonb
language sql stable
set timezone to 'UTC'
as $$
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', q.id, 'provider', q.provider, 'event_id', q.event_id, 'reason', q.reason,
      'bytes', encode(q.bytes, 'base64'), 'request_id', q.request_id, 'received_at', q.received_at,
      'replayed_at', q.replayed_at
    )
    order by q.id desc
  ), '[]')
  from (
    select *
    from quarantined_events q
    where before_id is null or q.id < before_id
    order by q.id desc
    limit at_most
  ) q
$$;

-- Called by replay. Promises the items that webhooks told since then and that are still kept, by id, after the cursor:
-- what is needed to read them again. `told_by` null: every provider's.
create function list_kept_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(to_jsonb(e) order by e.id) into page
  from (
    select k.id, k.provider, k.event_id, k.received_at, k.request_id, k.raw, k.raw_text
    from message_events k
    where k.id > after_id
      and k.received_at >= since
      and k.source = 'webhook'
      and (k.raw is not null or k.raw_text is not null)
      and (told_by is null or k.provider = told_by)
    order by k.id
    limit at_most
  ) e;
  return coalesce(page, '[]');
end
$$;

-- Called by replay. Promises the quarantined items since then that nobody could read yet, by id, after the cursor, bytes
-- in base64.
create function list_unread_items(told_by text, since timestamptz, after_id bigint, at_most integer) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(to_jsonb(q) order by q.id) into page
  from (
    select k.id, k.provider, k.event_id, k.received_at, k.request_id, encode(k.bytes, 'base64') as bytes
    from quarantined_events k
    where k.id > after_id
      and k.received_at >= since
      and k.replayed_at is null
      and (told_by is null or k.provider = told_by)
    order by k.id
    limit at_most
  ) q;
  return coalesce(page, '[]');
end
$$;

-- Called by replay, when the events of quarantined items are recorded. Promises that these are not read again.
create function mark_replayed(ids jsonb, as_of timestamptz) returns jsonb
language plpgsql
set timezone to 'UTC'
as $$
declare
  marked integer;
begin
  update quarantined_events q
  set replayed_at = coalesce(as_of, now())
  where q.id in (select value::bigint from jsonb_array_elements_text(ids)) and q.replayed_at is null;
  get diagnostics marked = row_count;
  return to_jsonb(marked);
end
$$;

-- Called by replay. Promises, in one transaction, that the webhooks' events named by (provider, event_id) say what
-- `events` (rows as record_events takes them, without raw) now reads in them, that those without a message, or with a
-- guessed one, find theirs, that what a person wrote has its inbound message as read now, and that all touched messages
-- are rebuilt. Ids, receipt, request and raw stay. `dry_run`: answers the same and writes nothing.
-- Answers {changed: [{provider, event_id, before, after}] (only the fields that differ), messages: how many are touched}.
create function rewrite_events(events jsonb, dry_run boolean) returns jsonb
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
set plan_cache_mode to force_generic_plan
as $$
declare
  readings jsonb;
  touched uuid[];
begin
  if not dry_run then
    perform from message_events e
    where (e.provider, e.event_id) in (
      select t.provider, t.event_id from jsonb_to_recordset(events) as t (provider text, event_id text)
    )
    order by e.provider, e.event_id
    for no key update;
  end if;

  select jsonb_agg(r) into readings
  from (
    select e.id, e.provider, e.event_id, e.message_id as held_id, target.id as message_id, target.guessed,
      to_jsonb(told) as told, was.reading as before, becomes.reading as after
    from jsonb_to_recordset(events) as told (
      provider text, event_id text, type text, provider_type text, channel text, message_id uuid,
      provider_message_id text, recipient text, reason text, code text, bounce_class text, url text, machine boolean,
      guess boolean, occurred_at timestamptz, received_at timestamptz, request_id text, inbound jsonb
    )
    join message_events e on e.provider = told.provider and e.event_id = told.event_id and e.source = 'webhook'
    left join messages held on held.id = e.message_id
    -- Read as what a person wrote, and is not: the message that was made for it is no message.
    cross join lateral (
      select e.type = 'received' and held.direction = 'inbound' and told.inbound is null as misread
    ) as it
    left join lateral (
      select one.*
      from match_event(
        e.provider, told.message_id, told.provider_message_id, told.recipient,
        coalesce(told.guess, false) and e.message_id is null, told.occurred_at
      ) one
      where told.inbound is null and (e.message_id is null or e.guessed)
    ) found on true
    left join lateral (
      select m.id
      from messages m
      where it.misread
        and m.direction = 'outbound'
        and (m.id = told.message_id or (m.provider_message_id = told.provider_message_id and m.provider = e.provider))
      order by m.id = told.message_id
      limit 1
    ) outbound on true
    cross join lateral (
      select
        case
          when told.inbound is not null then told.message_id
          when it.misread then outbound.id
          else coalesce(found.id, e.message_id)
        end as id,
        coalesce(found.guessed, e.guessed) as guessed
    ) as target
    left join messages m on m.id = target.id
    left join lateral jsonb_to_record(told.inbound) as i (
      sender text, recipient text, text text, button_payload text, media jsonb, replied_to text
    ) on true
    cross join lateral (
      select jsonb_build_object(
        'type', e.type, 'provider_type', e.provider_type, 'channel', e.channel,
        'provider_message_id', e.provider_message_id, 'recipient', e.recipient, 'reason', e.reason, 'code', e.code,
        'bounce_class', e.bounce_class, 'url', e.url, 'machine', e.machine, 'guessable', e.guessable,
        'occurred_at', e.occurred_at, 'message_id', e.message_id
      ) || case when told.inbound is null then '{}' else jsonb_build_object(
        'sender', m.sender, 'inbound_recipient', m.recipient, 'text', m.text, 'button_payload', m.button_payload,
        'media', m.media, 'replied_to', m.replied_to
      ) end as reading
    ) as was
    cross join lateral (
      select jsonb_build_object(
        'type', told.type, 'provider_type', told.provider_type,
        'channel', case when told.inbound is null then coalesce(m.channel, told.channel) else told.channel end,
        'provider_message_id', told.provider_message_id, 'recipient', coalesce(told.recipient, i.recipient, m.recipient),
        'reason', told.reason, 'code', told.code, 'bounce_class', told.bounce_class, 'url', told.url,
        'machine', coalesce(told.machine, false),
        'guessable', coalesce(told.guess, false) and told.message_id is null,
        'occurred_at', told.occurred_at, 'message_id', target.id
      ) || case when told.inbound is null then '{}' else jsonb_build_object(
        'sender', i.sender, 'inbound_recipient', i.recipient, 'text', i.text, 'button_payload', i.button_payload,
        'media', i.media, 'replied_to', i.replied_to
      ) end as reading
    ) as becomes
    where was.reading <> becomes.reading
    order by e.id
  ) r;
  select array_agg(distinct t.id) into touched
  from jsonb_to_recordset(readings) as p (held_id uuid, message_id uuid)
  cross join lateral (values (p.held_id), (p.message_id)) as t (id)
  where t.id is not null;

  if readings is not null and not dry_run then
    perform create_inbound_messages((select jsonb_agg(p -> 'told') from jsonb_array_elements(readings) p));
    perform from messages m where m.id = any (touched) order by m.id for no key update;
    update message_events e
    set
      type = a.type,
      provider_type = a.provider_type,
      channel = a.channel,
      provider_message_id = a.provider_message_id,
      message_id = p.message_id,
      tenant_id = case when p.message_id is distinct from p.held_id then m.tenant_id else e.tenant_id end,
      lead_id = case when p.message_id is distinct from p.held_id then m.lead_id else e.lead_id end,
      recipient = a.recipient,
      reason = a.reason,
      code = a.code,
      bounce_class = a.bounce_class,
      url = a.url,
      machine = a.machine,
      guessed = p.guessed,
      guessable = a.guessable,
      occurred_at = a.occurred_at
    from jsonb_to_recordset(readings) as p (id bigint, held_id uuid, message_id uuid, guessed boolean, after jsonb)
    cross join lateral jsonb_populate_record(null::message_events, p.after) as a
    left join messages m on m.id = p.message_id
    where e.id = p.id;
    update messages m
    set
      channel = p.after ->> 'channel',
      sender = p.after ->> 'sender',
      recipient = p.after ->> 'inbound_recipient',
      text = p.after ->> 'text',
      button_payload = p.after ->> 'button_payload',
      media = nullif(p.after -> 'media', 'null'),
      replied_to = p.after ->> 'replied_to'
    from jsonb_to_recordset(readings) as p (message_id uuid, after jsonb)
    where m.id = p.message_id and m.direction = 'inbound' and p.after ? 'sender';
    perform rebuild_messages(touched);
  end if;

  return jsonb_build_object(
    'changed', coalesce((
      select jsonb_agg(jsonb_build_object(
        'provider', p.provider, 'event_id', p.event_id, 'before', d.before, 'after', d.after
      ) order by p.id)
      from jsonb_to_recordset(readings) as p (id bigint, provider text, event_id text, before jsonb, after jsonb)
      cross join lateral (
        select jsonb_object_agg(b.key, b.value) as before, jsonb_object_agg(b.key, p.after -> b.key) as after
        from jsonb_each(p.before) b
        where b.value is distinct from p.after -> b.key
      ) d
    ), '[]'),
    'messages', coalesce(cardinality(touched), 0)
  );
end
$$;

-- Called by rewrite_events. Promises messages that say what their events and our own attempts say, and nothing else:
-- facts, errors and bounce class are taken back and stamped anew; an outcome that is settled by no event any more is
-- unknown again (never due by itself); an inbound message that no event tells of is gone.
create function rebuild_messages(ids uuid[]) returns void
language plpgsql
set timezone to 'UTC'
set enable_seqscan to off
set enable_hashjoin to off
set enable_mergejoin to off
as $$
begin
  perform from messages m where m.id = any (ids) order by m.id for no key update;
  delete from messages m
  where m.id = any (ids)
    and m.direction = 'inbound'
    and not exists (select from message_events e where e.message_id = m.id);
  update messages m
  set
    phase = case
      when m.phase <> 'queued' or m.next_attempt_at is not null then m.phase
      when last.number is not null and last.ended_at is null then 'sending'
      when last.outcome = 'unknown' then 'unknown'
      else m.phase
    end,
    queued_at = (select min(a.begun_at) from message_attempts a where a.message_id = m.id),
    sent_at = null,
    deferred_at = null,
    delivered_at = null,
    opened_at = null,
    read_at = null,
    clicked_at = null,
    bounced_at = null,
    rejected_at = null,
    failed_at = null,
    complained_at = null,
    machine_opened_at = null,
    machine_clicked_at = null,
    error_code = ended.error_code,
    error_message = ended.error_message,
    bounce_class = null,
    updated_at = now()
  from unnest(ids) as wanted (id)
  left join lateral (
    select a.number, a.ended_at, a.outcome
    from message_attempts a
    where a.message_id = wanted.id
    order by a.number desc
    limit 1
  ) last on true
  left join lateral (
    select a.error_code, a.error_message
    from message_attempts a
    join messages of on of.id = a.message_id
    where a.message_id = wanted.id and a.ended_at is not null and a.number > of.attempts_before
    order by a.number desc
    limit 1
  ) ended on true
  where m.id = wanted.id;
  perform stamp_messages(ids);
end
$$;

-- Called by GET /api/stats. Promises how many outbound messages created in [since, until) ever had each fact.
create function message_stats(tenant text, on_channel text, since timestamptz, until timestamptz) returns jsonb
language plpgsql stable
set timezone to 'UTC'
set plan_cache_mode to force_custom_plan
as $$
begin
  return (
    select jsonb_build_object(
      'messages', count(*),
      'sent', count(*) filter (where coalesce(m.sent_at, m.delivered_at, m.opened_at, m.read_at) is not null),
      'delivered', count(*) filter (where coalesce(m.delivered_at, m.opened_at, m.read_at, m.clicked_at) is not null),
      'read', count(m.read_at),
      'opened', count(m.opened_at),
      'opened_by_machines', count(m.machine_opened_at),
      'clicked', count(m.clicked_at),
      'clicked_by_machines', count(m.machine_clicked_at),
      'bounced', count(m.bounced_at),
      'rejected', count(m.rejected_at),
      'failed', count(m.failed_at),
      'complained', count(m.complained_at),
      'unknown', count(*) filter (where m.status = 'unknown')
    )
    from messages m
    where m.direction = 'outbound'
      and (tenant is null or m.tenant_id = tenant)
      and (on_channel is null or m.channel = on_channel)
      and m.created_at >= since
      and m.created_at < until
  );
end
$$;

-- Every function made in this transaction is ours: marked, and executable by nobody but the service.
do $$
declare
  ours regprocedure;
  stranger text;
begin
  for ours in
    select p.oid
    from pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.xmin = pg_current_xact_id()::xid
  loop
    execute format('comment on function %s is %L', ours, 'max-comms');
    if ours::text not like 'match_event(%' then
      execute format('alter function %s set search_path to public, pg_temp', ours);
    end if;
    execute format('revoke all on function %s from public', ours);
    foreach stranger in array array['anon', 'authenticated'] loop
      if exists (select from pg_roles where rolname = stranger) then
        execute format('revoke all on function %s from %I', ours, stranger);
      end if;
    end loop;
    if exists (select from pg_roles where rolname = 'service_role') then
      execute format('grant execute on function %s to service_role', ours);
    end if;
  end loop;
end
$$;
