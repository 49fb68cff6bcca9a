import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import type { MessageEvent } from '#src/model/event.ts'
import { event, record } from '#support/facts.ts'
import { bySendgrid, bySms, person, send, type Way } from '#support/sends.ts'
import { sendgridEvent, twilioInbound } from '#support/told.ts'
import { type Answer, startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 25, environment: { SENDGRID_TRANSACTIONAL_GROUPS: '4711' } })
})
afterAll(() => world.stop())
beforeEach(async () => {
  await replay()
})

const since = new Date(Date.now() - 3_600_000)

/** What somebody says of being written to. */
type Word = 'stop' | 'start' | 'nothing'
type Reading = Partial<MessageEvent>

interface Telling {
  name: string
  way: Way
  /** What a send is refused with after a STOP. */
  refusal: string
  /** The item as its provider tells it, and what is read in it today. */
  told(to: string, word: Word, at: Date): Reading
}

const mailed = {
  stop: { event: 'group_unsubscribe', type: 'unsubscribed', consent: 'withdrawn', code: 'group 4711' },
  start: { event: 'group_resubscribe', type: 'subscribed', consent: 'given', code: 'group 4711' },
  nothing: { event: 'open', type: 'opened', consent: undefined, code: undefined },
} as const
const texted = {
  stop: { text: 'ARRET', consent: 'withdrawn' },
  start: { text: 'START', consent: 'given' },
  nothing: { text: 'Bonjour', consent: undefined },
} as const

const tellings: Telling[] = [
  {
    name: 'by an unsubscribe of SendGrid',
    way: bySendgrid,
    refusal: 'they left the unsubscribe group 4711',
    told(to, word, at) {
      const { event: providerType, ...read } = mailed[word]
      const group = word === 'nothing' ? {} : { asm_group_id: 4711 }
      const raw = sendgridEvent({ to }, { event: providerType, timestamp: at.getTime() / 1_000, ...group })
      const own = { provider: 'sendgrid', eventId: raw.sg_event_id, providerType, raw }
      return { ...own, channel: 'email', recipient: to, ...read }
    },
  },
  {
    name: 'by an ARRET by SMS',
    way: bySms,
    refusal: 'they wrote STOP',
    told(to, word) {
      const { text, consent } = texted[word]
      const recipient = credentials.twilio.smsFrom
      const raw = { ...twilioInbound(to, text), From: to, To: recipient }
      const own = { provider: 'twilio', eventId: `${raw.MessageSid}:received`, providerType: 'received', raw }
      const inbound = { sender: to, recipient, text }
      const providerMessageId = raw.MessageSid
      return { ...own, type: 'received', channel: 'sms', recipient, providerMessageId, inbound, consent }
    },
  },
]

describe.each(tellings)('a person who withdrew consent $name', ({ way, refusal, told }) => {
  const refused = { status: 422, code: 'suppressed', message: expect.stringContaining(refusal) }
  const stopped: Reading = { consent: 'withdrawn' }
  const understood: Reading = {}
  const ignored: Reading = { type: 'unknown', consent: undefined, inbound: undefined }

  /** What was told so many minutes ago, and what an older mapping read in it. */
  async function keep(to: string, word: Word, minutesAgo: number, misread: Reading): Promise<void> {
    const at = new Date(Math.floor(Date.now() / 1_000) * 1_000 - minutesAgo * 60_000)
    const fields = { ...told(to, word, at), occurredAt: at, receivedAt: at }
    await record(world.server.store, [event({ ...fields, ...misread })])
  }

  test('is not written to once a replay understands it; a dry run shows it, a second replay changes nothing', async () => {
    const to = person(way, 'ok')
    await keep(to, 'stop', 10, ignored)
    expect(await sending(way, to)).toEqual({ status: 200 })
    const before = await everything()
    const shown = await replay({ dryRun: true })
    const understanding = expect.objectContaining({ consent: 'withdrawn' })
    expect(shown).toMatchObject({
      changed: 1,
      changes: [{ before: { consent: null }, after: understanding }],
    })
    expect(await everything()).toEqual(before)
    expect(await sending(way, to)).toEqual({ status: 200 })

    expect((await replay()).changes).toEqual(shown.changes)
    expect(await sending(way, to)).toEqual(refused)
    const after = await everything()
    expect(await replay()).toMatchObject({ changed: 0, changes: [] })
    expect(await everything()).toEqual(after)
  })

  test('is written to where they said later, or are read to have said later, that they may be', async () => {
    const [first, second, third] = [person(way, 'ok'), person(way, 'ok'), person(way, 'ok')]
    await keep(first, 'start', 5, understood)
    await keep(first, 'stop', 10, ignored)
    await keep(second, 'stop', 10, understood)
    await keep(second, 'start', 5, ignored)
    await keep(third, 'start', 10, understood)
    await keep(third, 'stop', 5, ignored)
    expect(await sending(way, second)).toEqual(refused)
    expect(await replay()).toMatchObject({ changed: 3 })
    expect(await sending(way, first)).toEqual({ status: 200 })
    expect(await sending(way, second)).toEqual({ status: 200 })
    expect(await sending(way, third)).toEqual(refused)
  })

  test('is written to again where that is read as none; what was withdrawn otherwise stays', async () => {
    const [only, before, after] = [person(way, 'ok'), person(way, 'ok'), person(way, 'ok')]
    await keep(before, 'stop', 20, understood)
    await keep(after, 'stop', 1, understood)
    for (const to of [only, before, after]) {
      await keep(to, 'nothing', 10, stopped)
      expect(await sending(way, to)).toMatchObject({ status: 422 })
    }
    expect(await replay()).toMatchObject({ changed: 3 })
    expect(await sending(way, only)).toEqual({ status: 200 })
    expect(await sending(way, before)).toEqual(refused)
    expect(await sending(way, after)).toEqual(refused)
  })
})

/** What a send is answered. */
async function sending(way: Way, to: string) {
  const { status, body } = await send(world, way, to)
  return { status, ...(status === 200 ? {} : { code: body.error.code, message: body.error.message }) }
}

async function replay(wish: Record<string, unknown> = {}): Promise<Answer['body']> {
  const headers = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
  const { status, body } = await world.call(
    'POST',
    '/api/replay',
    { since: since.toISOString(), ...wish },
    headers,
  )
  expect(status).toBe(200)
  return body
}

async function everything() {
  await world.settled()
  return Promise.all(
    ['messages', 'message_events', 'suppressions'].map((table) =>
      world.database.query(`select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`),
    ),
  )
}
