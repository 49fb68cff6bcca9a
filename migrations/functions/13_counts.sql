-- What is counted of messages, and where to look for those that hardly occur. An hour that lies back is counted once (message_counts),
-- and again where something of it became known later (message_recounts); every other hour is counted from its messages by
-- who asks. So the figures are those of the messages, at every moment. Alike, of events that lie back those are marked that tell
-- a once-only fact again (message_events.again), and every other one is looked at by the views.

-- Called here. What the messages made in [since, until) come to, by hour, tenant, channel and direction. As message_counts has it.
create or replace function counts_between(since timestamptz, until timestamptz) returns table (
  hour timestamptz,
  tenant_id text,
  channel text,
  direction text,
  statuses text[],
  messages integer,
  sent integer,
  delivered integer,
  read integer,
  opened integer,
  opened_by_machines integer,
  clicked integer,
  clicked_by_machines integer,
  bounced integer,
  rejected integer,
  failed integer,
  complained integer,
  unknown integer
)
language sql stable
as $$
  select
    date_trunc('hour', m.created_at, 'UTC'),
    m.tenant_id,
    m.channel,
    m.direction,
    array_agg(distinct m.status),
    count(*)::integer,
    (count(*) filter (where coalesce(m.sent_at, m.delivered_at, m.opened_at, m.read_at) is not null))::integer,
    (count(*) filter (where coalesce(m.delivered_at, m.opened_at, m.read_at, m.clicked_at) is not null))::integer,
    count(m.read_at)::integer,
    count(m.opened_at)::integer,
    count(m.machine_opened_at)::integer,
    count(m.clicked_at)::integer,
    count(m.machine_clicked_at)::integer,
    count(m.bounced_at)::integer,
    count(m.rejected_at)::integer,
    count(m.failed_at)::integer,
    count(m.complained_at)::integer,
    (count(*) filter (where m.status = 'unknown'))::integer
  from public.messages m
  where m.created_at >= since and m.created_at < until
  group by date_trunc('hour', m.created_at, 'UTC'), m.tenant_id, m.channel, m.direction
$$;

-- Called here and by newest_messages. The end of what is counted: every message before it is in message_counts, but for the hours
-- in message_recounts.
create or replace function counted_until() returns timestamptz
language sql stable
as $$
  select coalesce((select max(c.hour) + interval '1 hour' from public.message_counts c), '-infinity')
$$;

-- Called by the worker. Promises that hours which end `settled_seconds` before now are counted, those of some `at_most`
-- messages at a time, and that one of which something became known since is counted again. `settled_seconds` outlasts the
-- twelve hours of the triggers (017_counts.sql) by the longest transaction: what they do not see is changed before it is
-- counted. Done by one process at a time. Answers {more: whether there is more to count}.
create or replace function count_messages(settled_seconds integer, at_most integer) returns jsonb
language plpgsql
-- Planned anew each time: how many messages an hour has is known then.
set plan_cache_mode to force_custom_plan
as $$
declare
  settled timestamptz := date_trunc('hour', now() - make_interval(secs => settled_seconds), 'UTC');
  counted timestamptz := counted_until();
  late timestamptz;
  first_hour timestamptz;
  next_hour timestamptz;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('count messages', 0)) then
    return '{"more": false}'::jsonb;
  end if;
  -- What is told while it is counted is another row, which stays.
  late := (select min(r.hour) from message_recounts r);
  delete from message_recounts r where r.hour = late;
  if late < counted then
    delete from message_counts c where c.hour = late;
    insert into message_counts
    select n.* from counts_between(late, late + interval '1 hour') n;
  end if;

  select date_trunc('hour', m.created_at, 'UTC') into first_hour
  from messages m
  where m.created_at >= counted and m.created_at < settled
  order by m.created_at
  limit 1;
  select date_trunc('hour', m.created_at, 'UTC') into next_hour
  from messages m
  where m.created_at >= first_hour and m.created_at < settled
  order by m.created_at
  offset at_most
  limit 1;
  next_hour := case when next_hour is null then settled else greatest(next_hour, first_hour + interval '1 hour') end;
  insert into message_counts
  select n.* from counts_between(first_hour, next_hour) n;
  return jsonb_build_object('more', late is not null or next_hour < settled);
end
$$;

-- Called by newest_messages. The newest hours in which there may be messages of these: at most `at_most` of those counted so,
-- in each of which there is one, and all that are to be counted again, in which there may be none any more.
create or replace function hours_with(
  tenant text,
  with_status text,
  on_channel text,
  before_time timestamptz,
  at_most integer
) returns timestamptz[]
language plpgsql stable
as $$
begin
  return array(
    (
      select distinct c.hour
      from message_counts c
      where (tenant is null or c.tenant_id = tenant)
        and (on_channel is null or c.channel = on_channel)
        and (with_status is null or with_status = any (c.statuses))
        and (before_time is null or c.hour <= before_time)
        and not exists (select from message_recounts r where r.hour = c.hour)
      order by c.hour desc
      limit at_most
    )
    union
    select r.hour from message_recounts r where before_time is null or r.hour <= before_time
  );
end
$$;

-- Called by GET /api/stats. Promises how many outbound messages created in [since, until) ever had each fact.
create or replace function message_stats(tenant text, on_channel text, since timestamptz, until timestamptz) returns jsonb
language plpgsql stable
set plan_cache_mode to force_custom_plan
set enable_seqscan to on
as $$
declare
  whole_since timestamptz := date_trunc('hour', since + interval '1 hour' - interval '1 microsecond', 'UTC');
  whole_until timestamptz := greatest(whole_since, least(date_trunc('hour', until, 'UTC'), counted_until()));
  late timestamptz[] := array(
    select distinct r.hour from message_recounts r where r.hour >= whole_since and r.hour < whole_until
  );
begin
  return (
    select jsonb_build_object(
      'messages', coalesce(sum(c.messages), 0),
      'sent', coalesce(sum(c.sent), 0),
      'delivered', coalesce(sum(c.delivered), 0),
      'read', coalesce(sum(c.read), 0),
      'opened', coalesce(sum(c.opened), 0),
      'opened_by_machines', coalesce(sum(c.opened_by_machines), 0),
      'clicked', coalesce(sum(c.clicked), 0),
      'clicked_by_machines', coalesce(sum(c.clicked_by_machines), 0),
      'bounced', coalesce(sum(c.bounced), 0),
      'rejected', coalesce(sum(c.rejected), 0),
      'failed', coalesce(sum(c.failed), 0),
      'complained', coalesce(sum(c.complained), 0),
      'unknown', coalesce(sum(c.unknown), 0)
    )
    from (
      select k.tenant_id, k.channel, k.direction, k.messages, k.sent, k.delivered, k.read, k.opened, k.opened_by_machines,
        k.clicked, k.clicked_by_machines, k.bounced, k.rejected, k.failed, k.complained, k.unknown
      from message_counts k
      where k.hour >= whole_since and k.hour < whole_until and k.hour <> all (late)
      union all
      select n.tenant_id, n.channel, n.direction, n.messages, n.sent, n.delivered, n.read, n.opened, n.opened_by_machines,
        n.clicked, n.clicked_by_machines, n.bounced, n.rejected, n.failed, n.complained, n.unknown
      from (
        values (since, least(whole_since, until)), (whole_until, until)
        union all
        select l.hour, l.hour + interval '1 hour' from unnest(late) as l (hour)
      ) as open (since, until)
      cross join lateral counts_between(open.since, open.until) n
    ) c
    where c.direction = 'outbound'
      and (tenant is null or c.tenant_id = tenant)
      and (on_channel is null or c.channel = on_channel)
  );
end
$$;

-- Called by the worker. Promises that events which happened `settled_seconds` before now are marked where they tell again what
-- can be true only once, those of some `at_most` events of a channel at a time. `settled_seconds` outlasts the two hours of the
-- triggers (018_told_once.sql) by the longest transaction: what they do not see is told before it is looked at. Done by one
-- process at a time. Answers {more: whether there is more to mark}.
create or replace function settle_events(settled_seconds integer, at_most integer) returns jsonb
language plpgsql
-- Planned anew each time: how much happened in a time is known then. In the order of an index (enable_sort).
set plan_cache_mode to force_custom_plan
set enable_bitmapscan to off
as $$
declare
  settled timestamptz := now() - make_interval(secs => settled_seconds);
  since timestamptz;
  channels text[];
  next_until timestamptz;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('settle events', 0)) then
    return '{"more": false}'::jsonb;
  end if;
  select s.until into since from events_settled s;
  channels := array(
    with recursive one (channel) as (
      (
        select e.channel from message_events e
        where not e.again and e.message_id is not null and e.channel is not null
        order by e.channel
        limit 1
      )
      union all
      select next.channel
      from one
      cross join lateral (
        select e.channel from message_events e
        where not e.again and e.message_id is not null and e.channel > one.channel
        order by e.channel
        limit 1
      ) next
    )
    select one.channel from one
  );
  select coalesce(least(min(next.occurred_at) + interval '1 second', settled), settled) into next_until
  from unnest(channels) as of (channel)
  cross join lateral (
    select e.occurred_at
    from message_events e
    where not e.again and e.message_id is not null and e.channel = of.channel
      and e.occurred_at >= since and e.occurred_at < settled
    order by e.occurred_at
    offset at_most
    limit 1
  ) next;
  with told_again as (
    select e.id
    from unnest(channels) as of (channel)
    cross join lateral (
      select t.id, t.message_id, t.type, t.occurred_at, t.event_id
      from message_events t
      where not t.again and t.message_id is not null and t.channel = of.channel
        and t.occurred_at >= since and t.occurred_at < next_until
    ) e
    where e.type not in ('opened', 'clicked', 'unsubscribed', 'subscribed', 'unknown')
      and exists (
        select from message_events earlier
        where earlier.message_id = e.message_id
          and earlier.type = e.type
          and (earlier.occurred_at, earlier.event_id, earlier.id) < (e.occurred_at, e.event_id, e.id)
      )
  )
  update message_events e set again = true from told_again t where e.id = t.id;
  update events_settled s set until = greatest(s.until, next_until) where s.until < next_until;
  return jsonb_build_object('more', next_until < settled);
end
$$;
