-- Work that follows from what became known, and is done by src/crm/. Promises that the work of one record (a lane) is done
-- in the order in which it was committed, by one process at a time, and is never lost.

-- The record that a message concerns: an email has one of its own in the CRM, everything else goes by its person.
create or replace function lane_of(m messages) returns text
language sql immutable
as $$
  select case
    when m.direction = 'inbound' then 'person:' || m.sender
    when m.channel = 'email' then 'email:' || m.id
    else 'person:' || m.recipient
  end
$$;

-- Called by enqueue_following and replay_dead_job. Promises that the jobs of a lane
-- (`jobs`: [{kind, lane, message_id, payload, request_id}]) are numbered in the order in which they were committed, and that
-- those with another before them are behind: whoever adds to a lane holds it until then, as does whoever ends its head
-- (step_forward).
create or replace function enqueue_jobs(jobs jsonb) returns void
language plpgsql
as $$
begin
  if jobs = '[]' then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('lane ' || l.lane, 0))
  from (select distinct j.lane from jsonb_to_recordset(jobs) as j (lane text) order by j.lane) l;
  insert into jobs (kind, lane, message_id, payload, due_at, request_id, created_at, behind)
  select j.value ->> 'kind', j.value ->> 'lane', (j.value ->> 'message_id')::uuid, j.value -> 'payload', now(),
    j.value ->> 'request_id', now(),
    row_number() over (partition by j.value ->> 'lane' order by j.number) > 1
      or exists (select from jobs e where e.lane = j.value ->> 'lane' and e.dead_at is null)
  from jsonb_array_elements(jobs) with ordinality as j (value, number)
  order by j.number;
end
$$;

-- Called wherever something becomes known of messages (`told`: [{message_id, fact, …}], in order), once a transaction where
-- it can be. Promises the jobs that follow, for messages that the CRM shows and for what people wrote. Which facts are work,
-- and of which kind, says `follows` ({fact: kind}, src/model/job.ts; null: nothing follows). A job keeps the moment: what was
-- told, and the message's status then. What is said of a person goes by the person.
create or replace function enqueue_following(told jsonb, follows jsonb) returns void
language plpgsql
as $$
declare
  jobs jsonb;
begin
  if told = '[]' then
    return;
  end if;
  select jsonb_agg(jsonb_build_object(
    'kind', follows ->> (t.value ->> 'fact'),
    'lane', case
      when t.value ->> 'fact' = 'consent' and m.direction = 'outbound' then 'person:' || m.recipient
      else lane_of(m)
    end,
    'message_id', m.id,
    'payload', (t.value - array['message_id', 'recipient']) || jsonb_build_object('status', m.status),
    'request_id', m.request_id
  ) order by t.number)
  into jobs
  from jsonb_array_elements(told) with ordinality as t (value, number)
  join messages m on m.id = (t.value ->> 'message_id')::uuid
  where follows ->> (t.value ->> 'fact') is not null
    and (m.traced or m.direction = 'inbound')
    -- What is said of a copy's address is not said of the person whom the CRM knows the message by.
    and (
      m.channel <> 'email' or t.value ->> 'recipient' is null or lower(t.value ->> 'recipient') = lower(m.recipient)
    );
  if jobs is not null then
    perform enqueue_jobs(jobs);
  end if;
end
$$;

-- Called by rewrite_events. What became known by reading otherwise, as enqueue_following takes it: the messages that are
-- something else than they were (`former`: {id: its row}), what people are found to have written, and those who are read to
-- have said something else of consent, where that counts.
create or replace function told_by_readings(readings jsonb, former jsonb, written uuid[]) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(known.told order by known.number, known.id), '[]')
  from (
    select 1 as number, null::bigint as id, jsonb_build_object('message_id', m.id, 'fact', 'replayed') as told
    from jsonb_each(former) f
    join messages m on m.id = f.key::uuid
    where m.traced and to_jsonb(m) - 'updated_at' <> f.value
    union all
    select 2, null, jsonb_build_object('message_id', w.id, 'fact', 'written') from unnest(written) as w (id)
    union all
    select 3, p.id, jsonb_build_object(
      'message_id', m.id, 'fact', 'consent', 'consent', r.consent, 'bounce_class', r.bounce_class
    )
    from jsonb_to_recordset(readings) as p (id bigint, message_id uuid, before jsonb, after jsonb)
    cross join lateral jsonb_to_record(p.after) as r (channel text, consent text, bounce_class text)
    join messages m on m.id = p.message_id and m.id <> all (written)
    join suppressions k on k.channel = r.channel and k.active = (r.consent = 'withdrawn')
      and k.address = case when m.direction = 'inbound' then m.sender else m.recipient end
    where (p.before -> 'consent', p.before -> 'bounce_class') <> (p.after -> 'consent', p.after -> 'bounce_class')
  ) known
$$;

-- Called by the worker. Promises that of each lane only the oldest job is taken, by one process, when it is due; the lease
-- of one that ended without a word expires. However many are behind another one, they are not looked at. `heard_seconds`: see end_unheard. Answers
-- [{…job, age_seconds, message}].
create or replace function claim_jobs(
  owner text,
  lease_seconds integer,
  at_most integer,
  heard_seconds integer,
  as_of timestamptz
) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  claimed jsonb;
begin
  with heads as (
    select j.id
    from jobs j
    where j.dead_at is null
      and not j.behind
      and j.due_at <= moment
      and (j.lease_until is null or j.lease_until < now())
      and not exists (select from jobs e where e.lane = j.lane and e.dead_at is null and e.id < j.id)
    order by j.due_at, j.id
    limit at_most
    for update skip locked
  ), taken as (
    update jobs j
    set
      owner = claim_jobs.owner,
      lease_until = now() + make_interval(secs => lease_seconds),
      tries = j.tries + 1
    from heads
    where j.id = heads.id
    returning j.*
  )
  select jsonb_agg(
    to_jsonb(t) || jsonb_build_object(
      'age_seconds', extract(epoch from moment - t.created_at), 'message', message_json(m)
    ) order by t.id
  )
  into claimed
  from taken t
  join messages m on m.id = t.message_id;
  perform end_unheard(heard_seconds);
  return coalesce(claimed, '[]');
end
$$;

-- Called by the worker. Promises that a job which it still holds is over: done where `error` is null, due again after
-- `retry_seconds`, or given up where that is null. `error`: {code, message}. `again`: this try counts for nothing.
create or replace function end_job(
  job bigint,
  by_owner text,
  error jsonb,
  retry_seconds double precision,
  again boolean,
  as_of timestamptz
) returns jsonb
language plpgsql
as $$
declare
  moment timestamptz := coalesce(as_of, now());
  ended integer;
begin
  if error is null or jsonb_typeof(error) = 'null' then
    delete from jobs j where j.id = job and j.owner = by_owner;
  else
    update jobs j
    set
      owner = null,
      lease_until = null,
      tries = case when again then j.tries - 1 else j.tries end,
      due_at = coalesce(moment + make_interval(secs => retry_seconds), j.due_at),
      dead_at = case when retry_seconds is null then now() end,
      error_code = error ->> 'code',
      error_message = error ->> 'message'
    where j.id = job and j.owner = by_owner;
  end if;
  get diagnostics ended = row_count;
  return to_jsonb(ended);
end
$$;

-- Called by GET /api/dead-letters. Promises the newest first of the jobs that we gave up.
create or replace function list_dead_jobs(tenant text, before_id bigint, at_most integer) returns jsonb
language plpgsql stable
-- Planned anew at each call, so that every filter can use its index.
set plan_cache_mode to force_custom_plan
as $$
declare
  page jsonb;
begin
  select jsonb_agg(to_jsonb(j) order by j.id desc) into page
  from (
    select d.id, d.kind, d.lane, d.message_id, d.tries, d.dead_at, d.error_code, d.error_message, d.created_at
    from jobs d
    join messages m on m.id = d.message_id
    where d.dead_at is not null
      and (tenant is null or m.tenant_id = tenant)
      and (before_id is null or d.id < before_id)
    order by d.id desc
    limit at_most
  ) j;
  return coalesce(page, '[]');
end
$$;

-- Called by POST /api/dead-letters/:id/replay. Promises that a job which we gave up is due again, at the end of its lane,
-- with what its message says now. Answers {outcome: replayed | not_dead | missing}.
create or replace function replay_dead_job(job bigint, tenant text) returns jsonb
language plpgsql
as $$
declare
  found_job jobs;
begin
  select j.* into found_job
  from jobs j
  join messages m on m.id = j.message_id
  where j.id = job and (tenant is null or m.tenant_id = tenant)
  for update of j;
  if found_job.id is null then
    return jsonb_build_object('outcome', 'missing');
  end if;
  if found_job.dead_at is null then
    return jsonb_build_object('outcome', 'not_dead');
  end if;
  delete from jobs j where j.id = job;
  perform enqueue_jobs(jsonb_build_array(jsonb_build_object(
    'kind', found_job.kind, 'lane', found_job.lane, 'message_id', found_job.message_id,
    'request_id', found_job.request_id,
    'payload', found_job.payload || jsonb_build_object('status', m.status)
  )))
  from messages m
  where m.id = found_job.message_id;
  return jsonb_build_object('outcome', 'replayed');
end
$$;

-- Called when it is known who wrote. Promises that a person's message is listed with its lead, unless it has one.
create or replace function set_lead(wanted uuid, lead text) returns jsonb
language plpgsql
as $$
begin
  update messages m set lead_id = lead, updated_at = now() where m.id = wanted and m.lead_id is null;
  update message_events e set lead_id = lead where e.message_id = wanted and e.lead_id is null;
  return 'null'::jsonb;
end
$$;

-- Called when a message about an appointment was shown to the CRM. Promises that it says when that is, as it was first told.
create or replace function set_appointment_time(wanted uuid, starts_at timestamptz) returns jsonb
language plpgsql
as $$
begin
  update messages m set appointment_at = starts_at, updated_at = now() where m.id = wanted and m.appointment_at is null;
  return 'null'::jsonb;
end
$$;

-- Called for what a person wrote. Promises the message about an appointment (its parent's type is one of
-- `appointment_types`, which are the CRM's, or its template's type is `appointment`) that went to that person in the
-- `within_seconds` before and that may be meant: the one replied to, else the latest, unless they replied to another message
-- of ours; when the person said it, and whether it withdrew or gave consent; and the other appointments that messages went
-- out about in that time, unless they replied to this one. Answers {occurred_at, consent, appointment: {…message, buttons},
-- others: [{parent_type, parent_id, lead_id}]}.
create or replace function meant_appointment(wanted uuid, appointment_types jsonb, within_seconds integer) returns jsonb
language sql stable
as $$
  with said as (
    select * from messages where id = wanted and direction = 'inbound'
  ), asked as (
    select m.*, (m.provider_message_id = said.replied_to) is true as quoted
    from said
    join messages m on m.recipient = said.sender
    where m.direction = 'outbound'
      -- Whom it answers was settled when it came: another tenant's reminder is not its.
      and (said.tenant_id is null or m.tenant_id = said.tenant_id)
      and m.attempts > 0
      and m.phase not in ('dead', 'cancelled')
      and m.status not in ('failed', 'rejected', 'bounced')
      and (appointment_types ? m.parent_type or m.template_type = 'appointment')
      -- When it went out: it may have been asked for long before.
      and m.queued_at between said.created_at - make_interval(secs => within_seconds) and said.created_at
      and (m.provider_message_id = said.replied_to or not exists (
        select from messages other
        where other.provider_message_id = said.replied_to
          and other.provider = said.provider
          and other.direction = 'outbound'
      ))
    order by quoted desc, m.queued_at desc
    -- The last few: so it costs the same however much went to a person.
    limit 9
  ), meant as (
    select * from asked order by quoted desc, queued_at desc limit 1
  )
  select jsonb_build_object(
    'occurred_at', (
      select min(e.occurred_at) from message_events e where e.message_id = said.id and e.type = 'received'
    ),
    'consent', (
      select e.consent from message_events e where e.message_id = said.id and e.consent is not null limit 1
    ),
    'appointment', (
      select message_json(m) || jsonb_build_object('buttons', p.payload -> 'buttons')
      from meant
      join messages m on m.id = meant.id
      left join message_payloads p on p.message_id = m.id
    ),
    'others', (
      select coalesce(jsonb_agg(distinct jsonb_build_object(
        'parent_type', o.parent_type, 'parent_id', o.parent_id, 'lead_id', o.lead_id
      )), '[]')
      from asked o
      cross join meant
      where not meant.quoted
        and appointment_types ? o.parent_type
        and o.parent_id is not null
        and (o.parent_type, o.parent_id) is distinct from (meant.parent_type, meant.parent_id)
    )
  )
  from said
$$;
