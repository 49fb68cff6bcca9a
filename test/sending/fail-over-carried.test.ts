import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { asked, becomes, byGreenapi, comes, logged, receivedBy, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'
import { freePort } from '../../scripts/free-port.ts'
import { startDeafWorld } from './deaf-world.ts'
import { goingBy, type Pair, sendOn, someone, tried, wayOf } from './fail-over.ts'

const byTwilioFirst = { action: 'sendWhatsApp', first: 'twilio', other: 'greenapi' } as const
const byGreenapiFirst = { action: 'sendWhatsApp', first: 'greenapi', other: 'twilio' } as const
const bySmtpFirst = { action: 'sendEmail', first: 'smtp', other: 'resend' } as const
const byResendFirst = { action: 'sendEmail', first: 'resend', other: 'smtp' } as const
const bySendgridFirst = { action: 'sendEmail', first: 'sendgrid', other: 'smtp' } as const

async function worldOf(chosen: readonly Pair[], environment: Record<string, string> = {}): Promise<World> {
  return startWorld({ workerEveryMs: 20, environment: { ...goingBy(chosen), ...environment } })
}

async function plainHttp(): Promise<string> {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await vi.waitFor(() => expect(server.listening).toBe(true))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a provider that cannot be reached at all', () => {
  // Nobody listens there, and nobody else is given it.
  const port = freePort()
  test.each<{ what: string; pair: Pair; broken: (nobody: string, plain: string) => Record<string, string> }>([
    {
      what: 'refuses the connection',
      pair: byTwilioFirst,
      broken: (nobody) => ({ TWILIO_API_URL: `http://${nobody}` }),
    },
    {
      what: 'refuses the connection',
      pair: byGreenapiFirst,
      broken: (nobody) => ({ GREEN_API_URL: `http://${nobody}` }),
    },
    { what: 'refuses the connection', pair: bySmtpFirst, broken: () => ({ SMTP_PORT: '1' }) },
    { what: 'has no name', pair: byGreenapiFirst, broken: () => ({ GREEN_API_URL: 'http://a.invalid' }) },
    { what: 'has no name', pair: bySendgridFirst, broken: () => ({ SENDGRID_API_URL: 'http://a.invalid' }) },
    {
      what: 'speaks no TLS',
      pair: byResendFirst,
      broken: (_nobody, plain) => ({ RESEND_API_URL: `https://${plain}` }),
    },
  ])('$pair.first $what: $pair.other carries it', async ({ pair, broken }) => {
    const world = await worldOf([pair], broken(`127.0.0.1:${await port}`, await plainHttp()))
    onTestFinished(() => world.stop())
    const to = someone(pair)
    const { status, body } = await sendOn(world, pair, to)
    expect({ status, body }).toMatchObject({ status: 200, body: { provider: pair.other } })
    expect(receivedBy(world, to)).toMatchObject([{ provider: pair.other }])
    const { attempts } = await shown(world, body.messageId)
    expect(tried(attempts).map(([provider, outcome]) => [provider, outcome])).toEqual([
      [pair.first, 'retryable'],
      [pair.other, 'accepted'],
    ])
  })
})

describe('in the sandbox', () => {
  const chosen = [byTwilioFirst, bySmtpFirst]
  let world: World
  beforeAll(async () => {
    world = await worldOf(chosen)
  })
  afterAll(() => world.stop())
  afterEach(async () => {
    world.sandbox.endOutages()
    for (const pair of chosen) await send(world, wayOf(pair), someone(pair))
  })
  const refuse = (provider: 'twilio' | 'greenapi' | 'smtp' | 'resend', count?: number) =>
    world.sandbox.outage({ provider, kind: 'refuse', count })

  test.each(chosen)('the receipts of $other find what it carries for $first', async (pair) => {
    refuse(pair.first)
    const to = someone(pair)
    const { body } = await sendOn(world, pair, to)
    expect(body).toMatchObject({ provider: pair.other })
    await becomes(world, body.messageId, {
      status: pair.action === 'sendEmail' ? 'delivered' : 'read',
      provider: pair.other,
    })
    expect(receivedBy(world, to)).toMatchObject([{ provider: pair.other }])
  })

  test('SMTP turns away one recipient before the end of DATA: another carries it', async () => {
    const to = someone(bySmtpFirst, 'busy')
    // The story is every provider's: by Resend it is the second attempt that is taken.
    const { body } = await sendOn(world, bySmtpFirst, to)
    const { attempts } = await shown(world, body.messageId)
    expect(attempts).toMatchObject([
      { provider: 'smtp', outcome: 'retryable', errorCode: '451 4.7.1' },
      { provider: 'resend' },
    ])
  })

  test.each(chosen)('an outcome of $first that nobody knows leaves one message at most', async (pair) => {
    for (const story of ['timeout', 'drop']) {
      const to = someone(pair, story)
      const { body } = await sendOn(world, pair, to)
      expect(body).toMatchObject({ status: 'unknown', provider: pair.first })
      await asked(world, body.messageId)
      await becomes(world, body.messageId, { provider: pair.first, attempts: 1 })
      expect(receivedBy(world, to)).toMatchObject([{ provider: pair.first }])
    }
  })

  test('what the one that took over may have is looked for there, and found', async () => {
    refuse('twilio')
    const to = someone(byTwilioFirst, 'timeout')
    const { body } = await sendOn(world, byTwilioFirst, to)
    expect(body).toMatchObject({ status: 'unknown', provider: 'greenapi' })
    await asked(world, body.messageId)
    const [received] = receivedBy(world, to)
    const { attempts } = await becomes(world, body.messageId, {
      provider: 'greenapi',
      providerMessageId: received?.id,
    })
    expect(attempts).toMatchObject([{ provider: 'twilio' }, { provider: 'greenapi', outcome: 'unknown' }])
    expect(receivedBy(world, to)).toHaveLength(1)
  })

  test('a template that only the first one knows goes out as its text', async () => {
    const name = `Reminder ${Date.now()}`
    const content = { type: 'appointment', messageText: 'Bonjour {{prenom}}.', variables: ['prenom'] }
    const made = await world.call('POST', '/api/whatsapp/messages', {
      name,
      ...content,
      contentSid: `HX${'0'.repeat(32)}`,
    })
    expect(made.status).toBe(201)
    refuse('twilio')
    const to = someone(byTwilioFirst)
    const { status, body } = await world.call('POST', `/api/whatsapp/messages/${made.body.message.id}/send`, {
      toPhoneNumber: to,
      variables: { prenom: 'Anna' },
    })
    expect({ status, body }).toMatchObject({ status: 200, body: { provider: 'greenapi' } })
    expect(receivedBy(world, to)).toMatchObject([{ provider: 'greenapi', text: 'Bonjour Anna.' }])
  })

  test('where the database does not begin the next attempt, nothing goes to the other one, and it waits', async () => {
    await world.database.query('alter function fail_over rename to fail_over_away')
    onTestFinished(async () => {
      await world.database.query('alter function fail_over_away rename to fail_over')
    })
    refuse('twilio', 1)
    const to = someone(byTwilioFirst)
    const { status, body } = await sendOn(world, byTwilioFirst, to)
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued', provider: 'twilio' } })
    expect(receivedBy(world, to)).toEqual([])
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { provider: 'twilio', status: 'read', attempts: 2 })
    expect(receivedBy(world, to)).toHaveLength(1)
  })
})

describe('Green-API first, with WHATSAPP_WINDOW=enforce', () => {
  let world: World
  beforeAll(async () => {
    world = await worldOf([byGreenapiFirst], { WHATSAPP_WINDOW: 'enforce' })
  })
  afterAll(() => world.stop())
  afterEach(() => world.sandbox.endOutages())

  test('free text, which Twilio may refuse for good, waits for Green-API', async () => {
    world.sandbox.outage({ provider: 'greenapi', kind: 'refuse', count: 1 })
    const to = someone(byGreenapiFirst)
    const { status, body } = await sendOn(world, byGreenapiFirst, to)
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued', provider: 'greenapi' } })
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { provider: 'greenapi', status: 'read' })
    expect(receivedBy(world, to)).toHaveLength(1)
  })
})

test('what Resend may have stays with Resend, whatever it says to the repeat', async () => {
  const world = await startDeafWorld(goingBy([byResendFirst]))
  onTestFinished(() => world.stop())
  const to = someone(byResendFirst, 'drop')
  const { body } = await sendOn(world, byResendFirst, to)
  expect(body).toMatchObject({ status: 'unknown', provider: 'resend' })
  world.sandbox.outage({ provider: 'resend', kind: 'refuse', count: 1 })
  await comes(world, body.messageId)
  const { message } = await becomes(world, body.messageId, {
    attempts: 2,
    nextAttemptAt: expect.anything(),
  })
  expect(message).toMatchObject({ status: 'unknown', provider: 'resend' })
  await comes(world, body.messageId)
  const { attempts } = await becomes(world, body.messageId, { attempts: 3, status: 'sent' })
  expect(attempts.map(({ provider }: { provider: string }) => provider)).toEqual(Array(3).fill('resend'))
  expect(receivedBy(world, to)).toHaveLength(1)
})

describe('Green-API, whose phone is away', () => {
  let world: World
  beforeAll(async () => {
    world = await worldOf([byGreenapiFirst])
    // The server asks for the state when it starts: later, it would hear that the phone is away.
    await vi.waitFor(
      async () => expect(await world.database.query('select from provider_states')).toHaveLength(1),
      { timeout: 30_000, interval: 20 },
    )
  })
  afterAll(() => world.stop())
  afterEach(async () => {
    world.sandbox.setBaseUrl(world.url)
    await world.sandbox.setGreenapiState('authorized')
    await world.settled()
  })
  const away = async () => {
    await world.sandbox.setGreenapiState('notAuthorized')
    await world.settled()
  }

  test('is not asked: Twilio has what is sent now at once, and what was scheduled when its time comes', async () => {
    const [now, later] = [someone(byGreenapiFirst), someone(byGreenapiFirst)]
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const scheduled = await sendOn(world, byGreenapiFirst, later, { sendAt })
    await away()
    const { status, body } = await sendOn(world, byGreenapiFirst, now)
    expect({ status, body }).toMatchObject({ status: 200, body: { provider: 'twilio' } })
    expect(tried((await shown(world, body.messageId)).attempts)).toEqual([
      ['greenapi', 'retryable', 'notAuthorized'],
      ['twilio', 'accepted', null],
    ])
    await comes(world, scheduled.body.messageId)
    const { message, attempts } = await becomes(world, scheduled.body.messageId, { status: 'read' })
    expect(tried(attempts)).toEqual([['twilio', 'accepted', null]])
    expect(message).toMatchObject({ provider: 'twilio', sender: '+14155238886' })
    expect(message.warnings).toContain('failed_over_from_greenapi')
    for (const to of [now, later]) expect(receivedBy(world, to)).toMatchObject([{ provider: 'twilio' }])
  })

  test('what it had accepted and gave back goes out by Twilio, once; a send that named it fails', async () => {
    world.sandbox.setBaseUrl('http://127.0.0.1:9')
    await world.sandbox.setGreenapiState('notAuthorized')
    const [free, pinned] = [someone(byGreenapiFirst), someone(byGreenapiFirst)]
    const first = await sendOn(world, byGreenapiFirst, free)
    const second = await send(world, byGreenapi, pinned)
    expect([first.body.provider, second.body.provider]).toEqual(['greenapi', 'greenapi'])
    world.sandbox.setBaseUrl(world.url)
    // Told once more: the sandbox gives up after a second.
    await away()
    await world.database.query(`update provider_states set closed_at = now() - interval '11 minutes'`)

    const { message, events, attempts } = await becomes(world, first.body.messageId, { status: 'read' })
    expect(message).toMatchObject({ provider: 'twilio', failedAt: null, errorCode: null, attempts: 2 })
    expect(message.warnings).toContain('failed_over_from_greenapi')
    expect(events).toContainEqual(expect.objectContaining({ type: 'failed', code: 'cleared' }))
    expect(tried(attempts)).toEqual([
      ['greenapi', 'accepted', null],
      ['twilio', 'accepted', null],
    ])
    expect(logged(world, 'failed_over').filter(({ messageId }) => messageId === message.id)).toMatchObject([
      { provider: 'twilio', insteadOf: 'greenapi', code: 'cleared' },
    ])
    await becomes(world, second.body.messageId, { status: 'failed', errorCode: 'cleared' })
    expect(receivedBy(world, free).map(({ provider }) => provider)).toEqual(['greenapi', 'twilio'])
    expect(receivedBy(world, pinned)).toHaveLength(1)
  })
})
