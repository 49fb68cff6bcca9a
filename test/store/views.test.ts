import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { Channel } from '#src/model/message.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { accepted, address, customer, event, newMessage, record, reserving } from '#support/facts.ts'
import { emptied } from '#support/stores.ts'

/** The audit's dashboard query (audit.fr.md, "Dashboard Recommandé"), word for word. */
const dashboard = `-- Requête: Taux de delivery WhatsApp (30 derniers jours)
SELECT
  date_trunc('day', created_at) as day,
  COUNT(*) FILTER (WHERE event_type = 'sent') as sent,
  COUNT(*) FILTER (WHERE event_type = 'delivered') as delivered,
  COUNT(*) FILTER (WHERE event_type = 'read') as read,
  COUNT(*) FILTER (WHERE event_type = 'failed') as failed,
  ROUND(100.0 * COUNT(*) FILTER (WHERE event_type = 'delivered') /
        NULLIF(COUNT(*) FILTER (WHERE event_type = 'sent'), 0), 2) as delivery_rate
FROM whatsapp_message_events
WHERE created_at > NOW() - INTERVAL '30 days'
GROUP BY day
ORDER BY day DESC;`

const views = [
  { view: 'whatsapp_message_events', channel: 'whatsapp', provider: 'twilio' },
  { view: 'sms_message_events', channel: 'sms', provider: 'twilio' },
  { view: 'email_events', channel: 'email', provider: 'sendgrid' },
] as const

let opened: TestDatabase
beforeAll(async () => {
  opened = await testDatabase()
})
beforeEach(() => emptied(opened))
afterAll(() => opened?.drop())

describe.each(views)('$view', ({ view, channel, provider }) => {
  it("answers the audit's dashboard query with the right figures", async () => {
    const told = (id: string, type: MessageEvent['type'], days: number, eventId = `${id}-${type}`) =>
      event({ provider, channel, providerMessageId: id, type, eventId, occurredAt: noon(days) })
    await sent(channel, provider, 'SM1')
    await sent(channel, provider, 'SM2')
    await sent(channel, provider, 'SM3')
    await record(opened.store, [
      told('SM1', 'sent', 2),
      told('SM1', 'delivered', 2),
      told('SM1', 'delivered', 1, 'told again by a poll'),
      told('SM1', 'read', 2),
      told('SM2', 'sent', 2),
      told('SM2', 'failed', 2),
      told('SM3', 'sent', 2),
      told('SM3', 'delivered', 1),
      told('SM4', 'sent', 40),
    ])
    const rows = await opened.query(dashboard.replace('whatsapp_message_events', view))
    expect(rows.map(({ day, ...figures }) => figures)).toEqual([
      { sent: '0', delivered: '1', read: '0', failed: '0', delivery_rate: null },
      { sent: '3', delivered: '1', read: '1', failed: '1', delivery_rate: '33.33' },
    ])
  })

  it("gives one message's events by its sid", async () => {
    await sent(channel, provider, 'SM1')
    await record(opened.store, [
      event({
        provider,
        channel,
        providerMessageId: 'SM1',
        type: 'delivered',
        occurredAt: noon(1),
        raw: { n: 2 },
      }),
      event({
        provider,
        channel,
        providerMessageId: 'SM1',
        type: 'sent',
        occurredAt: noon(2),
        raw: { n: 1 },
      }),
      event({ provider, channel, providerMessageId: 'SM2', type: 'sent', occurredAt: noon(2) }),
    ])
    const rows = await opened.query(
      `select event_type, created_at, event_data from ${view} where message_sid = $1 order by created_at`,
      ['SM1'],
    )
    expect(rows).toEqual([
      { event_type: 'sent', created_at: noon(2), event_data: { n: 1 } },
      { event_type: 'delivered', created_at: noon(1), event_data: { n: 2 } },
    ])
  })

  it('shows a fact told by the send, a webhook and a poll once, at its earliest, and every click', async () => {
    const messageId = await sent(channel, provider, 'SM1')
    const told = (type: MessageEvent['type'], source: MessageEvent['source'], days: number) =>
      event({ provider, channel, messageId, type, source, occurredAt: noon(days) })
    await record(opened.store, [
      told('sent', 'send', 2),
      told('sent', 'webhook', 3),
      told('sent', 'poll', 1),
      told('clicked', 'webhook', 1),
      told('clicked', 'webhook', 1),
    ])
    const rows = await opened.query(`select event_type, created_at from ${view} order by created_at`)
    expect(rows).toEqual([
      { event_type: 'sent', created_at: noon(3) },
      { event_type: 'clicked', created_at: noon(1) },
      { event_type: 'clicked', created_at: noon(1) },
    ])
  })

  it('shows nothing of a message that is not ours, which counts in no rate', async () => {
    const told = (id: string, type: MessageEvent['type'], days: number) =>
      event({
        provider,
        channel,
        providerMessageId: id,
        type,
        eventId: `${id}-${type}`,
        occurredAt: noon(days),
      })
    for (const id of ['SM1', 'SM2', 'SM3', 'SM4', 'SM5']) await sent(channel, provider, id)
    await record(opened.store, [
      ...['SM1', 'SM2', 'SM3', 'SM4', 'SM5'].map((id) => told(id, 'sent', 2)),
      // By another program with the same account: the rate was 120 %.
      ...['SM1', 'SM2', 'SM3', 'SM4', 'SM5', 'SM6'].map((id) => told(id, 'delivered', 2)),
      told('SM6', 'clicked', 2),
    ])
    const counted = async () => {
      const rows = await opened.query(dashboard.replace('whatsapp_message_events', view))
      return rows.map(({ sent, delivered, delivery_rate }) => [sent, delivered, delivery_rate])
    }
    expect(await counted()).toEqual([['5', '5', '100.00']])
    await opened.query('select settle_events(10800, 100)')
    expect(await counted()).toEqual([['5', '5', '100.00']])
    expect(await opened.query(`select 1 from ${view} where event_type = 'clicked'`)).toEqual([])
    // It stays where an operator finds it.
    expect(
      await opened.query('select type from message_events where message_id is null order by type'),
    ).toEqual([{ type: 'clicked' }, { type: 'delivered' }])
  })

  it('shows no other channel', async () => {
    await sent(channel, provider, 'SM9')
    await record(opened.store, [event({ provider, channel, providerMessageId: 'SM9' })])
    for (const other of views)
      expect(await opened.query(`select 1 from ${other.view}`)).toHaveLength(other.view === view ? 1 : 0)
  })
})

it('the phone number is the customer’s, also where the customer wrote', async () => {
  await sent('whatsapp', 'twilio', 'SM1')
  const inbound = { sender: customer, recipient: '+33700000000', text: 'OUI' }
  await record(opened.store, [
    event({ providerMessageId: 'SM1', occurredAt: noon(1) }),
    event({
      type: 'received',
      recipient: '+33700000000',
      providerMessageId: 'SM2',
      occurredAt: noon(1),
      inbound,
    }),
  ])
  const rows = await opened.query(
    'select event_type, phone_number, lead_id, tenant_id from whatsapp_message_events order by event_type',
  )
  const known = { phone_number: customer, lead_id: 'lead-1', tenant_id: 'acme' }
  expect(rows).toEqual([
    { event_type: 'delivered', ...known },
    { event_type: 'received', ...known },
  ])
})

it('email_events tells the address and our own id', async () => {
  const messageId = await sent('email', 'sendgrid', 'M1')
  await record(opened.store, [event({ provider: 'sendgrid', channel: 'email', messageId })])
  expect(await opened.query('select email, message_id from email_events')).toEqual([
    { email: address, message_id: messageId },
  ])
})

/** A message that its provider accepted under this id, four days ago. */
async function sent(channel: Channel, provider: string, providerMessageId: string): Promise<string> {
  const wanted = newMessage({ channel })
  await opened.store.reserveMessage(wanted, { ...reserving, now: noon(4) })
  await record(opened.store, [], [accepted(wanted.message.id, providerMessageId, { provider })])
  return wanted.message.id
}

/** Noon, so many days ago: far from midnight in any time zone that a server may have. */
function noon(daysAgo: number): Date {
  const day = new Date(Date.now() - daysAgo * 86_400_000)
  day.setUTCHours(12, 0, 0, 0)
  return day
}
