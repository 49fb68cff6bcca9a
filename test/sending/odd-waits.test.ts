import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel } from '#src/model/message.ts'
import type { Reply } from '#support/local-api.ts'
import { startWorld, type World } from '#support/world.ts'
import * as greenapi from '../providers/greenapi/sending-cases.ts'
import * as resend from '../providers/resend/sending-cases.ts'
import * as sendgrid from '../providers/sendgrid/sending-cases.ts'
import * as twilio from '../providers/twilio/sending-cases.ts'

/** What a provider, or a proxy before it, may say instead of the seconds to wait. */
const sayings = [
  '-1',
  '0',
  '1e15',
  '1e400',
  '99999999999999999999',
  '4102444800',
  '1795946400000',
  '0x10',
  'NaN',
  '-Infinity',
  'soon',
  'Fri, 31 Dec 9999 23:59:59 GMT',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  '60, 120',
  '1.5',
]
const hourMs = 3_600_000
/** The jitter that is added to a wait. */
const most = 1.25

const providers = [
  { name: 'sendgrid', channel: 'email', ...sendgrid },
  { name: 'resend', channel: 'email', ...resend },
  { name: 'twilio', channel: 'whatsapp', cases: twilio.casesOn('whatsapp'), environment: twilio.environment },
  { name: 'greenapi', channel: 'whatsapp', ...greenapi },
] as const

const answers = new Map<string, Reply>()
const closers: (() => void)[] = []
let world: World
/** Whatever a provider asked for has passed when it is asked again. */
let passedMs = 0

beforeAll(async () => {
  const environments = await Promise.all(
    providers.map(async ({ name, cases, environment }) => {
      const answer = () => answers.get(name) ?? cases.accepted
      const api = await cases.protocol.listen(answer, (close) => closers.push(close))
      return environment(api.at)
    }),
  )
  world = await startWorld({
    environment: Object.assign({}, ...environments),
    workerEveryMs: 3_600_000,
    now: () => new Date(Date.now() + passedMs),
  })
})
afterAll(async () => {
  await world.stop()
  for (const close of closers) close()
})

describe.each(providers)('a wait that $name asks for', ({ name, channel }) => {
  test.each(sayings)('is an hour at most, and never a mistake of ours: %s', async (saying) => {
    const headers = { 'retry-after': saying, 'x-ratelimit-reset': saying, 'ratelimit-reset': saying }
    answers.set(name, { status: 429, headers, body: {} })
    passedMs += 2 * hourMs
    const before = Date.now() + passedMs
    const { status, body } = await sent(name, channel)
    expect({ status, body }).toMatchObject({ status: 202, body: { success: true, status: 'queued' } })
    const waitMs = Date.parse(body.nextAttemptAt) - before
    expect(waitMs).toBeGreaterThan(0)
    expect(waitMs).toBeLessThanOrEqual(hourMs * most + 60_000)
    const [attempt] = await world.database.query(
      `select outcome, error_code as code from message_attempts where message_id = $1`,
      [body.messageId],
    )
    expect(attempt).toMatchObject({ outcome: 'retryable', code: '429' })
  })
})

function sent(provider: string, channel: Channel) {
  if (channel === 'email')
    return world.action('sendEmail', {
      provider,
      to: `${provider}-${Math.random()}@example.com`,
      subject: 's',
      body: 'b',
    })
  return world.action('sendWhatsApp', { provider, to: '+33612345678', body: 'b' })
}
