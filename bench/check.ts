import type { Query } from './seed.ts'
import { type Stretch, sendgridEventId, twilioEventId } from './traffic.ts'

const atOnce = 50_000

/**
 * Throws unless every event of these stretches, all of which were acknowledged, is kept exactly once and matched to its
 * message: a bench that loses events does not count.
 */
export async function checkEvents(
  query: Query,
  provider: 'twilio' | 'sendgrid',
  stretches: Stretch[],
): Promise<void> {
  const idOf = provider === 'twilio' ? twilioEventId : sendgridEventId
  for (const ids of chunks(stretches, idOf)) {
    const [found] = await query(
      `select
         count(*)::int as kept,
         count(distinct e.event_id)::int as distinct_kept,
         count(m.sent_at)::int + count(m.delivered_at)::int > 0 as stamped,
         count(*) filter (where m.id is null)::int as parked
       from message_events e
       left join messages m on m.id = e.message_id
       where e.provider = $1 and e.event_id = any ($2::text[])`,
      [provider, ids],
    )
    if (
      found?.kept !== ids.length ||
      found.distinct_kept !== ids.length ||
      found.parked !== 0 ||
      !found.stamped
    )
      throw new Error(
        `bench: of ${ids.length} acknowledged events the database says ${JSON.stringify(found)}`,
      )
  }
}

/** The same of the audit's table, where nothing forbids a second row. */
export async function checkAuditEvents(query: Query, stretches: Stretch[]): Promise<void> {
  for (const ids of chunks(stretches, twilioEventId)) {
    const [found] = await query(
      `select count(*)::int as kept, count(distinct message_sid || ':' || event_type)::int as distinct_kept
       from audit_events
       where message_sid || ':' || event_type = any ($1::text[])`,
      [ids],
    )
    if (found?.kept !== ids.length || found.distinct_kept !== ids.length)
      throw new Error(
        `bench: of ${ids.length} acknowledged events the database says ${JSON.stringify(found)}`,
      )
  }
}

/** Throws unless so many messages were sent, each accepted by the provider once. */
export async function checkSent(query: Query, count: number): Promise<void> {
  const [found] = await query(
    `select
       count(*)::int as messages,
       count(distinct m.provider_message_id)::int as accepted,
       (select count(*)::int from message_attempts where outcome = 'accepted') as attempts,
       (select count(*)::int from message_events where source = 'send') as events
     from messages m`,
  )
  if (Object.values(found ?? {}).some((told) => told !== count))
    throw new Error(`bench: of ${count} acknowledged sends the database says ${JSON.stringify(found)}`)
}

function* chunks(stretches: Stretch[], idOf: (event: number) => string): Generator<string[]> {
  for (const { first, count } of stretches)
    for (let at = first; at < first + count; at += atOnce)
      yield Array.from({ length: Math.min(atOnce, first + count - at) }, (_, index) => idOf(at + index))
}
