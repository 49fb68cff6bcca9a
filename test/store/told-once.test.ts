import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { TestStore } from '#support/database.ts'
import { event, newMessage, record, reserving } from '#support/facts.ts'
import { emptied, testStores } from '#support/stores.ts'

const hourMs = 3_600_000
const now = Date.now()
const happened = (hoursAgo: number) => new Date(now - hoursAgo * hourMs)

const nth = fc.nat({ max: 20 })
const of = fc.nat({ max: 2 })
/** Some lie back, some do not, some are on the edge. */
const age = fc.constantFrom(0.5, 1.5, 2.5, 3.5, 4, 50, 51)
const type = fc.constantFrom<MessageEvent['type'][]>('queued', 'delivered', 'clicked')
const telling = fc.record({ of, type, age })
const deed = fc.oneof(
  fc.record({ told: fc.array(telling, { minLength: 1, maxLength: 4 }) }),
  // Of a message that is not known yet, and then is.
  fc.record({ parked: fc.record({ type, age }) }),
  fc.record({ adopted: of }),
  // As a replay changes it.
  fc.record({ changed: nth, type, age }),
  fc.record({ moved: nth, of }),
  fc.record({ gone: nth }),
  fc.record({ settled: fc.integer({ min: 1, max: 4 }) }),
)
/** What was marked once, and what became of it then. */
const story = fc.tuple(
  fc.array(telling, { minLength: 4, maxLength: 10 }),
  fc.array(deed, { minLength: 3, maxLength: 15 }),
)
type Deed = typeof deed extends fc.Arbitrary<infer Made> ? Made : never

/** What the view shows, with every event looked at. */
const looked = `select e.id from message_events e
  where e.message_id is not null
    and (e.type in ('opened', 'clicked', 'unsubscribed', 'subscribed', 'unknown')
      or not exists (
        select from message_events earlier
        where earlier.message_id = e.message_id and earlier.type = e.type
          and (earlier.occurred_at, earlier.event_id, earlier.id) < (e.occurred_at, e.event_id, e.id)
      ))
  order by e.id`

describe.each(testStores.filter(({ slow }) => !slow))('by the driver $name', ({ open, name }) => {
  let opened: TestStore
  let ids: string[] = []
  beforeAll(async () => {
    opened = await open()
  })
  beforeEach(begin)
  afterAll(() => opened?.drop())

  async function begin(): Promise<void> {
    await emptied(opened)
    const messages = [0, 1, 2].map(() => newMessage({ channel: 'sms' }))
    ids = messages.map(({ message }) => message.id)
    for (const message of messages)
      await opened.store.reserveMessage(message, { ...reserving, now: happened(60) })
  }

  async function done(one: Deed): Promise<void> {
    if ('told' in one) await tell(one.told.map((each) => ({ ...each, messageId: ids[each.of] })))
    else if ('parked' in one) await tell([one.parked])
    else if ('adopted' in one) await change('message_id = $1 where message_id is null', [ids[one.adopted]])
    else if ('changed' in one)
      await change(`type = $1, occurred_at = $2 where id = ${nthEvent(one.changed)}`, [
        one.type,
        happened(one.age),
      ])
    else if ('moved' in one) await change(`message_id = $1 where id = ${nthEvent(one.moved)}`, [ids[one.of]])
    else if ('gone' in one) await opened.query(`delete from message_events where id = ${nthEvent(one.gone)}`)
    else
      for (let count = 0; count < one.settled; count++) await opened.query('select settle_events(10800, 1)')
  }

  const tell = (told: { type: MessageEvent['type']; age: number; messageId?: string | undefined }[]) =>
    record(
      opened.store,
      told.map(({ type, age, messageId }) =>
        event({ channel: 'sms', type, messageId, occurredAt: happened(age) }),
      ),
    )
  const change = (how: string, values: unknown[]) => opened.query(`update message_events set ${how}`, values)
  const nthEvent = (number: number) =>
    `(select id from message_events order by id offset ${number} % greatest((select count(*) from message_events), 1) limit 1)`

  it('the views show what they would if every event was looked at, whatever was told and whenever it was marked', async () => {
    const property = fc.asyncProperty(story, async ([told, deeds]) => {
      await begin()
      await tell(told.map((each) => ({ ...each, messageId: ids[each.of] })))
      await opened.query('select settle_events(10800, 100)')
      for (const one of deeds) {
        await done(one)
        expect(await opened.query('select id from once_only_events order by id')).toEqual(
          await opened.query(looked),
        )
      }
    })
    await fc.assert(property, { numRuns: name === 'postgres' ? 20 : 6 })
  }, 120_000)

  it('what lies back is marked, and looked at no more', async () => {
    await tell([3.5, 3.6, 3.7].map((age) => ({ type: 'delivered', age, messageId: ids[0] })))
    await opened.query('update message_events set again = false')
    for (let count = 0; count < 4; count++) await opened.query('select settle_events(10800, 1)')
    expect(await opened.query('select again from message_events order by occurred_at')).toEqual([
      { again: false },
      { again: true },
      { again: true },
    ])
  })
})
