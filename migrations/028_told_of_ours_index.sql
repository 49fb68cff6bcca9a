-- concurrently

-- In the place of message_events_told (019): the views show what was told of our own messages (030_waits_and_rates.sql), and what was
-- told of nobody's stays out of what a dashboard reads.
create index concurrently if not exists message_events_told_of_ours on message_events (channel, occurred_at) include (type, tenant_id)
  where not again and message_id is not null;

drop index concurrently if exists message_events_told;
