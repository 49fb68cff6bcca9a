import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MessageEvent } from '#src/model/event.ts'
import type { Channel } from '#src/model/message.ts'
import type { Row, TestStore } from '#support/database.ts'
import { accepted, event, newMessage, record, reserving } from '#support/facts.ts'
import { emptied, testStores } from '#support/stores.ts'

const hourMs = 3_600_000
const now = Date.now()
const hoursAgo = (hours: number) => new Date(now - hours * hourMs)

const tenants = ['acme', 'other'] as const
const channels = ['email', 'sms', 'whatsapp'] as const
const types: MessageEvent['type'][] = [
  'queued',
  'sent',
  'deferred',
  'delivered',
  'opened',
  'read',
  'clicked',
  'bounced',
  'rejected',
  'failed',
  'complained',
]

const nth = fc.nat({ max: 30 })
/** Some of these hours are counted, some too young for it, some on the edge. */
const age = fc.constantFrom(0.2, 5, 11, 12.5, 13.5, 14, 14.5, 20, 48, 49, 49.5, 1_000)
const making = fc.record({
  made: age,
  tenant: fc.constantFrom(...tenants),
  channel: fc.constantFrom(...channels),
})
const deed = fc.oneof(
  making,
  fc.record({ told: fc.array(fc.record({ of: nth, type: fc.constantFrom(...types) }), { minLength: 1 }) }),
  fc.record({ accepted: nth }),
  fc.record({ gone: nth }),
  fc.record({ moved: nth, tenant: fc.constantFrom(...tenants) }),
  fc.record({ counted: fc.integer({ min: 1, max: 3 }) }),
)
type Deed = typeof deed extends fc.Arbitrary<infer Made> ? Made : never

const question: fc.Arbitrary<Question> = fc.record({
  tenant: fc.constantFrom(undefined, ...tenants),
  channel: fc.constantFrom(undefined, ...channels),
  from: age,
  hours: fc.constantFrom(0.3, 1, 2, 30, 2_000),
  statuses: fc.tuple(fc.constantFrom(undefined, 'sending', 'queued', ...types)),
  limit: fc.integer({ min: 1, max: 4 }),
})
interface Question {
  tenant: string | undefined
  channel: Channel | undefined
  from: number
  hours: number
  statuses: readonly (string | undefined)[]
  limit: number
}
const everything: Question = {
  tenant: undefined,
  channel: undefined,
  from: 2_000,
  hours: 4_000,
  statuses: types,
  limit: 200,
}

describe.each(testStores.filter(({ slow }) => !slow))('by the driver $name', ({ open, name }) => {
  let opened: TestStore
  let ids: string[] = []
  beforeAll(async () => {
    opened = await open()
  })
  beforeEach(async () => {
    ids = []
    await emptied(opened)
  })
  afterAll(() => opened?.drop())

  async function done(one: Deed): Promise<void> {
    if ('made' in one) await make(one)
    else if ('told' in one) await tell(one.told)
    else if ('counted' in one)
      for (let count = 0; count < one.counted; count++) await opened.query('select count_messages(46800, 1)')
    else if ('accepted' in one) await record(opened.store, [], accepts(one.accepted))
    else if ('gone' in one) await opened.query('delete from messages where id = $1', [idOf(one.gone)])
    else await opened.query('update messages set tenant_id = $2 where id = $1', [idOf(one.moved), one.tenant])
  }

  const idOf = (number: number) => ids[number % Math.max(ids.length, 1)] ?? randomUUID()
  const accepts = (number: number) => [accepted(idOf(number), '', { providerMessageId: undefined })]

  async function make({
    made,
    tenant,
    channel,
  }: {
    made: number
    tenant: string
    channel: 'email' | 'sms' | 'whatsapp'
  }) {
    const message = newMessage({ tenantId: tenant, channel })
    ids.push(message.message.id)
    await opened.store.reserveMessage(message, { ...reserving, now: hoursAgo(made) })
  }

  async function tell(told: { of: number; type: MessageEvent['type'] }[]): Promise<void> {
    const events = told.map(({ of, type }) => event({ messageId: idOf(of), type, channel: 'sms' }))
    // Each of them twice.
    await record(opened.store, [...events, ...events])
  }

  /** What was counted once, what became of it then, and what is asked after each of that. */
  const story = fc.tuple(
    fc.array(making, { minLength: 4, maxLength: 8 }),
    fc.array(fc.tuple(deed, question), { minLength: 3, maxLength: 12 }),
  )

  it('the figures and the lists are those of the messages, whatever became of them and whenever it was counted', async () => {
    const property = fc.asyncProperty(story, async ([made, deeds]) => {
      await emptied(opened)
      ids = []
      for (const one of made) await make(one)
      await opened.query('select count_messages(46800, 100)')
      for (const [one, asked] of deeds) {
        await done(one)
        await right(everything)
        await right(asked)
      }
    })
    await fc.assert(property, { numRuns: name === 'postgres' ? 16 : 4 })
  }, 120_000)

  async function right({ tenant, channel, from, hours, statuses, limit }: Question): Promise<void> {
    const since = hoursAgo(from)
    const until = new Date(since.getTime() + hours * hourMs)
    expect(await opened.store.messageStats({ tenantId: tenant, channel, from: since, to: until })).toEqual(
      await figures([tenant ?? null, channel ?? null, since.toISOString(), until.toISOString()]),
    )
    for (const status of statuses) {
      const listed = await opened.store.listMessages({ tenantId: tenant, channel, status, limit })
      expect(listed.map(({ id }) => id)).toEqual(
        await newest([tenant ?? null, channel ?? null, status ?? null, limit]),
      )
    }
  }

  it('what is gone of an hour since it was counted hides nothing older from a list', async () => {
    await make({ made: 40, tenant: 'acme', channel: 'sms' })
    await make({ made: 20, tenant: 'acme', channel: 'sms' })
    await opened.query('select count_messages(46800, 100)')
    await opened.query('delete from messages where id = $1', [ids[1]])
    const listed = await opened.store.listMessages({ status: 'sending', limit: 1 })
    expect(listed.map(({ id }) => id)).toEqual([ids[0]])
  })

  it('what is told while an hour is counted again is counted the next time', async () => {
    await make({ made: 20, tenant: 'acme', channel: 'sms' })
    await opened.query('select count_messages(46800, 100)')
    await tell([{ of: 0, type: 'clicked' }])
    const hours = await opened.query('select count(*)::integer as late from message_recounts')
    expect(hours).toEqual([{ late: 1 }])
    await opened.query('select count_messages(46800, 100)')
    expect(await opened.query('select sum(clicked)::integer as clicked from message_counts')).toEqual([
      { clicked: 1 },
    ])
    expect(await opened.query('select * from message_recounts')).toEqual([])
  })

  it('an hour is open for longer than the triggers take what is told of it for timely', async () => {
    const [timely] = await opened.query(
      `select max((regexp_match(pg_get_triggerdef(oid), 'now\\(\\) - ''(\\d\\d):00:00''::interval'))[1]::integer) as hours,
         count(*)::integer as triggers
       from pg_trigger where tgname like 'recount%'`,
    )
    expect(timely).toEqual({ hours: 12, triggers: 3 })
  })

  /** What message_stats answered before there were counts: every message is read. */
  async function figures(asked: unknown[]): Promise<Row> {
    const [row] = await opened.query(
      `select to_jsonb(f) as figures from (
         select count(*) as messages,
           count(*) filter (where coalesce(sent_at, delivered_at, opened_at, read_at) is not null) as sent,
           count(*) filter (where coalesce(delivered_at, opened_at, read_at, clicked_at) is not null) as delivered,
           count(read_at) as read, count(opened_at) as opened, count(machine_opened_at) as opened_by_machines,
           count(clicked_at) as clicked, count(machine_clicked_at) as clicked_by_machines, count(bounced_at) as bounced,
           count(rejected_at) as rejected, count(failed_at) as failed, count(complained_at) as complained,
           count(*) filter (where status = 'unknown') as unknown
         from messages
         where direction = 'outbound' and ($1::text is null or tenant_id = $1) and ($2::text is null or channel = $2)
           and created_at >= $3 and created_at < $4
       ) f`,
      asked,
    )
    return JSON.parse(JSON.stringify(row?.figures))
  }

  async function newest(asked: unknown[]): Promise<unknown[]> {
    const rows = await opened.query(
      `select id from messages
       where ($1::text is null or tenant_id = $1) and ($2::text is null or channel = $2)
         and ($3::text is null or status = $3)
       order by created_at desc, id desc limit $4`,
      asked,
    )
    return rows.map(({ id }) => id)
  }
})
