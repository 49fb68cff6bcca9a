import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Alias, MessageEvent } from '#src/model/event.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, at, event, newMessage, record, reserving } from '#support/facts.ts'
import { emptied, testStores } from '#support/stores.ts'

/**
 * Two people, and all that each may be called: numbers in several writings, WhatsApp's names, a number that only a quote
 * tells. `hidden` is known by nothing that is told here.
 */
const ours = '+14155238886'
const anna = {
  number: '+525512345678',
  written: '+5215512345678',
  id: 'MX.77',
  other: 'MX.78',
  away: '+4915123456789',
}
const paul = {
  number: '+5511987654322',
  written: '+551187654322',
  id: 'BR.9',
  other: '123456789012345@lid',
  away: '+447700900123',
}
const hidden = 'FR.1'

/** Our own messages: to the number, and to each name. */
const sends = [
  { to: anna.number, sid: 'S-anna', tenantId: 'acme', lead: 'lead-anna' },
  { to: anna.id, sid: 'S-anna-id', tenantId: 'acme', lead: 'lead-anna' },
  { to: paul.written, sid: 'S-paul', tenantId: 'acme', lead: 'lead-paul' },
  { to: hidden, sid: 'S-hidden', tenantId: 'acme', lead: 'lead-hidden' },
].map((one) => ({
  ...one,
  wanted: newMessage({ to: one.to, tenantId: one.tenantId, leadId: one.lead, sender: ours }),
}))

let told = 0
function fact(fields: Partial<MessageEvent>): MessageEvent {
  told += 1
  return event({ eventId: `e${told}`, occurredAt: at(60 + told), receivedAt: at(60 + told), ...fields })
}
const learnt = (providerMessageId: string, alias: Alias) => fact({ providerMessageId, alias })
function wrote(
  sender: string,
  text: string,
  more: Partial<MessageEvent> & { quotes?: string } = {},
): MessageEvent {
  const { quotes, ...fields } = more
  const consent = { STOP: 'withdrawn', START: 'given' }[text] as MessageEvent['consent']
  return fact({
    type: 'received',
    providerMessageId: `I${told}`,
    recipient: ours,
    inbound: { sender, recipient: ours, text, repliedTo: quotes },
    ...(consent && { consent }),
    ...fields,
  })
}

/** All that is told of them: what teaches a name, and what is said under each. */
const events: MessageEvent[] = [
  learnt('S-anna', { name: anna.id }),
  learnt('S-anna-id', { name: anna.id, address: anna.written }),
  learnt('nobody’s', { name: anna.other, address: anna.written }),
  learnt('S-paul', { name: paul.id }),
  learnt('S-paul', { name: paul.other, address: paul.number }),
  wrote(anna.away, 'Oui', { quotes: 'S-anna' }),
  wrote(paul.away, 'Oui', { quotes: 'S-paul' }),
  wrote(anna.id, 'STOP'),
  wrote(anna.written, 'Bonjour', { alias: { name: anna.id, address: anna.written } }),
  wrote(paul.number, 'STOP'),
  wrote(anna.number, 'START'),
  wrote(paul.other, 'START'),
  wrote(paul.id, 'Une question'),
  wrote(anna.other, 'STOP'),
  wrote(paul.written, 'Bonjour'),
  wrote(hidden, 'STOP'),
  wrote(anna.away, 'Encore'),
  fact({
    type: 'failed',
    providerMessageId: 'S-anna-id',
    alias: { name: anna.id },
    code: '63024',
    consent: 'withdrawn',
  }),
  fact({
    type: 'failed',
    providerMessageId: 'S-hidden',
    alias: { name: hidden },
    code: '63024',
    consent: 'withdrawn',
  }),
]

const orders = fc
  .record({
    sequence: fc.shuffledSubarray(events, { minLength: events.length }),
    repeats: fc.array(fc.nat(), { maxLength: 6 }),
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 24 }),
  })
  .map(({ sequence, repeats, sizes }) => {
    const all = [...sequence, ...repeats.flatMap((index) => sequence[index % sequence.length] ?? [])]
    const batches: MessageEvent[][] = []
    for (let from = 0; from < all.length; ) {
      const size = sizes[batches.length % sizes.length] ?? 1
      batches.push(all.slice(from, from + size))
      from += size
    }
    return batches
  })

/** What is known in the end: who is not to be written to, and who wrote and got what, of which tenant and lead. */
async function knownAfter({ store, query }: TestStore, batches: MessageEvent[][]) {
  for (const { wanted, sid } of sends) {
    await store.reserveMessage(wanted, reserving)
    await record(store, [], [accepted(wanted.message.id, sid)])
  }
  for (const batch of batches) await record(store, batch)
  await store.matchParked({ now: at(600) })
  return {
    suppressions: await query(
      'select channel, address, withdrawn_at, given_at, active, reason from suppressions order by channel, address',
    ),
    aliases: await query('select provider, alias, address from contact_aliases order by alias, address'),
    written: await query(
      `select text, sender, tenant_id, lead_id, provider_message_id from messages
       where direction = 'inbound' order by provider_message_id`,
    ),
    sent: await query(
      `select provider_message_id, recipient from messages where direction = 'outbound' order by provider_message_id`,
    ),
    told: await query(
      `select event_id, tenant_id, lead_id from message_events where type = 'received' order by event_id`,
    ),
  }
}

async function knownOf(opened: TestStore, batches: MessageEvent[][]) {
  await emptied(opened)
  return knownAfter(opened, batches)
}

describe.each(testStores)('by the driver $name', ({ open, name }) => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.drop())

  it('each of them is one person in the end, whose word holds under every name', async () => {
    const { written, sent, suppressions } = await knownOf(opened, [events])
    const people = new Set(written.map(({ sender }) => sender))
    expect(people).toEqual(new Set([anna.number, paul.number, hidden]))
    expect(new Set(written.map(({ lead_id: lead }) => lead))).toEqual(
      new Set(['lead-anna', 'lead-paul', 'lead-hidden']),
    )
    expect(sent.map(({ recipient }) => recipient)).toEqual([anna.number, anna.number, hidden, paul.number])
    const active = suppressions.filter((row) => row.active).map(({ address }) => address)
    // Anna said STOP last, Paul START; nobody knows yet who the third is.
    expect(active).toContain(anna.number)
    expect(active).not.toContain(paul.number)
    expect(active).toContain(hidden)
    for (const to of [anna.number, anna.written, anna.id, anna.other, hidden])
      expect(
        (await opened.store.reserveMessage(newMessage({ to }), reserving)).circumstances?.suppressed,
      ).toBeDefined()
    for (const to of [paul.number, paul.written, paul.id, paul.other])
      expect(
        (await opened.store.reserveMessage(newMessage({ to }), reserving)).circumstances?.suppressed,
      ).toBeUndefined()
  })

  it('what is learnt and what is said ends in the same suppressions and the same people, in any order', async () => {
    const straight = await knownOf(opened, [events])
    const property = fc.asyncProperty(orders, async (batches) => {
      expect(await knownOf(opened, batches)).toEqual(straight)
    })
    await fc.assert(property, { numRuns: name === 'postgres' ? 40 : 12 })
  }, 90_000)
})
