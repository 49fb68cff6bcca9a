-- All that is read in an event is kept with it, so that a replay knows what it changes.

alter table message_events
  -- Another name that its provider has for the person, and the address that the event told with it.
  add column alias text,
  add column alias_of text,
  -- What the provider said of itself: {state, open}.
  add column provider_state jsonb;

-- What is known of consent at an address, and what a provider said of itself: asked where a replay takes one of them back.
create index message_events_consent on message_events (recipient) where consent is not null;
create index message_events_state on message_events (provider, occurred_at) where provider_state is not null;
