import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { resend } from '#providers/resend/index.ts'
import { sendgrid } from '#providers/sendgrid/index.ts'
import { signToken } from '#src/api/token.ts'
import type { Provider } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { createRecorder } from '#src/receiving/recorder.ts'
import { createSuppressedThere } from '#src/reconciliation/suppressed-there.ts'
import { createLog } from '#src/runtime/log.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import { batchRows } from '#src/store/rows.ts'
import { becomes, byResend, bySendgrid, bySmtp, person, send, type Way } from '#support/sends.ts'
import { fromResend, post } from '#support/signed.ts'
import { startWorld, type World } from '#support/world.ts'

const day = 24 * 3_600_000

let world: World
/** Of the world's own comparison, which the first day's is made by at its start. */
let shiftMs = 0
/** Of the comparison that the tests make. */
let clockMs = 0
let compared: ReturnType<typeof createSuppressedThere>
let ops: Record<string, string>
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20, now: () => new Date(Date.now() + shiftMs) })
  const { store } = world.database
  const [now, clock] = [() => new Date(), () => clockMs]
  const tools = { baseUrl: world.url, country: 'FR', now, clock }
  const made = [sendgrid, resend].map(({ create }) => create(world.sandbox.environment, tools))
  const providers = (await Promise.all(made)).flatMap((provider) => provider ?? [])
  const record = createRecorder({ store, stops: { opened() {} }, metrics: createMetrics(), log })
  compared = createSuppressedThere({
    store,
    providers: new Map(
      providers.map((provider) => [provider.name, { ...provider, unsuppress: unless(provider) }]),
    ),
    async record(events) {
      const timed = events.map((event) => ({ event, requestId: undefined }))
      return (await record(batchRows({ events: timed }))).counts.recorded
    },
    log,
    now,
    clock,
  })
  const token = await signToken(world.server.jwtSecrets[0] ?? '', { ops: true, expires: '30d' })
  ops = { Authorization: `Bearer ${token}` }
})
afterAll(() => world.stop())

/** Whom the providers do not free. */
let refusing: string | undefined
const unless = (provider: Provider) => async (address: string, asked: boolean) => {
  if (address === refusing) throw new ProviderError(provider.name, 'retryable', 'test: not now')
  await provider.unsuppress?.(address, asked)
}

const lines: string[] = []
const stream = new Writable({
  write(chunk, _encoding, done) {
    lines.push(String(chunk))
    done()
  },
})
const log = createLog({ level: 'info', runId: 'test', stream })
const said = (event: string) => lines.map((line) => JSON.parse(line)).filter((line) => line.message === event)

async function aDayLater(): Promise<void> {
  clockMs += day
  await compared.round()
}

const release = (address: string) =>
  world.call('POST', '/api/suppressions/release', { channel: 'email', address, reason: 'again' }, ops)

async function suppressed(address: string): Promise<unknown[]> {
  const query = `channel=email&address=${encodeURIComponent(address)}`
  const { body } = await world.call('GET', `/api/suppressions?${query}`, undefined, ops)
  return body.suppressions
}

/** As if the webhook that told it had come while nobody listened. */
async function forgotten(address: string): Promise<void> {
  await world.database.query('delete from message_events where recipient = $1', [address])
  await world.database.query('delete from suppressions where address = $1', [address])
  expect(await suppressed(address)).toEqual([])
}

async function bounced(way: Way, story: 'bounce' | 'spam' = 'bounce'): Promise<string> {
  const to = person(way, story)
  const { body } = await send(world, way, to)
  await becomes(world, body.messageId, {
    status: story === 'spam' ? 'complained' : 'bounced',
  })
  return to
}

/** Whom the provider's own list has. */
async function listedThere(way: Way): Promise<string[]> {
  const { environment: own } = world.sandbox
  const [url, key] =
    way === bySendgrid
      ? [`${own.SENDGRID_API_URL}/v3/suppression/bounces`, own.SENDGRID_API_KEY]
      : [`${own.RESEND_API_URL}/suppressions`, own.RESEND_API_KEY]
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
  const entries = z.array(z.object({ email: z.string() }))
  const listed = z.union([entries, z.object({ data: entries }).transform(({ data }) => data)])
  return listed.parse(await response.json()).map(({ email }) => email)
}

describe.each([
  ['SendGrid', bySendgrid],
  ['Resend', byResend],
])('whom %s writes to no more', (_name, way) => {
  test('is not written to by anybody, though no webhook told it', async () => {
    const to = await bounced(way)
    await forgotten(to)
    await aDayLater()
    expect(await suppressed(to)).toMatchObject([
      { reason: 'bounced', source: { provider: way.provider, messageId: null } },
    ])
    expect((await send(world, bySmtp, to)).body.error.code).toBe('suppressed')
    expect(said('missed_suppressions_found').at(-1)).toMatchObject({
      provider: way.provider,
      suppressions: 1,
    })
  })

  test('and is known already, is told by no further event', async () => {
    const to = await bounced(way)
    const events = () => world.database.query('select id from message_events where recipient = $1', [to])
    const before = await events()
    await aDayLater()
    expect(await events()).toEqual(before)
  })

  test('is written to again by it where a person frees them here', async () => {
    const to = await bounced(way)
    expect(await listedThere(way)).toContain(to)
    const { status, body } = await release(to)
    const atProviders = ['sendgrid', 'resend'].map((provider) => ({ provider, released: true }))
    expect({ status, body }).toMatchObject({ status: 200, body: { atProviders } })
    expect(await listedThere(way)).not.toContain(to)
  })

  test('is freed there a day later, where it could not be asked at once', async () => {
    const to = await bounced(way)
    world.sandbox.outage({ provider: way.provider, kind: 'down' })
    const { body } = await release(to)
    world.sandbox.endOutages()
    expect(body.atProviders).toContainEqual({ provider: way.provider, released: false })
    expect(await listedThere(way)).toContain(to)
    await aDayLater()
    expect(await listedThere(way)).not.toContain(to)
    expect(await suppressed(to)).toMatchObject([{ until: expect.any(String) }])
  })
})

test.each([
  ['SendGrid', bySendgrid],
  ['Resend', byResend],
])('a complaint stays on the list of %s where a person frees a bounce', async (_name, way) => {
  const to = await bounced(way, 'spam')
  await forgotten(to)
  const dead = { type: 'bounced', occurred_at: new Date().toISOString() }
  await world.database.query(`select record_events($1, '[]', '[]', null, 0, 0)`, [
    JSON.stringify([
      {
        ...dead,
        provider: 'smtp',
        event_id: `dead-${to}`,
        provider_type: 'bounced',
        channel: 'email',
        recipient: to,
        bounce_class: 'hard',
        consent: 'withdrawn',
        source: 'send',
        received_at: dead.occurred_at,
      },
    ]),
  ])
  expect((await release(to)).status).toBe(200)
  await aDayLater()
  expect(await suppressed(to)).toMatchObject([{ reason: 'complained' }])
  expect((await suppressed(to))[0]).not.toHaveProperty('until')
  expect((await release(to)).status).toBe(409)
})

test('one address that a provider does not free keeps nobody else from being compared', async () => {
  const [stuck, free, missed] = [
    await bounced(bySendgrid),
    await bounced(bySendgrid),
    await bounced(bySendgrid),
  ]
  world.sandbox.outage({ provider: 'sendgrid', kind: 'down' })
  await release(stuck)
  await release(free)
  world.sandbox.endOutages()
  await forgotten(missed)
  const before = said('release_at_provider_failed').length
  refusing = stuck
  await aDayLater()
  refusing = undefined
  expect(said('release_at_provider_failed').length).toBe(before + 1)
  expect(await listedThere(bySendgrid)).toContain(stuck)
  expect(await listedThere(bySendgrid)).not.toContain(free)
  expect(await suppressed(missed)).toHaveLength(1)
})

test('a complaint that nobody told asks for something, and is not freed without force', async () => {
  const to = await bounced(bySendgrid, 'spam')
  await forgotten(to)
  await aDayLater()
  expect(await suppressed(to)).toMatchObject([{ reason: 'complained' }])
  expect((await release(to)).status).toBe(409)
})

test.each([
  ['bounce', 'bounced'],
  ['complaint', 'complained'],
  ['manual', 'unsubscribed'],
])('Resend tells at once whom it has put on its list: %s', async (origin, reason) => {
  const email = `${origin}-told@customers.example`
  const created_at = new Date().toISOString()
  const data = { id: `told-${origin}`, email, origin, source_id: null, created_at }
  expect((await post(world.url, fromResend({ type: 'suppression.added', created_at, data }))).status).toBe(
    200,
  )
  expect(await suppressed(email)).toMatchObject([{ reason }])
})

test('what cannot be asked now is said, and the others are asked', async () => {
  const to = await bounced(byResend)
  await forgotten(to)
  world.sandbox.outage({ provider: 'sendgrid', kind: 'down' })
  await aDayLater()
  world.sandbox.endOutages()
  expect(await suppressed(to)).toHaveLength(1)
  expect(said('suppressions_look_up_failed')).toMatchObject([{ provider: 'sendgrid' }])
})

test('it is compared once a day', async () => {
  const to = await bounced(byResend)
  await forgotten(to)
  await compared.round()
  clockMs += day - 1
  await compared.round()
  expect(await suppressed(to)).toEqual([])
  clockMs += 1
  await compared.round()
  expect(await suppressed(to)).toHaveLength(1)
})

test('the server does so by itself', async () => {
  const to = await bounced(bySendgrid)
  await forgotten(to)
  shiftMs = day
  await vi.waitFor(async () => expect(await suppressed(to)).toHaveLength(1), { timeout: 5_000 })
})
