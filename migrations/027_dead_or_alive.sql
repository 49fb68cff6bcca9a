-- That an address is dead is not said by its person, and ends otherwise: when that person writes, or a later message arrives. So it
-- stands apart from what was said of consent, which no sign of life ends.
alter table suppressions
  -- When the address last proved dead, and when it last proved to be somebody's.
  add column dead_at timestamptz,
  add column alive_at timestamptz;

update suppressions s
set
  dead_at = s.withdrawn_at,
  -- Whoever said so besides is not written to, whatever becomes of the address.
  withdrawn_at = case when exists (
    select from message_events e
    where e.recipient = s.address and e.channel = s.channel and e.consent = 'withdrawn'
      and e.bounce_class is distinct from 'hard'
    union all
    select from messages m
    join message_events e on e.message_id = m.id
    where m.sender = s.address and m.direction = 'inbound' and m.channel = s.channel and e.consent = 'withdrawn'
  ) then s.withdrawn_at end
where s.withdrawn_at is not null
  and exists (
    select from message_events e
    where e.recipient = s.address and e.channel = s.channel and e.consent = 'withdrawn' and e.bounce_class = 'hard'
      and coalesce(e.code, e.type) = s.reason
  );

alter table suppressions
  drop column active,
  add column active boolean not null generated always as (
    withdrawn_at is not null and (given_at is null or given_at <= withdrawn_at)
    or dead_at is not null and (given_at is null or given_at <= dead_at) and (alive_at is null or alive_at < dead_at)
  ) stored;
