import { createHash } from 'node:crypto'

/** Runs SQL past the store. */
export type Query = (sql: string, params?: unknown[]) => Promise<Record<string, unknown>[]>

export const size = 1_000_000

/** Who has 95 of 100 messages, and the address to which one in two hundred goes. */
export const tenant = 'acme'
export const busyAddress = '+33600000000'

/**
 * What messages are, by their number modulo 1,000: from the one before to this one. So each kind lies in all pages of the
 * table, as what was left over lies between what has ended.
 */
const kinds = {
  closed: 50,
  dueBySms: 52,
  dueByEmail: 54,
  later: 74,
  expired: 77,
  underWay: 78,
  dead: 79,
  unknown: 80,
  toAsk: 82,
  askedLater: 132,
  inbound: 152,
  repeatable: 153,
  escalated: 173,
  stopping: 174,
  ended: 1_000,
} as const
export type Kind = keyof typeof kinds

/** The id of a kind's message; its place among them, from the newest. */
export function idOf(kind: Kind, place: number): string {
  return uuidOf(numberOf(kind, place))
}

/** The provider's id of a kind's message. */
export function theirIdOf(kind: Kind, place: number): string {
  return `their-${numberOf(kind, place)}`
}

/** Whom a kind's message went to, or came from; every second of what people wrote came from the address that gets most. */
export function personOf(kind: Kind, place: number): string {
  return `+336${String(numberOf(kind, place) % 200_000).padStart(8, '0')}`
}

/** The id that has a number: by chance, as ids are, and a valid one. */
export function uuidOf(number: number): string {
  const hex = createHash('md5').update(`message:${number}`).digest('hex')
  return hex.replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-4$3-a$4-$5')
}

function numberOf(kind: Kind, place: number): number {
  return size - (place + 1) * 1_000 + kinds[kind] - 1
}

/** `kind` of the numbered, as SQL. */
const kindOf = `case ${Object.entries(kinds)
  .map(([kind, until]) => `when n % 1000 < ${until} then '${kind}'`)
  .join(' ')} end`
/** As uuidOf gives it, as SQL. */
const uuid = (number: string) =>
  `overlay(overlay(md5('message:' || ${number}) placing '4' from 13) placing 'a' from 17)::uuid`
const person = `'+336' || lpad((n % 200000)::text, 8, '0')`

const messages = `insert into messages (
  id, request_id, tenant_id, channel, direction, provider, fallback, provider_message_id, recipient, sender, lead_id, text, attempts, phase,
  next_attempt_at, check_at, expires_at, created_at, updated_at, queued_at, sent_at, delivered_at, failed_at, escalation_id, traced
) select
  ${uuid('n')}, n,
  case when n % 20 = 0 then 't' || n % 53 else '${tenant}' end,
  case
    when kind in ('closed', 'inbound') then 'whatsapp'
    when kind in ('dueByEmail', 'repeatable', 'askedLater') then 'email'
    when kind = 'ended' and n % 5 < 3 then 'email'
    else 'sms'
  end,
  case when kind = 'inbound' then 'inbound' else 'outbound' end,
  case
    when kind = 'closed' then 'greenapi'
    when kind = 'repeatable' then 'resend'
    when kind in ('dueByEmail', 'askedLater') or kind = 'ended' and n % 5 < 3 then 'sendgrid'
    else 'twilio'
  end,
  case when kind = 'dueBySms' and n % 2 = 0 then 'greenapi' end,
  case when kind not in ('closed', 'dueBySms', 'dueByEmail', 'later', 'expired', 'underWay') then 'their-' || n end,
  case when n % 200 = 199 then '${busyAddress}' else ${person} end,
  case when kind = 'inbound' and n % 2000 < 1000 then '${busyAddress}' when kind = 'inbound' then ${person} end,
  case when n % 3 = 0 then 'lead-' || n % 100000 end,
  'Your appointment ' || n || ' is confirmed.',
  case when kind in ('closed', 'dueBySms', 'dueByEmail', 'later') then 0 when kind = 'inbound' then 0 else 1 end,
  case
    when kind in ('closed', 'dueBySms', 'dueByEmail', 'later') then 'scheduled'
    when kind in ('expired', 'underWay') then 'sending'
    when kind in ('unknown', 'repeatable') then 'unknown'
    when kind = 'dead' then 'dead'
    when kind = 'inbound' then 'received'
    else 'queued'
  end,
  case
    when kind in ('closed', 'dueBySms', 'dueByEmail', 'repeatable') then now() - interval '1 hour' * (n % 97) / 97
    when kind = 'later' then now() + interval '7 days' * (n % 89 + 1) / 89
  end,
  case
    when kind = 'toAsk' then now() - interval '1 hour' * (n % 97) / 97
    when kind = 'askedLater' then now() + interval '1 day' * (n % 97 + 1) / 97
  end,
  case when kind = 'closed' and n % 5 = 0 then now() + interval '1 day' end,
  at, at,
  case when kind not in ('closed', 'dueBySms', 'dueByEmail', 'later', 'inbound') then at end,
  case when kind in ('escalated', 'ended', 'stopping') then at end,
  case when kind in ('stopping', 'ended') then at end,
  case when kind = 'dead' then at end,
  case when kind = 'escalated' then ${uuid('n')} end,
  n % 7 = 0
from (
  select n, ${kindOf} as kind, now() - interval '200 days' * (1 - n / ${size}.0) as at from generate_series(1, ${size}) n
  offset 0
) made`

/** All messages, with their number and kind, reckoned once for each (offset). */
const numbered = `(
  select *, ${kindOf} as kind from (select *, request_id::integer as n from messages offset 0) m offset 0
) m`

const attempts = `insert into message_attempts (
  message_id, number, provider, owner, lease_until, begun_at, ended_at, outcome, provider_message_id, before
) select
  id, 1, provider, 'another process',
  case when kind = 'underWay' then now() + interval '1 day' else created_at + interval '3 minutes' end,
  created_at,
  case when kind not in ('expired', 'underWay') then created_at end,
  case when kind in ('unknown', 'repeatable') then 'unknown' when kind = 'dead' then 'exhausted'
    when kind not in ('expired', 'underWay') then 'accepted' end,
  case when kind not in ('unknown', 'repeatable', 'dead', 'expired', 'underWay') then provider_message_id end,
  case when kind = 'underWay' then '{"phase": "queued", "provider": "twilio", "warnings": []}'::jsonb end
from ${numbered}
where attempts > 0`

const payloads = `insert into message_payloads (message_id, payload)
select id, jsonb_build_object(
  'id', id, 'tenantId', tenant_id, 'createdAt', created_at, 'channel', channel, 'to', recipient, 'body', text
)
from messages
where next_attempt_at is not null`

/** A receipt for each that has arrived, what people wrote, and 30,000 receipts of the last day that are nobody's. */
const events = `insert into message_events (
  provider, event_id, type, provider_type, channel, provider_message_id, message_id, tenant_id, recipient, source, occurred_at,
  received_at, raw, consent, guessable
) select
  m.provider, 'event-' || n, e.type, e.type, m.channel,
  case when parked then 'nobody-' || n else m.provider_message_id end,
  case when not parked then m.id end,
  case when not parked then m.tenant_id end,
  m.recipient, 'webhook', m.created_at,
  case when parked then now() - interval '20 hours' * (n % 9973) / 9973 else m.created_at end,
  jsonb_build_object('MessageStatus', e.type, 'MessageSid', m.provider_message_id, 'AccountSid', 'AC5a4db0c55a4db0c55a4db0c5'),
  case when kind = 'stopping' then 'withdrawn' end,
  parked
from (select *, kind = 'ended' and n % 33 = 0 as parked from ${numbered}) m
cross join lateral (
  select case when kind = 'inbound' then 'received' when kind = 'stopping' then 'unsubscribed' else 'delivered' end as type
) e
where kind in ('inbound', 'stopping', 'ended')`

/** Consents, aliases, keys, quarantined items and templates, and what providers said of themselves. */
const others = [
  `insert into suppressions (channel, address, withdrawn_at, reason, provider, message_id, updated_at)
   select distinct on (recipient) 'sms', recipient, created_at, 'unsubscribed', provider, id, created_at
   from ${numbered} where kind = 'stopping' and recipient <> '${busyAddress}'`,
  `insert into suppressions (channel, address, withdrawn_at, reason, provider, updated_at)
   select 'email', 'gone-' || n || '@example.com', now(), 'bounced', 'sendgrid', now() from generate_series(1, 50000) n`,
  `insert into contact_aliases (provider, alias, address, learnt_at)
   select 'greenapi', 'lid-' || n, ${person}, now() from generate_series(1, 20000) n`,
  `insert into idempotency_keys (tenant_id, key, request_hash, message_id, created_at)
   select tenant_id, 'key-' || id, 'hash', id, created_at from messages where created_at > now() - interval '7 days'`,
  `insert into quarantined_events (provider, digest, reason, bytes, received_at, replayed_at)
   select 'twilio', 'digest-' || n, 'unreadable', decode('7b7d', 'hex'), now() - interval '200 days' * (1 - n / 20000.0),
     case when n % 10 > 0 then now() end
   from generate_series(1, 20000) n`,
  `insert into whatsapp_templates (id, tenant_id, name, type, message_text, variables, buttons, created_at, updated_at)
   select ${uuid('n')}, '${tenant}', 'template ' || n, 'reminder', 'Hello', '[]', '[]', now(), now()
   from generate_series(1, 5000) n`,
  `insert into provider_states (provider, state, open, changed_at, closed_at)
   values ('greenapi', 'notAuthorized', false, now() - interval '1 hour', now() - interval '1 hour')`,
  `insert into message_events (provider, event_id, type, provider_type, source, occurred_at, received_at, provider_state)
   select 'greenapi', 'state-' || n, 'unknown', 'stateInstanceChanged', 'webhook', at, at, '{"state": "notAuthorized", "open": false}'
   from (select n, now() - interval '1 hour' - interval '199 days' * n / 10000 as at from generate_series(0, 9999) n) states`,
]

/** 20,000 escalations that wait, one in twenty of them due, and as many messages of each group as have gone out: one. */
const escalations = [
  `insert into escalations (id, tenant_id, created_at, addresses, parent_type, parent_id)
   select id, tenant_id, created_at, array[recipient], 'Meeting', 'meeting-' || id from messages where escalation_id is not null`,
  `insert into escalation_steps (escalation_id, number, channel, after_seconds, unless, request, reason, due_at)
   select id, step, 'email', 3600, 'read', '{"channel": "email"}', case when step = 1 then 'time' end,
     case when step = 1 and n % 20000 < 1000 then now() - interval '1 minute' when step = 1 then now() + interval '1 day' end
   from ${numbered}
   cross join generate_series(1, 2) step
   where kind = 'escalated'`,
]

/** A lane of 25,000 jobs whose head waits, a due job in each of 2,000 lanes, and 5,000 that we gave up. */
const jobs = [
  `insert into jobs (kind, lane, message_id, payload, due_at, created_at, behind)
   select 'trace', 'person:${busyAddress}', ${uuid('n * 40')}, '{}',
     case when n = 1 then now() + interval '1 day' else now() - interval '1 hour' end, now() - interval '1 hour',
     n > 1
   from generate_series(1, 25000) n`,
  `insert into jobs (kind, lane, message_id, payload, due_at, created_at)
   select 'trace', 'email:' || n, ${uuid('n * 500')}, '{}', now() - interval '30 minutes', now()
   from generate_series(1, 2000) n`,
  `insert into jobs (kind, lane, message_id, payload, due_at, dead_at, created_at)
   select 'trace', 'dead:' || n, ${uuid('n * 200')}, '{}', now(), now(), now()
   from generate_series(1, 5000) n`,
]

/** What the worker has counted and marked of what lies back; nothing was told twice. */
const counted = [
  `insert into message_counts
   select counts.* from counts_between('-infinity', date_trunc('hour', now() - interval '13 hours', 'UTC')) counts`,
  `update events_settled set until = now() - interval '3 hours'`,
]

/**
 * A million messages as they are after 200 days, with all that makes a plan which was good for even rows bad: one tenant
 * has nearly all, one provider takes nothing, much is parked, and nobody has ever clicked.
 */
export async function fill(query: Query): Promise<void> {
  const later = await query(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = 'public' and tablename in ('messages', 'message_events', 'message_attempts')
       and indexname not in (select conname from pg_constraint)`,
  )
  const made = [messages, attempts, payloads, events, ...others, ...escalations, ...jobs, ...counted]
  const steps = [
    // What it refers to is there: looked up for each row, that alone would take half of the time.
    'set session_replication_role to replica',
    `set work_mem to '256MB'`,
    `set maintenance_work_mem to '256MB'`,
    ...later.map(({ name }) => `drop index ${name}`),
    ...made,
    ...later.map(({ definition }) => String(definition)),
    'reset session_replication_role',
    'reset maintenance_work_mem',
    'reset work_mem',
    'vacuum analyze',
  ]
  for (const step of steps) await query(step)
}
