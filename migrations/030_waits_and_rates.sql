-- What waits since before there was an age by purpose (021) gets the one that it would have today, and what was told of nobody's message
-- counts in no rate.

-- Few rows: what is due or scheduled, and what is being sent. Whose caller said when it ends keeps that; what has ended, or is with its
-- provider, is none of these. By the ages that the server has where no variable says otherwise (EXPIRY_*): SQL knows of no variable.
with waiting as (
  select m.id from messages m where m.next_attempt_at is not null
  union
  select a.message_id from message_attempts a where a.ended_at is null
), aged as (
  select
    m.id,
    case
      when m.parent_type = 'Meeting' or m.template_type = 'appointment' then interval '1 day'
      when m.channel = 'email' then interval '2 days'
      else interval '1 hour'
    end as age,
    -- A person may have had it sent again since.
    greatest(m.send_at, m.created_at, (
      select max(e.occurred_at) from message_events e where e.message_id = m.id and e.source = 'person'
    )) as due_at
  from waiting w
  join messages m on m.id = w.id
  where m.direction = 'outbound' and m.expires_at is null and m.phase in ('scheduled', 'queued', 'sending')
)
update messages m
set expires_at = a.due_at + a.age, expires_by_default = true, waits_seconds = extract(epoch from a.age)
from aged a
where m.id = a.id;

-- As it was (023), of our own messages: a delivery of what another program sent by the same account made rates of 120 %. What belongs to
-- no message of ours is in message_events, and in GET /api/events?unmatched=1.
create or replace view once_only_events with (security_invoker = true) as
select
  e.id, e.provider, e.event_id, e.type, e.provider_type, e.channel, e.provider_message_id, e.message_id, e.tenant_id,
  e.lead_id, e.recipient, e.reason, e.code, e.bounce_class, e.url, e.machine, e.source, e.guessed, e.guessable,
  e.occurred_at, e.received_at, e.request_id, event_told(e.id) as raw,
  event_told_exactly(e.id) as raw_text
from message_events e
where e.occurred_at < events_settled_until()
  and not e.again
  and e.message_id is not null
union all
select
  e.id, e.provider, e.event_id, e.type, e.provider_type, e.channel, e.provider_message_id, e.message_id, e.tenant_id,
  e.lead_id, e.recipient, e.reason, e.code, e.bounce_class, e.url, e.machine, e.source, e.guessed, e.guessable,
  e.occurred_at, e.received_at, e.request_id, event_told(e.id) as raw,
  event_told_exactly(e.id) as raw_text
from message_events e
where e.occurred_at >= events_settled_until()
  and not e.again
  and e.message_id is not null
  and (
    e.type in ('opened', 'clicked', 'unsubscribed', 'subscribed', 'unknown')
    or not exists (
      select from message_events earlier
      where earlier.message_id = e.message_id
        and earlier.type = e.type
        and (earlier.occurred_at, earlier.event_id, earlier.id) < (e.occurred_at, e.event_id, e.id)
    )
  );
