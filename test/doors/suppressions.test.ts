import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signToken } from '#src/api/token.ts'
import { bearer, becomes, bySendgrid, bySms, byTwilio, person, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
let ops: Record<string, string>
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
  const token = await signToken(world.server.jwtSecrets[0] ?? '', {
    ops: true,
    name: 'Claire, support',
    expires: '1h',
  })
  ops = { Authorization: `Bearer ${token}` }
})
afterAll(() => world.stop())

const list = (query: string, headers = ops) =>
  world.call('GET', `/api/suppressions?${query}`, undefined, headers)
const enter = (body: object, headers = ops) => world.call('POST', '/api/suppressions', body, headers)
const release = (body: object, headers = ops) =>
  world.call('POST', '/api/suppressions/release', body, headers)
const of = (channel: string, address: string) =>
  list(`channel=${channel}&address=${encodeURIComponent(address)}`)

async function bounced(): Promise<{ to: string; messageId: string }> {
  const to = person(bySendgrid, 'bounce')
  const { body } = await send(world, bySendgrid, to)
  await becomes(world, body.messageId, { status: 'bounced' })
  return { to, messageId: body.messageId }
}

/** As SendGrid tells it of whatever was sent to them. */
async function told(to: string, type: string, more: object = {}): Promise<void> {
  const at = new Date().toISOString()
  const event = {
    provider: 'sendgrid',
    event_id: `${type}-${to}`,
    type,
    provider_type: type,
    channel: 'email',
    recipient: to,
    consent: 'withdrawn',
    source: 'webhook',
    occurred_at: at,
    received_at: at,
    ...more,
  }
  await world.database.query(`select record_events($1, '[]', '[]', null, 0, 0)`, [JSON.stringify([event])])
}

test('who is not written to is listed with why, since when and by which event, and a page follows the other', async () => {
  const { to, messageId } = await bounced()
  const { events } = await shown(world, messageId)
  const cause = events.find(({ type }: { type: string }) => type === 'bounced')
  expect((await of('email', to.toUpperCase())).body).toEqual({
    success: true,
    suppressions: [
      {
        channel: 'email',
        address: to,
        reason: 'bounced',
        code: '5.1.1',
        since: expect.stringMatching(/Z$/),
        source: { provider: 'sendgrid', eventId: cause.eventId, messageId },
      },
    ],
    nextCursor: null,
  })
  await bounced()
  const whole = (await list('channel=email&limit=200')).body.suppressions
  expect(whole.length).toBeGreaterThan(1)
  const pages: unknown[] = []
  let cursor = ''
  do {
    const { body } = await list(`channel=email&limit=1${cursor}`)
    pages.push(...body.suppressions)
    cursor = body.nextCursor === null ? '' : `&cursor=${encodeURIComponent(body.nextCursor)}`
  } while (cursor !== '')
  expect(pages).toEqual(whole)
})

test('a dead address that was put right is freed, is written to again, and its history stays', async () => {
  const { to } = await bounced()
  expect((await send(world, bySendgrid, to)).body.error.code).toBe('suppressed')
  const freed = await release({ channel: 'email', address: to, reason: 'its mailbox is back' })
  expect({ status: freed.status, body: freed.body }).toMatchObject({
    status: 200,
    body: { success: true, suppression: { address: to, reason: 'bounced', until: expect.any(String) } },
  })
  expect((await of('email', to)).body.suppressions).toMatchObject([
    { address: to, until: expect.any(String) },
  ])
  const listed = (await list('channel=email&limit=200')).body.suppressions
  expect(listed.map(({ address }: { address: string }) => address)).not.toContain(to)
  expect((await send(world, bySendgrid, to)).status).toBe(200)
  const [said] = await world.database.query(
    `select type, consent, source, reason, request_id, raw ->> 'by' as by from message_events where recipient = $1 and source = 'person'`,
    [to],
  )
  expect(said).toEqual({
    type: 'subscribed',
    consent: 'given',
    source: 'person',
    reason: 'its mailbox is back',
    request_id: freed.headers.get('x-request-id'),
    by: 'Claire, support',
  })
})

test('whom a person enters is not written to on that channel, and the list says who entered it and why', async () => {
  const to = person(bySms, 'ok')
  const entered = await enter({ channel: 'sms', address: to.replace('+33', '0'), reason: 'she rang us' })
  expect(entered.status).toBe(201)
  expect(entered.body.suppression).toMatchObject({ channel: 'sms', address: to, reason: 'she rang us' })
  expect(await send(world, bySms, to)).toMatchObject({
    status: 422,
    body: { error: { code: 'suppressed', message: expect.stringContaining('/api/suppressions/release') } },
  })
  expect((await send(world, byTwilio, to)).status).toBe(200)
  const { suppressions } = (await of('sms', to)).body
  expect(suppressions).toEqual([entered.body.suppression])
  expect(suppressions[0].source).toEqual({
    provider: 'person',
    eventId: expect.any(String),
    messageId: null,
    by: 'Claire, support',
  })
  expect((await release({ channel: 'sms', address: to, reason: 'a mistake of ours' })).status).toBe(200)
  expect((await send(world, bySms, to)).status).toBe(200)
})

describe.each([
  [
    'a STOP',
    'sms',
    async () => {
      const from = person(bySms, 'ok')
      await world.sandbox.say({ channel: 'sms', provider: 'twilio', from, text: 'STOP' })
      await world.settled()
      return from
    },
  ],
  [
    'a complaint, though the address bounced since,',
    'email',
    async () => {
      const to = person(bySendgrid, 'spam')
      const { body } = await send(world, bySendgrid, to)
      await becomes(world, body.messageId, { status: 'complained' })
      await told(to, 'bounced', { bounce_class: 'hard' })
      return to
    },
  ],
  [
    'an unsubscribe',
    'email',
    async () => {
      const to = person(bySendgrid, 'ok')
      await told(to, 'unsubscribed')
      return to
    },
  ],
])('%s', (_what, channel, withdrawn) => {
  test('is lifted only by force, and by what the person says', async () => {
    const address = await withdrawn()
    const wanted = { channel, address, reason: 'asked on the phone to hear from us again' }
    expect(await release(wanted)).toMatchObject({
      status: 409,
      body: { error: { code: 'needs_force', suppression: { address } } },
    })
    expect((await of(channel, address)).body.suppressions[0]).not.toHaveProperty('until')
    expect((await release({ ...wanted, force: true })).status).toBe(200)
    expect((await of(channel, address)).body.suppressions[0]).toHaveProperty('until')
    // It is over: there is nothing that would need force.
    expect((await release(wanted)).status).toBe(200)
  })
})

test('what a person enters does not replace what was said before', async () => {
  const from = person(bySms, 'ok')
  await world.sandbox.say({ channel: 'sms', provider: 'twilio', from, text: 'STOP' })
  await world.settled()
  const { status, body } = await enter({ channel: 'sms', address: from, reason: 'on our list' })
  expect({ status, reason: body.suppression.reason }).toEqual({ status: 201, reason: 'received' })
  expect((await release({ channel: 'sms', address: from, reason: 'r' })).status).toBe(409)
})

test('a tenant sees and frees its own people, and enters for everybody', async () => {
  const own = await bearer(world, 't1', true)
  const other = await bearer(world, 't2', true)
  const { to } = await bounced()
  const address = encodeURIComponent(to)
  expect((await list(`channel=email&address=${address}`, own)).body.suppressions).toHaveLength(1)
  expect((await list(`channel=email&address=${address}`, other)).body.suppressions).toEqual([])
  const wanted = { channel: 'email', address: to, reason: 'r' }
  expect((await release(wanted, other)).status).toBe(404)
  expect((await release(wanted, own)).status).toBe(200)
  expect((await enter(wanted, own)).status).toBe(201)
  expect((await send(world, bySendgrid, to)).status).toBe(422)
})

test.each(['GET', 'POST', 'POST release'])('a token without the ops scope is refused: %s', async (what) => {
  const headers = await bearer(world, 't1', false)
  const body = { channel: 'sms', address: '+33612345678', reason: 'r' }
  const asked = { GET: list('', headers), POST: enter(body, headers), 'POST release': release(body, headers) }
  expect(await asked[what as keyof typeof asked]).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden' } },
  })
})

test.each([
  ['an address without its channel', () => list('address=a@example.com'), 'channel'],
  ['an address that is none', () => list('channel=email&address=nobody'), 'address'],
  ['a cursor of another list', () => list('cursor=abc'), 'cursor'],
  ['a channel that is not there', () => enter({ channel: 'fax', address: '1', reason: 'r' }), 'channel'],
  ['no reason', () => enter({ channel: 'sms', address: '+33612345678' }), 'reason'],
  [
    'a field of another',
    () => enter({ channel: 'sms', address: '+33612345678', reason: 'r', force: true }),
    'force',
  ],
  ['a number that is none', () => release({ channel: 'sms', address: '12', reason: 'r' }), 'address'],
])('%s is 400', async (_what, ask, path) => {
  const { status, body } = await ask()
  expect({ status, paths: body.error.issues.map((issue: { path: string }) => issue.path) }).toEqual({
    status: 400,
    paths: [path],
  })
})

test('an address that nobody spoke of is 404, and one of WhatsApp’s own names is taken as it is', async () => {
  expect((await release({ channel: 'sms', address: person(bySms, 'ok'), reason: 'r' })).status).toBe(404)
  const { body } = await enter({ channel: 'whatsapp', address: '123456789012345@lid', reason: 'r' })
  expect(body.suppression.address).toBe('123456789012345@lid')
})

test('what is entered for a number or for one of the names of its person holds for all of them, and so does a release', async () => {
  const to = person(byTwilio, 'ok')
  const name = `FR.${to.slice(4)}1`
  await world.database.query(
    `insert into contact_aliases (provider, alias, address, learnt_at) values ('twilio', $1, $2, now())`,
    [name, to],
  )
  expect((await enter({ channel: 'whatsapp', address: name, reason: 'asked by telephone' })).status).toBe(201)
  expect((await send(world, byTwilio, to)).status).toBe(422)
  expect((await release({ channel: 'whatsapp', address: to, reason: 'wants it again' })).status).toBe(200)
  expect((await send(world, byTwilio, to)).status).toBe(200)
  expect((await send(world, byTwilio, name)).status).toBe(200)
})

test('a wish that is entered for a dead address outlives its death', async () => {
  const { to } = await bounced()
  expect((await enter({ channel: 'email', address: to, reason: 'asked by telephone' })).status).toBe(201)
  await world.database.query(`update suppressions set alive_at = now() where address = $1`, [to])
  expect((await send(world, bySendgrid, to)).status).toBe(422)
})

test('whom another tenant has suppressed stays that tenant’s, and nothing of why is told', async () => {
  const { to } = await bounced()
  await told(to, 'complained')
  const { status, body } = await enter(
    { channel: 'email', address: to, reason: 'r' },
    await bearer(world, 't2', true),
  )
  expect({ status, suppression: body.suppression }).toEqual({
    status: 201,
    suppression: { channel: 'email', address: to, reason: 'withdrawn', since: expect.any(String) },
  })
  const own = await bearer(world, 't1', true)
  const query = `channel=email&address=${encodeURIComponent(to)}`
  expect((await list(query, own)).body.suppressions).toHaveLength(1)
})
