-- A message, in or out. Its facts (the *_at columns) are stamped from its events, its status is derived from them by
-- rank: order and repetition of what providers tell cannot matter (docs/decisions/0003).
create table messages (
  id uuid primary key,
  tenant_id text,
  channel text not null check (channel in ('email', 'whatsapp', 'sms')),
  direction text not null check (direction in ('outbound', 'inbound')),
  provider text not null,
  provider_message_id text,
  recipient text not null,
  sender text,
  lead_id text,
  parent_type text,
  parent_id text,
  subject text,
  text text,
  button_payload text,
  media jsonb,
  replied_to text,
  metadata jsonb,
  warnings jsonb not null default '[]',
  request_id text,
  attempts integer not null default 0,
  -- Where our own work with it stands; the facts below outrank it.
  phase text not null check (phase in ('scheduled', 'queued', 'sending', 'unknown', 'dead', 'cancelled', 'received')),
  send_at timestamptz,
  expires_at timestamptz,
  -- When the worker takes it next; null: not due by itself.
  next_attempt_at timestamptz,
  -- How many attempts were made before somebody gave it a new life: a dead letter that is replayed has them all again.
  attempts_before integer not null default 0,
  -- When the provider is asked what became of it, and how often it was; null: nothing to ask.
  check_at timestamptz,
  checks integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  queued_at timestamptz,
  sent_at timestamptz,
  deferred_at timestamptz,
  delivered_at timestamptz,
  opened_at timestamptz,
  read_at timestamptz,
  clicked_at timestamptz,
  bounced_at timestamptz,
  rejected_at timestamptz,
  failed_at timestamptz,
  complained_at timestamptz,
  -- Opens and clicks of proxies and scanners: kept apart from people's.
  machine_opened_at timestamptz,
  machine_clicked_at timestamptz,
  -- Of the fact that explains the status best: the latest in rank of those that went wrong, its earliest telling.
  error_code text,
  error_message text,
  bounce_class text,
  status text not null generated always as (
    case
      when complained_at is not null then 'complained'
      when bounced_at is not null then 'bounced'
      when clicked_at is not null then 'clicked'
      when read_at is not null then 'read'
      when opened_at is not null then 'opened'
      when rejected_at is not null and (failed_at is null or rejected_at <= failed_at) then 'rejected'
      when failed_at is not null then 'failed'
      when delivered_at is not null then 'delivered'
      when deferred_at is not null then 'deferred'
      when sent_at is not null then 'sent'
      else phase
    end
  ) stored
)
-- Room for what receipts change: where no index has the changed column, PostgreSQL writes the new row beside the old one
-- and touches no index. That is why `status` and the facts of a message that goes well have none.
with (fillfactor = 80);

create index messages_newest on messages (created_at desc, id desc);
create index messages_tenant on messages (tenant_id, created_at desc, id desc);
create index messages_lead on messages (lead_id, created_at desc) where lead_id is not null;
create index messages_recipient on messages (recipient, created_at desc);
create index messages_channel on messages (channel, created_at desc, id desc);
-- The lists of what went wrong, and of what we hold ourselves. What goes well is found among the newest.
create index messages_wrong on messages (created_at desc, id desc)
  where failed_at is not null or rejected_at is not null or bounced_at is not null or complained_at is not null;
create index messages_held on messages (phase, created_at desc, id desc) where phase not in ('queued', 'sending');
create index messages_provider_id on messages (provider_message_id) where provider_message_id is not null;
create index messages_due on messages (next_attempt_at) where next_attempt_at is not null;
create index messages_check on messages (check_at) where check_at is not null;
create index messages_inbound on messages (provider, created_at desc) where direction = 'inbound';

-- What is to be sent, complete and the same on every attempt. Apart, since it may hold attachments: whoever lists messages
-- must not read them.
create table message_payloads (
  message_id uuid primary key references messages (id) on delete cascade,
  payload jsonb not null
);

-- One try to hand a message to a provider. Committed before the first byte goes out, so that a crash leaves a trace.
create table message_attempts (
  message_id uuid not null references messages (id) on delete cascade,
  number integer not null,
  provider text not null,
  -- The process that runs it, and until when it may: an attempt begun and not ended by then has an unknown outcome.
  owner text not null,
  lease_until timestamptz not null,
  begun_at timestamptz not null,
  ended_at timestamptz,
  outcome text check (outcome in ('accepted', 'refused', 'retryable', 'exhausted', 'unknown')),
  provider_message_id text,
  error_code text,
  error_message text,
  primary key (message_id, number)
);

create index message_attempts_open on message_attempts (lease_until) where ended_at is null;

-- Repeats of a send with the same key get the first one's message.
create table idempotency_keys (
  tenant_id text not null,
  key text not null,
  request_hash text not null,
  message_id uuid not null,
  created_at timestamptz not null,
  primary key (tenant_id, key)
);

-- Everything that was ever told about a message. Append-only but for matching, replay and erasure.
create table message_events (
  id bigint generated always as identity primary key,
  provider text not null,
  event_id text not null,
  type text not null,
  provider_type text not null,
  channel text,
  provider_message_id text,
  -- Null while no message of ours is known for it (a parked receipt).
  -- No foreign key, which would look each message up once more: record_events holds it, and who deletes it takes its
  -- events along (delete_events).
  message_id uuid,
  tenant_id text,
  lead_id text,
  recipient text,
  reason text,
  code text,
  bounce_class text,
  url text,
  machine boolean not null default false,
  source text not null,
  guessed boolean not null default false,
  -- It names no message and may be matched by recipient and time.
  guessable boolean not null default false,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  request_id text,
  raw jsonb,
  -- The exact JSON of an item that jsonb cannot hold as it came (\u0000, lone surrogates), escaped.
  raw_text text,
  unique (provider, event_id)
);

create index message_events_message on message_events (message_id, type, occurred_at)
  where message_id is not null;
create index message_events_provider_message on message_events (provider_message_id)
  where provider_message_id is not null;
create index message_events_tenant on message_events (tenant_id, id desc) where tenant_id is not null;
-- For dashboards over weeks: events are written about when they happen, so that a summary of each stretch of the table does.
create index message_events_occurred on message_events using brin (occurred_at) with (pages_per_range = 32);
create index message_events_parked on message_events (received_at) where message_id is null;

create function delete_events() returns trigger
language plpgsql
set search_path to public, pg_temp
as $$
begin
  delete from message_events e using gone where e.message_id = gone.id;
  return null;
end
$$;

create trigger delete_events
after delete on messages
referencing old table as gone
for each statement execute function delete_events();

-- Authentic bytes that could not be read: nothing that a provider told us is thrown away.
create table quarantined_events (
  id bigint generated always as identity primary key,
  provider text not null,
  -- SHA-256 of the bytes: the same item told twice is kept once.
  digest text not null,
  -- The item's own id, which its bytes may lack; null where the bytes are a whole body.
  event_id text,
  reason text not null,
  bytes bytea not null,
  request_id text,
  received_at timestamptz not null,
  -- When it was read after all: its events stand among the others since.
  replayed_at timestamptz,
  unique (provider, digest)
);
