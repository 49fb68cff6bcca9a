import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startWorld, type World } from '#support/world.ts'
import { ask, type Told } from './ask.ts'
import { type BadRequest, goodSms, type Known, usedKey } from './bad-requests/bad-request.ts'
import { request } from './bad-requests/raw-requests.ts'
import { badRequests } from './bad-requests.ts'
import { jwt, jwtSecret } from './jwt.ts'

let world: World
let known: Known
let before: Kept

/** All that a request could leave behind. */
interface Kept {
  rows: unknown
  sent: number
}

beforeAll(async () => {
  world = await startWorld({ environment: { JWT_SECRET: jwtSecret } })
  const others = { Authorization: `Bearer ${jwt({ tenantId: 't2' })}` }
  const sent = await world.call('POST', '/api/sms/send', goodSms, others)
  known = { othersMessage: sent.body.messageId }
  await world.action('sendSMS', { ...goodSms, idempotencyKey: usedKey })
  await world.settled()
  before = await kept()
})
afterAll(() => world.stop())

async function kept(): Promise<Kept> {
  const tables = ['messages', 'message_attempts', 'idempotency_keys', 'quarantined_events']
  const counts = tables.map((table) => `(select count(*)::integer from ${table}) as ${table}`)
  // Now and then the worker adds what a provider says when it is asked.
  const events = `(select count(*)::integer from message_events where source <> 'poll') as message_events`
  const rows = await world.database.query(`select ${[...counts, events].join(', ')}`)
  return { rows, sent: world.sandbox.received().length }
}

const errorForm = z.object({
  success: z.literal(false),
  error: z.looseObject({
    code: z.string(),
    message: z.string().min(1),
    issues: z.array(z.strictObject({ path: z.string(), message: z.string().min(1) })).optional(),
    actions: z.array(z.string()).optional(),
  }),
})

/** Stack traces, SQL, and the values of what must never be told. */
const leaks =
  /node_modules|node:internal|\/work\/|\.ts:\d+|\bat \w+ \(|\b(?:insert into|select \*|sqlstate|reserve_messages|newest_messages|message_stats|StoreError|ZodError)\b/i

function expectNoLeak(text: string): void {
  expect(text).not.toMatch(leaks)
  for (const [name, secret] of Object.entries({ ...world.sandbox.environment, jwtSecret }))
    if (/secret|token|key|password/i.test(name)) expect(text).not.toContain(secret)
}

function expectRefusal(told: Told, { status, code, paths }: BadRequest): void {
  expect({ status: told.status, text: told.text.slice(0, 500) }).toMatchObject({ status })
  expectNoLeak(told.text)
  if (code === undefined) return
  expect(told.headers.get('x-request-id')).toMatch(/\S/)
  expect(told.headers.get('content-type')).toContain('application/json')
  const { error } = errorForm.parse(JSON.parse(told.text))
  expect(error.code).toBe(code)
  const named = error.issues?.map(({ path }) => path)
  expect(named && [...new Set(named)]).toEqual(paths)
}

describe('a bad request is refused as the contract says', () => {
  test('at least eighty of them are known', () => {
    expect(badRequests.length).toBeGreaterThan(80)
    expect(new Set(badRequests.map(({ name }) => name)).size).toBe(badRequests.length)
  })

  test.each(badRequests)('$name: $status', async (bad) => {
    const question = typeof bad.question === 'function' ? bad.question(known) : bad.question
    expectRefusal(await ask(world.url, question), bad)
  })

  test('an unknown action is told the known ones', async () => {
    const { body } = await world.action('sendFax', {})
    expect(body.error.actions).toEqual(['sendEmail', 'sendSMS', 'sendWhatsApp', 'getMessage', 'listMessages'])
  })

  test('a refusal for want of a token says how to authenticate', async () => {
    const told = await ask(world.url, { method: 'GET', path: '/api/messages' })
    expect(told.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('a target that cannot be read is not taken for a page at /', async () => {
    const told = await ask(world.url, { raw: request('GET http://[ HTTP/1.1') })
    expect(JSON.parse(told.text).error.message).toBe('GET /unreadable: there is no such address')
  })

  test('an expired token is told from a wrong one', async () => {
    const expired = await world.call('GET', '/api/messages', undefined, {
      Authorization: `Bearer ${jwt({ tenantId: 't1', exp: 1 })}`,
    })
    expect(expired.body.error.message).toContain('has expired')
    const forged = await world.call('GET', '/api/messages', undefined, {
      Authorization: `Bearer ${jwt({ tenantId: 't1', exp: 1 }, { secret: 'x' })}`,
    })
    expect(forged.body.error.message).toContain('not valid')
  })

  test('a connection that ends in mid-body is not a failure', async () => {
    const head = `POST /api/max/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${jwt({ tenantId: 't1' })}\r\n`
    const raw = `${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"action":`
    expect((await ask(world.url, { raw, ends: true })).status).toBe(400)
  })
})

describe('after all of them', () => {
  test('nothing more was kept or sent', async () => {
    await world.settled()
    expect(await kept()).toEqual(before)
  })

  test('none was a failure of ours', () => {
    const failures = world.logLines.filter((line) => /"level":"error"|request_failed/.test(line))
    // On a slow machine a commit may take too long: the spool keeps it, and no request has failed.
    expect(failures.filter((line) => !line.includes('"message":"database_away"'))).toEqual([])
  })

  test('no line of the log holds a secret, an address or a number', () => {
    const log = world.logLines.join('')
    for (const private_ of [jwtSecret, 'anna@example.com', goodSms.to, jwt({}).split('.')[0] ?? ''])
      expect(log.includes(private_)).toBe(false)
  })

  test('the process lives and is ready', async () => {
    expect(await world.call('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect(await world.call('GET', '/health/ready')).toMatchObject({ status: 200, body: { ready: true } })
  })

  test('a good message is still sent', async () => {
    expect(await world.action('sendSMS', goodSms)).toMatchObject({ status: 200, body: { success: true } })
    expect(world.sandbox.received()).toHaveLength(before.sent + 1)
  })
})
