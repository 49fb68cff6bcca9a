import { eventsAMessage, type Stretch } from './traffic.ts'

/** Runs SQL against the database of one row. */
export type Query = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>

export type Kind = 'sms' | 'email'

/** Messages that were just sent, numbered from `first`, for events to be told of (traffic.ts makes the same ids). */
export async function seedMessages(query: Query, kind: Kind, { first, count }: Stretch): Promise<void> {
  await query(insertMessages(kind, 'now()', false), [first, first + count - 1])
  await query(
    `insert into message_attempts (
       message_id, number, provider, owner, lease_until, begun_at, ended_at, outcome, provider_message_id
     )
     select md5('message:' || n)::uuid, 1, ${provider(kind)}, 'bench', now(), now(), now(), 'accepted', ${theirId(kind)}
     from generate_series($1::bigint, $2::bigint) n`,
    [first, first + count - 1],
  )
}

// Numbers that no row uses for its own traffic.
const historyStart = 1_000_000_000

/** A year of delivered SMS: so many events, three a message, spread over the months. */
export async function seedHistory(query: Query, events: number): Promise<void> {
  const end = historyStart + Math.ceil(events / eventsAMessage) - 1
  await query(insertMessages('sms', "now() - interval '365 days' * random()", true), [historyStart, end])
  await query(
    `insert into message_events (
       provider, event_id, type, provider_type, channel, provider_message_id, message_id, tenant_id, recipient, source,
       occurred_at, received_at, request_id, raw
     )
     select
       'twilio', ${theirId('sms')} || ':' || s.status, s.type, s.status, 'sms', ${theirId('sms')}, m.id, 't1',
       m.recipient, 'webhook', m.created_at, m.created_at, gen_random_uuid()::text,
       jsonb_build_object(
         'm', m.id, 'To', m.recipient, 'From', '+15005550006', 'SmsSid', ${theirId('sms')}, 'SmsStatus', s.status,
         'MessageSid', ${theirId('sms')}, 'MessageStatus', s.status, 'ApiVersion', '2010-04-01',
         'AccountSid', 'AC5a4db0c55a4db0c55a4db0c55a4db0c5'
       )
     from generate_series($1::bigint, $2::bigint) n
     join messages m on m.id = md5('message:' || n)::uuid
     cross join (values ('sending', 'queued'), ('sent', 'sent'), ('delivered', 'delivered')) as s (status, type)`,
    [historyStart, end],
  )
}

function insertMessages(kind: Kind, createdAt: string, delivered: boolean): string {
  const recipient =
    kind === 'sms' ? "'+336' || lpad((n % 100000000)::text, 8, '0')" : "'customer-' || n || '@example.com'"
  return `
    insert into messages (
      id, tenant_id, channel, direction, provider, provider_message_id, recipient, sender, text, attempts, phase,
      created_at, updated_at, queued_at, sent_at, delivered_at
    )
    select
      md5('message:' || n)::uuid, 't1', '${kind}', 'outbound', ${provider(kind)}, ${theirId(kind)}, ${recipient},
      ${kind === 'sms' ? "'+15005550006'" : "'max@example.com'"}, 'Votre rendez-vous ' || n || ' est confirmé.',
      1, 'queued', at, at, at,
      ${delivered ? 'at, at' : 'null, null'}
    from (select n, ${createdAt} as at from generate_series($1::bigint, $2::bigint) n) numbered`
}

const provider = (kind: Kind) => (kind === 'sms' ? "'twilio'" : "'sendgrid'")
const theirId = (kind: Kind) => (kind === 'sms' ? "'SM' || md5('sid:' || n)" : "md5('sid:' || n)")
