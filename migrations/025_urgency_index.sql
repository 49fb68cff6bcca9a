-- concurrently

-- As messages_due_at of 013, and of what waits for one provider the urgent first.
create index concurrently if not exists messages_due_by_urgency
  on messages (provider, coalesce(fallback, ''), urgency, next_attempt_at)
  where next_attempt_at is not null;

drop index concurrently if exists messages_due_at;
