-- concurrently

-- For dashboards: what was told of a channel in a time, by kind and tenant, without a look at the events themselves.
create index concurrently if not exists message_events_told on message_events (channel, occurred_at) include (type, tenant_id)
  where not again;
