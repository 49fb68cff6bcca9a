-- What is due, by the provider that it waits for and the one that may stand in: however many wait for a provider that takes
-- nothing, what waits for the others is found without a look at them.
create index if not exists messages_due_at on messages (provider, coalesce(fallback, ''), next_attempt_at)
  where next_attempt_at is not null;
create index if not exists messages_expiring on messages (expires_at)
  where next_attempt_at is not null and expires_at is not null;
drop index if exists messages_due;
