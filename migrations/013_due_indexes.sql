-- concurrently

-- What is due, by the provider that it waits for and the one that may stand in: however many wait for a provider that takes
-- nothing, what waits for the others is found without a look at them.
create index concurrently if not exists messages_due_at on messages (provider, coalesce(fallback, ''), next_attempt_at)
  where next_attempt_at is not null;

create index concurrently if not exists messages_due_uncertain
  on messages (provider, coalesce(fallback, ''), next_attempt_at)
  where next_attempt_at is not null and phase = 'unknown';

create index concurrently if not exists messages_expiring on messages (provider, coalesce(fallback, ''), expires_at)
  where next_attempt_at is not null and expires_at is not null;

drop index concurrently if exists messages_due;

-- In the order in which they are gone through.
create index concurrently if not exists message_events_parked_at on message_events (received_at, id)
  where message_id is null;

drop index concurrently if exists message_events_parked;
