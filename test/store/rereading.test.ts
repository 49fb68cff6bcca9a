import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import { eventRow } from '#src/store/rows.ts'
import type { Row, TestStore } from '#support/database.ts'
import { accepted, address, at, customer, event, newMessage, record, reserving } from '#support/facts.ts'
import { emptied, testStores } from '#support/stores.ts'

const [mail, chat] = [newMessage({ channel: 'email', traced: true }), newMessage({ traced: true })]
const ours = '+33700000000'
const lid = '123456789012345@lid'

type Reading = Partial<MessageEvent>
/** What an item is read as today, and as what it may have been read before. */
interface Item {
  today: MessageEvent
  before: Reading[]
}

const nothing: Reading = { type: 'unknown', consent: undefined, inbound: undefined, providerState: undefined }
const misread: Reading[] = [
  {},
  nothing,
  { type: 'failed', code: '30005', reason: 'away' },
  { type: 'bounced', bounceClass: 'hard', consent: 'withdrawn' },
  { type: 'delivered', occurredAt: at(1) },
]

function mailed(eventId: string, fields: Reading): Item {
  const told = {
    provider: 'sendgrid',
    channel: 'email',
    recipient: address,
    messageId: mail.message.id,
  } as const
  return { today: event({ ...told, eventId, ...fields }), before: misread }
}

function chatted(eventId: string, fields: Reading, before = misread): Item {
  const told = { channel: 'whatsapp', providerMessageId: 'SM1', recipient: customer } as const
  return { today: event({ ...told, eventId, ...fields }), before }
}

function wrote(eventId: string, text: string, fields: Reading): Item {
  const inbound = { sender: customer, recipient: ours, text }
  const told = { type: 'received', recipient: ours, providerMessageId: eventId, inbound } as const
  const otherwise = { inbound: { ...inbound, text: 'Hm', buttonPayload: 'confirm' } }
  const before = [{}, nothing, { consent: undefined }, { consent: 'withdrawn' }, otherwise] as const
  return { today: event({ ...told, eventId, ...fields }), before: [...before] }
}

const items: Item[] = [
  mailed('e01', { type: 'sent', occurredAt: at(2) }),
  mailed('e02', { type: 'delivered', occurredAt: at(4) }),
  mailed('e03', { type: 'opened', machine: true, occurredAt: at(5) }),
  mailed('e04', {
    type: 'bounced',
    code: '550',
    bounceClass: 'hard',
    consent: 'withdrawn',
    occurredAt: at(7),
  }),
  mailed('e05', { type: 'unsubscribed', consent: 'withdrawn', occurredAt: at(21.5) }),
  mailed('e06', { type: 'subscribed', consent: 'given', occurredAt: at(33) }),
  chatted('e07', { type: 'read', occurredAt: at(8) }),
  chatted('e08', { type: 'failed', code: '30008', reason: 'broken', occurredAt: at(9) }),
  // A name that was learnt wrongly is forgotten by no replay.
  chatted('e09', { type: 'delivered', alias: { name: lid, address: customer } }, [
    { alias: undefined },
    nothing,
  ]),
  // It names nobody until it is read today: it lies parked.
  chatted('e10', { type: 'read', occurredAt: at(6) }, [
    { providerMessageId: undefined },
    { ...nothing, providerMessageId: undefined },
  ]),
  wrote('e11', 'ARRET', { consent: 'withdrawn', occurredAt: at(14) }),
  wrote('e12', 'START', { consent: 'given', occurredAt: at(18) }),
  wrote('e13', 'Oui', { occurredAt: at(20) }),
  chatted('e14', { type: 'unknown', providerState: { state: 'authorized', open: true }, occurredAt: at(12) }),
  chatted('e15', { type: 'unknown', providerState: { state: 'blocked', open: false }, occurredAt: at(16) }),
]

/** Some items, each with what it was read as, in any order and cut into any batches; and where replay takes up which. */
const stories = fc.shuffledSubarray(items, { minLength: 1 }).chain((told) =>
  fc.record({
    told: fc.tuple(
      ...told.map(({ today, before }) =>
        fc.constantFrom(...before).map((reading) => ({ today, before: { ...today, ...reading } })),
      ),
    ),
    size: fc.integer({ min: 1, max: 6 }),
    page: fc.integer({ min: 1, max: 6 }),
    outcome: fc.constantFrom('accepted' as const, 'unknown' as const, 'exhausted' as const),
  }),
)

describe.each(testStores)('by the driver $name', ({ open, name }) => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.drop())

  it('what an older reading recorded is, once it is replayed, what today’s would have recorded; a second replay changes nothing', async () => {
    const property = fc.asyncProperty(stories, async ({ told, size, page, outcome }) => {
      const today = told.map((item) => item.today)
      const right = await recorded(opened, parts(today, size), outcome)
      await recorded(
        opened,
        parts(
          told.map(({ before }) => before),
          size,
        ),
        outcome,
      )
      const pages = parts(
        today.toSorted((one, other) => (one.eventId < other.eventId ? -1 : 1)),
        page,
      )
      for (const one of pages) {
        const shown = await reread(opened, one, true)
        expect(await reread(opened, one)).toEqual(shown)
      }
      expect(await everything(opened)).toEqual(right)
      const exactly = await everything(opened, true)
      for (const one of pages) expect(await reread(opened, one)).toEqual({ changed: [], messages: 0 })
      expect(await everything(opened, true)).toEqual(exactly)
    })
    await fc.assert(property, { numRuns: name === 'postgres' ? 40 : 8 })
  }, 120_000)
})

function parts<One>(all: readonly One[], size: number): One[][] {
  return all.flatMap((_, index) => (index % size === 0 ? [all.slice(index, index + size)] : []))
}

async function recorded(
  opened: TestStore,
  batches: MessageEvent[][],
  outcome: 'accepted' | 'unknown' | 'exhausted',
) {
  await emptied(opened)
  for (const wanted of [mail, chat]) await opened.store.reserveMessage(wanted, reserving)
  await record(
    opened.store,
    [],
    [
      accepted(mail.message.id, 'SG1', { provider: 'sendgrid', outcome }),
      // Not given up: whose message an answer is depends on that.
      accepted(chat.message.id, 'SM1', { outcome: outcome === 'exhausted' ? 'accepted' : outcome }),
    ],
  )
  for (const batch of batches) await record(opened.store, batch)
  return everything(opened)
}

function reread(opened: TestStore, told: MessageEvent[], dryRun = false) {
  const rows = told.map((one) => eventRow({ event: one, requestId: 'request-2' }))
  return opened.store.rewriteEvents(rows, { dryRun })
}

/** What depends on the order in which it was told; why somebody is not written to says nothing where they are. */
const byOrder = new Map([
  ['messages', `- 'updated_at'`],
  ['message_events', `- 'id'`],
  ['suppressions', `- array['updated_at', 'message_id', case when not t.active then 'reason' end]`],
])

/** All that is known; `exactly`: with what depends on the order too. */
async function everything(opened: TestStore, exactly = false): Promise<Row[][]> {
  const rows: Row[][] = []
  for (const table of ['messages', 'message_events', 'suppressions', 'provider_states', 'contact_aliases']) {
    const row = `to_jsonb(t) ${exactly ? '' : (byOrder.get(table) ?? '')}`
    rows.push(await opened.query(`select ${row} as row from ${table} t order by (${row})::text`))
  }
  return rows
}
