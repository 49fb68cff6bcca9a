import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { Outcome } from '#src/store/kept.ts'
import type { ShownMessage } from '#src/store/shown.ts'
import type { TestStore } from '#support/database.ts'
import { accepted, address, at, event, messageOf, newMessage, record, reserving } from '#support/facts.ts'
import { emptied, testStores } from '#support/stores.ts'

const wanted = newMessage({ channel: 'email' })
const messageId = wanted.message.id
const providerMessageId = 'provider-1'

function told(eventId: string, fields: Partial<MessageEvent>): MessageEvent {
  return event({ provider: 'sendgrid', channel: 'email', eventId, recipient: address, ...fields })
}

/** Everything that may be told of one message, by either id, some of it at the same moment. */
const events: MessageEvent[] = [
  told('e01', { type: 'queued', providerMessageId, occurredAt: at(1) }),
  told('e02', { type: 'sent', messageId, providerMessageId, occurredAt: at(2) }),
  told('e03', { type: 'deferred', providerMessageId, code: '421', reason: 'busy', occurredAt: at(3) }),
  told('e04', { type: 'deferred', messageId, code: '450', reason: 'later', occurredAt: at(3) }),
  told('e05', { type: 'delivered', messageId, occurredAt: at(4) }),
  told('e06', { type: 'delivered', providerMessageId, source: 'poll', occurredAt: at(3) }),
  told('e07', { type: 'opened', messageId, machine: true, occurredAt: at(4) }),
  told('e08', { type: 'opened', providerMessageId, occurredAt: at(9) }),
  told('e09', { type: 'clicked', messageId, machine: true, occurredAt: at(6) }),
  told('e10', { type: 'bounced', messageId, code: '550', bounceClass: 'soft', occurredAt: at(20) }),
  told('e11', { type: 'bounced', providerMessageId, code: '551', bounceClass: 'hard', occurredAt: at(20) }),
  told('e12', { type: 'failed', messageId, code: 'x', occurredAt: at(19) }),
  told('e13', { type: 'rejected', providerMessageId, code: 'y', occurredAt: at(19) }),
  told('e14', { type: 'bounced', messageId, recipient: 'cc@example.com', code: '999', occurredAt: at(1) }),
  told('e15', { type: 'unknown', messageId, occurredAt: at(1) }),
  told('e16', { type: 'complained', providerMessageId, occurredAt: at(30) }),
  told('e18', { type: 'opened', messageId, occurredAt: at(5) }),
  told('e19', { type: 'clicked', messageId, occurredAt: at(12), url: 'https://example.com' }),
  told('e20', { type: 'delivered', messageId, source: 'poll', occurredAt: at(0) }),
  told('e17', { type: 'failed', providerMessageId, code: 'cleared', source: 'poll', occurredAt: at(18) }),
]

const base: Partial<Outcome> = { provider: 'sendgrid', warnings: ['w'] }
const noId: Partial<Outcome> = {
  ...base,
  providerMessageId: undefined,
  errorCode: 'ours',
  errorMessage: 'what we saw',
}
const outcomes: Outcome[] = [
  accepted(messageId, providerMessageId, base),
  accepted(messageId, '', { ...noId, outcome: 'unknown' }),
  accepted(messageId, '', { ...noId, outcome: 'retryable', nextAttemptAt: at(60) }),
  accepted(messageId, '', { ...noId, outcome: 'refused' }),
  accepted(messageId, '', { ...noId, outcome: 'exhausted' }),
]

interface Telling {
  events: MessageEvent[]
  outcomes: Outcome[]
}

/** Some of the events and one outcome, in any order, with any repetition, cut into any batches. */
const stories = fc
  .record({
    subset: fc.subarray(events, { minLength: 1 }),
    outcome: fc.constantFrom(...outcomes),
    repeats: fc.array(fc.nat(), { maxLength: 8 }),
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 24 }),
  })
  .chain(({ subset, outcome, repeats, sizes }) => {
    const facts: (MessageEvent | Outcome)[] = [...subset, outcome]
    const again = repeats.flatMap((index) => facts[index % facts.length] ?? [])
    const all = [...facts, ...again]
    return fc
      .shuffledSubarray(all, { minLength: all.length })
      .map((sequence) => ({ subset, outcome, batches: batchesOf(sequence, sizes) }))
  })

function batchesOf(sequence: (MessageEvent | Outcome)[], sizes: number[]): Telling[] {
  const batches: Telling[] = []
  for (let from = 0, batch = 0; from < sequence.length; batch++) {
    const part = sequence.slice(from, from + (sizes[batch % sizes.length] ?? 1))
    batches.push({
      events: part.filter((fact) => 'eventId' in fact),
      outcomes: part.filter((fact) => 'outcome' in fact),
    })
    from += part.length
  }
  return batches
}

async function rowAfter(opened: TestStore, batches: Telling[]): Promise<Omit<ShownMessage, 'updated_at'>> {
  await emptied(opened)
  await opened.store.reserveMessage(wanted, reserving)
  for (const batch of batches) await record(opened.store, batch.events, batch.outcomes)
  await opened.store.matchParked({ now: at(120) })
  const row = await currentRow(opened)
  // Whichever way each of them took, the short one or the thorough one: a replay stamps so, whatever the row said before.
  const wrong = ['sent', 'delivered', 'opened', 'bounced', 'failed', 'complained'].map(
    (fact) => `${fact}_at = now()`,
  )
  await opened.query(`update messages set ${wrong.join(', ')}, error_code = 'wrong', bounce_class = 'hard'`)
  await opened.query('select stamp_facts(array[$1::uuid])', [messageId])
  expect(await currentRow(opened)).toEqual(row)
  return row
}

async function currentRow(opened: TestStore): Promise<Omit<ShownMessage, 'updated_at'>> {
  const { updated_at, ...row } = await messageOf(opened.store, messageId)
  return row
}

describe.each(testStores)('by the driver $name', ({ open, name }) => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened?.drop())

  it('what is told of one message ends in the same row in any order, repetition and batching', async () => {
    const property = fc.asyncProperty(stories, async ({ subset, outcome, batches }) => {
      const straight = await rowAfter(opened, [{ events: subset, outcomes: [outcome] }])
      expect(await rowAfter(opened, batches)).toEqual(straight)
    })
    await fc.assert(property, { numRuns: name === 'postgres' ? 40 : 12 })
  }, 90_000)
})
