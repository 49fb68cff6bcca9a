import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startWorld, type World } from '#support/world.ts'
import { jwt } from './jwt.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 50 })
})
afterAll(() => world.stop())

/** A send whose recipient has this story: the local part of an address, or the last digits of a number. */
const sends = [
  { action: 'sendEmail', provider: 'smtp', status: 'sent', to: (story: string) => `${story}@example.com` },
  {
    action: 'sendEmail',
    provider: 'sendgrid',
    status: 'sent',
    to: (story: string) => `${story}@example.com`,
  },
  { action: 'sendEmail', provider: 'resend', status: 'sent', to: (story: string) => `${story}@example.com` },
  { action: 'sendWhatsApp', provider: 'twilio', status: 'queued', to: numberOf },
  // Another person: whom Twilio has called impossible by WhatsApp is not written to by WhatsApp again.
  {
    action: 'sendWhatsApp',
    provider: 'greenapi',
    status: 'queued',
    to: (story: string) => numberOf(story, 7),
  },
  { action: 'sendSMS', provider: 'twilio', status: 'queued', to: numberOf },
] as const
type Send = (typeof sends)[number]

const digits = new Map([
  ['ok', '70'],
  ['refused', '80'],
  ['busy', '81'],
  ['down', '82'],
  ['timeout', '83'],
  ['drop', '84'],
  ['silent', '85'],
])

function numberOf(story: string, person = 6): string {
  return `+33612345${person}${digits.get(story)}`
}

function send({ action, provider, to }: Send, story: string, more: object = {}) {
  const email = action === 'sendEmail' ? { subject: 'Test' } : {}
  return world.action(action, { to: to(story), body: 'Bonjour', provider, ...email, ...more })
}

/** Until the message has this status; the worker runs every 50 ms. */
function becomes(messageId: string, status: string) {
  return vi.waitFor(
    async () => {
      const { body } = await world.call('GET', `/api/messages/${messageId}`)
      expect(body.message.status).toBe(status)
      return body
    },
    { timeout: 15_000, interval: 50 },
  )
}

/** Until its attempts have these outcomes: that the provider has it is known there before it is recorded here. */
function ends(messageId: string, outcomes: string[]) {
  return vi.waitFor(
    async () => {
      const { body } = await world.call('GET', `/api/messages/${messageId}`)
      expect(body.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(outcomes)
      return body
    },
    { timeout: 15_000, interval: 50 },
  )
}

/** As if the time of what waits had come. */
async function comes(messageId: string): Promise<void> {
  await world.database.query('update messages set next_attempt_at = now() where id = $1', [messageId])
}

function receivedBy(to: string) {
  return world.sandbox.received().filter((message) => message.to === to)
}

describe('a send that the provider accepts', () => {
  test.each(sends)('$action by $provider answers 200 in the form of the contract', async (way) => {
    const { status, body } = await send(way, 'silent')
    expect(status).toBe(200)
    const noun = { sendEmail: 'Email "Test"', sendWhatsApp: 'WhatsApp', sendSMS: 'SMS' }[way.action]
    expect(body).toEqual({
      success: true,
      provider: way.provider,
      entityId: expect.stringMatching(/./),
      messageId: expect.stringMatching(uuid),
      status: way.status,
      preview: `${noun} envoyé à ${way.to('silent')}`,
      // Nobody has written to us yet: to Twilio's WhatsApp that is outside the window.
      warnings: way.action === 'sendWhatsApp' && way.provider === 'twilio' ? ['outside_whatsapp_window'] : [],
    })
  })

  test('without a provider goes out by the first that is on', async () => {
    const email = await world.action('sendEmail', { to: 'silent@example.com', subject: 'a', body: 'b' })
    expect(email.body.provider).toBe('smtp')
    const whatsapp = await world.action('sendWhatsApp', { to: numberOf('silent'), body: 'b' })
    expect(whatsapp.body.provider).toBe('twilio')
  })

  test('POST /api/sms/send takes the params without an envelope and answers the same', async () => {
    const params = { to: numberOf('silent'), body: 'Bonjour' }
    const enveloped = await world.action('sendSMS', params)
    const bare = await world.call('POST', '/api/sms/send', params)
    const others = { messageId: expect.stringMatching(uuid), entityId: expect.stringMatching(/^SM/) }
    expect(bare).toMatchObject({ status: 200 })
    expect(bare.body).toEqual({ ...enveloped.body, ...others })
  })

  test('has its preview in English for who prefers it, in French for everybody else', async () => {
    const ask = (language: string) =>
      world.call(
        'POST',
        '/api/sms/send',
        { to: numberOf('silent'), body: 'b' },
        { 'Accept-Language': language },
      )
    for (const language of ['en', 'en-GB,en;q=0.9,fr;q=0.8', 'EN-us'])
      expect((await ask(language)).body.preview).toBe(`SMS sent to ${numberOf('silent')}`)
    for (const language of ['fr-FR,fr;q=0.9,en;q=0.8', 'de', '*', '%%', 'end'])
      expect((await ask(language)).body.preview).toBe(`SMS envoyé à ${numberOf('silent')}`)
  })

  test('may have its number in any usual writing', async () => {
    for (const to of [
      '06 12 34 56 85',
      '0033612345685',
      'tel:+33-6-12-34-56-85',
      '\u202a+33 6 12 34 56 85\u202c',
    ])
      expect((await world.action('sendSMS', { to, body: 'b' })).body.preview).toContain(numberOf('silent'))
  })

  test('reaches the recipient with everything that was asked', async () => {
    await world.action('sendEmail', {
      to: 'whole@example.com',
      subject: 'Réunion',
      body: '<p>Bonjour</p>',
      text: 'Bonjour',
      from: 'Max <max@example.com>',
      replyTo: 'sales@example.com',
      cc: ['copy@example.com'],
      attachments: [{ filename: 'été.pdf', content: 'SGk=', contentType: 'application/pdf' }],
      provider: 'smtp',
    })
    const [received] = receivedBy('whole@example.com')
    expect(received).toMatchObject({ subject: 'Réunion', from: expect.stringContaining('max@example.com') })
    expect(received?.headers['reply-to']).toContain('sales@example.com')
  })

  test('is looked at for HTML in a time that grows with its body, whatever that is full of', async () => {
    const timed = async (body: string) => {
      const startedAt = performance.now()
      const params = { to: 'silent@example.com', subject: 's', body }
      const { status } = await world.ask('POST', '/api/max/actions', { action: 'sendEmail', params })
      expect(status).toBe(200)
      return performance.now() - startedAt
    }
    // The quickest of some: what else the machine does takes its time from any of them.
    const quickest = async (body: string) => Math.min(await timed(body), await timed(body), await timed(body))
    const plainMs = await quickest('xy '.repeat(50_000))
    expect((await quickest('<p '.repeat(50_000))) / plainMs).toBeLessThan(20)
  })

  test('keeps what the caller wants to find it by', async () => {
    const links = { leadId: 'lead-1', parentType: 'Meeting', parentId: 'meeting-1' }
    const metadata = {
      campaign: 'spring',
      nested: { list: [1, 'two', null, 3.5] },
      text: '\\u0000 "__proto__":',
    }
    const sent = await world.action('sendSMS', { to: numberOf('silent'), body: 'b', ...links, metadata })
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(body.message).toMatchObject({ ...links, tenantId: 't1', channel: 'sms', direction: 'outbound' })
    expect(body.message.metadata).toEqual(metadata)
  })
})

describe('a send that is refused for good', () => {
  test.each(sends)('$action by $provider answers 422 and is kept as such', async (way) => {
    const { status, body } = await send(way, 'refused')
    expect(status).toBe(422)
    expect(body).toMatchObject({
      success: false,
      messageId: expect.stringMatching(uuid),
      error: { code: 'provider_rejected', provider: way.provider, providerCode: expect.stringMatching(/./) },
    })
    expect(JSON.stringify(body)).not.toContain(way.to('refused'))
    const kept = await world.call('GET', `/api/messages/${body.messageId}`)
    expect(kept.body.message).toMatchObject({ status: 'rejected', errorCode: body.error.providerCode })
    expect(kept.body.events.map((event: { type: string }) => event.type)).toEqual(['rejected'])
  })

  test('answers its repeat with the same refusal', async () => {
    const first = await send(sends[5], 'refused', { idempotencyKey: 'refused' })
    const second = await send(sends[5], 'refused', { idempotencyKey: 'refused' })
    expect(second).toMatchObject({ status: 422, body: first.body })
  })
})

describe('a send that has to wait', () => {
  test.each(sends)(
    '$action by $provider answers 202 queued and goes out once its time has come',
    async (way) => {
      const to = way.to('busy').replace('@', `+${way.provider}@`)
      world.sandbox.forget()
      const { status, body } = await send({ ...way, to: () => to } as Send, 'busy')
      expect(status).toBe(202)
      expect(body).toEqual({
        success: true,
        provider: way.provider,
        entityId: null,
        messageId: expect.stringMatching(uuid),
        status: 'queued',
        preview: expect.stringContaining("en attente d'envoi à"),
        warnings: [],
        nextAttemptAt: expect.stringMatching(moment),
      })
      expect(Date.parse(body.nextAttemptAt)).toBeGreaterThan(Date.now())
      expect(receivedBy(to)).toHaveLength(0)
      await comes(body.messageId)
      const told = await ends(body.messageId, ['retryable', 'accepted'])
      expect(told.message).toMatchObject({ attempts: 2, nextAttemptAt: null, errorCode: null })
      await world.settled()
      expect(receivedBy(to)).toHaveLength(1)
    },
  )

  test('that is scheduled answers 202 and goes out when its time has come, not before', async () => {
    const to = '+33699999970'
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { status, body } = await world.action('sendSMS', { to, body: 'b', sendAt })
    expect(status).toBe(202)
    expect(body).toEqual({
      success: true,
      provider: 'twilio',
      entityId: null,
      messageId: expect.stringMatching(uuid),
      status: 'scheduled',
      preview: `SMS programmé pour ${to}`,
      warnings: [],
      nextAttemptAt: sendAt,
    })
    await becomes(body.messageId, 'scheduled')
    expect(receivedBy(to)).toHaveLength(0)
    await comes(body.messageId)
    await becomes(body.messageId, 'delivered')
    expect(receivedBy(to)).toHaveLength(1)
  })

  test('for a second goes out by itself after that second', async () => {
    const to = '+33699999870'
    const sendAt = new Date(Date.now() + 1_000)
    const { body } = await world.action('sendSMS', { to, body: 'b', sendAt: sendAt.toISOString() })
    await becomes(body.messageId, 'delivered')
    const [received] = receivedBy(to)
    expect(Date.parse(received?.at ?? '')).toBeGreaterThanOrEqual(sendAt.getTime())
  })

  test('until a time that has passed goes out at once', async () => {
    const sent = await world.action('sendSMS', {
      to: numberOf('silent'),
      body: 'b',
      sendAt: '2026-01-01T00:00:00Z',
    })
    expect(sent).toMatchObject({ status: 200, body: { status: 'queued' } })
  })

  test('longer than it may is never sent', async () => {
    const to = '+33699999770'
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const expiresAt = new Date(Date.now() + 7_200_000).toISOString()
    const { body } = await world.action('sendSMS', { to, body: 'b', sendAt, expiresAt })
    await world.database.query(`update messages set expires_at = now() - interval '1 second' where id = $1`, [
      body.messageId,
    ])
    await comes(body.messageId)
    const told = await becomes(body.messageId, 'failed')
    expect(told.message.errorCode).toBe('expired')
    expect(receivedBy(to)).toHaveLength(0)
  })
})

describe('a send of which nobody knows', () => {
  const lost = sends.flatMap((way) =>
    ['down', 'timeout', 'drop']
      // A mail server that turns us away at RCPT TO surely has nothing, whatever its reason.
      .filter((story) => way.provider !== 'smtp' || story !== 'down')
      .map((story) => ({ way, story, name: `${way.action} by ${way.provider}, ${story}` })),
  )

  test.each(lost)('$name: answers 202 unknown', async ({ way, story }) => {
    // Resend alone recognises a repeat by its key, so that alone is tried again by itself.
    const repeatable = way.provider === 'resend'
    const { status, body } = await send(way, story)
    expect(status).toBe(202)
    expect(body).toEqual({
      success: true,
      provider: way.provider,
      entityId: null,
      messageId: expect.stringMatching(uuid),
      status: 'unknown',
      preview: expect.stringContaining('peut-être envoyé (à vérifier) à'),
      warnings: [],
      ...(repeatable ? { nextAttemptAt: expect.stringMatching(moment) } : {}),
    })
    const { body: told } = await world.call('GET', `/api/messages/${body.messageId}`)
    expect(told.message.attempts).toBe(1)
    if (!repeatable) expect(told.message.nextAttemptAt).toBe(null)
  })

  test('is an ordinary one as soon as a webhook tells of it', async () => {
    const { body } = await send(sends[5], 'drop')
    expect(body.status).toBe('unknown')
    await world.settled()
    const told = await becomes(body.messageId, 'delivered')
    expect(told.message.errorCode).toBe(null)
  })
})

describe('a repeat with the same key', () => {
  test.each(sends)('$action by $provider gives the same answer and sends nothing', async (way) => {
    const to = way.to('silent').replace('@', '+again@')
    const first = await send({ ...way, to: () => to } as Send, 'silent', {
      idempotencyKey: `again ${way.action} ${way.provider}`,
    })
    const sent = world.sandbox.received().length
    const again = await send({ ...way, to: () => to } as Send, 'silent', {
      idempotencyKey: `again ${way.action} ${way.provider}`,
    })
    expect(again).toMatchObject({ status: first.status })
    expect(again.body).toEqual(first.body)
    expect(world.sandbox.received()).toHaveLength(sent)
  })

  test('is one whether the key is in the header, in the params or in both, and however its fields are ordered', async () => {
    const to = numberOf('silent')
    const header = { 'Idempotency-Key': 'header' }
    const ask = (params: object, headers: Record<string, string> = {}) =>
      world.call('POST', '/api/max/actions', { action: 'sendSMS', params }, headers)
    const answers = [
      await ask({ to, body: 'b', metadata: { a: 1, b: 2 } }, header),
      await ask({ metadata: { b: 2, a: 1 }, body: 'b', to, idempotencyKey: 'header' }),
      await ask({ body: 'b', idempotencyKey: 'header', to, metadata: { a: 1, b: 2 } }, header),
      await world.call('POST', '/api/sms/send', { to, body: 'b', metadata: { a: 1, b: 2 } }, header),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(new Set(answers.map(({ body }) => body.messageId)).size).toBe(1)
  })

  test('twenty at once are one message, and every one gets its answer', async () => {
    const to = '+33688888885'
    const params = { to, body: 'b', idempotencyKey: 'twenty' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.action('sendSMS', params)))
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: answers[0]?.body })
    expect(receivedBy(to)).toHaveLength(1)
  })

  test('twenty at once to a provider that never answers are one message whose outcome is unknown', async () => {
    const to = '+33688888883'
    const params = { to, body: 'b', idempotencyKey: 'twenty unknown' }
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.action('sendSMS', params)))
    expect(new Set(answers.map(({ body }) => body.messageId)).size).toBe(1)
    for (const { status } of answers) expect([200, 202]).toContain(status)
    expect(receivedBy(to)).toHaveLength(1)
  })

  test('is another message for another tenant', async () => {
    const params = { to: numberOf('silent'), body: 'b', idempotencyKey: 'shared' }
    const ours = await world.action('sendSMS', params)
    const headers = { Authorization: `Bearer ${await world.token('t2')}` }
    const theirs = await world.call('POST', '/api/sms/send', params, headers)
    expect(theirs.status).toBe(200)
    expect(theirs.body.messageId).not.toBe(ours.body.messageId)
  })

  test('a refused request leaves its key free', async () => {
    const bad = await world.action('sendSMS', { to: 'nobody', body: 'b', idempotencyKey: 'free' })
    expect(bad.status).toBe(400)
    const good = await world.action('sendSMS', { to: numberOf('silent'), body: 'b', idempotencyKey: 'free' })
    expect(good.status).toBe(200)
  })
})

describe('the list of messages', () => {
  const tenant = 'listed'
  let headers: Record<string, string>
  let ids: string[]
  const list = (query = '') => world.call('GET', `/api/messages${query}`, undefined, headers)
  const listed = async (query: string): Promise<string[]> =>
    (await list(query)).body.messages.map((message: { id: string }) => message.id)

  beforeAll(async () => {
    headers = { Authorization: `Bearer ${await world.token(tenant)}` }
    const sent = []
    for (let index = 0; index < 7; index++) {
      const params = { to: `+3361234${index}085`, body: 'b', leadId: `lead-${index % 2}` }
      sent.push(await world.call('POST', '/api/sms/send', params, headers))
    }
    const mail = { to: 'refused@example.com', subject: 's', body: 'b', leadId: 'lead-0', provider: 'resend' }
    sent.push(await world.call('POST', '/api/max/actions', { action: 'sendEmail', params: mail }, headers))
    ids = sent.map(({ body }) => body.messageId).reverse()
  })

  test('has the newest first, and says that there are no more', async () => {
    const { status, body } = await list()
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual(['success', 'messages', 'nextCursor'])
    expect(body).toMatchObject({ success: true, nextCursor: null })
    expect(body.messages.map(({ id }: { id: string }) => id)).toEqual(ids)
  })

  test('has each message in camelCase with its times in UTC, and nothing of how it is worked with', async () => {
    const [message] = (await list('?channel=sms')).body.messages
    expect(message).toMatchObject({
      tenantId: tenant,
      channel: 'sms',
      direction: 'outbound',
      provider: 'twilio',
      providerMessageId: expect.stringMatching(/^SM/),
      recipient: '+33612346085',
      sender: '+15005550006',
      leadId: 'lead-0',
      parentType: null,
      status: 'queued',
      queuedAt: expect.stringMatching(moment),
      createdAt: expect.stringMatching(moment),
      sentAt: null,
      errorCode: null,
    })
    expect(Object.keys(message).filter((name) => name.includes('_'))).toEqual([])
    for (const name of ['payload', 'phase', 'owner', 'traced', 'fallback'])
      expect(message).not.toHaveProperty(name)
  })

  test.each([
    ['?leadId=lead-1', [2, 4, 6]],
    ['?leadId=lead-0&channel=sms', [1, 3, 5, 7]],
    ['?channel=email', [0]],
    ['?channel=whatsapp', []],
    ['?status=rejected', [0]],
    ['?status=queued&leadId=lead-1', [2, 4, 6]],
    ['?to=%2B33612346085', [1]],
    ['?to=06%2012%2034%2060%2085', [1]],
    ['?to=REFUSED@example.com', [0]],
    ['?limit=3', [0, 1, 2]],
    [`?tenantId=${tenant}&limit=1`, [0]],
  ])('filtered by %s has just those', async (query, expected) => {
    expect(await listed(query)).toEqual(expected.map((index) => ids[index]))
  })

  test.each([1, 2, 3, 7, 8, 200])('in pages of %i has every message once', async (limit) => {
    const seen: string[] = []
    let cursor: string | null = ''
    for (let pages = 0; cursor !== null && pages < 20; pages++) {
      const { body } = await list(`?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`)
      expect(body.messages.length).toBeLessThanOrEqual(limit)
      seen.push(...body.messages.map(({ id }: { id: string }) => id))
      cursor = body.nextCursor
    }
    expect(seen).toEqual(ids)
  })

  test('in pages has neither gaps nor doubles where messages were made in the same moment, and new ones come', async () => {
    const crowd = { Authorization: `Bearer ${await world.token('crowd')}` }
    const one = () => world.call('POST', '/api/sms/send', { to: numberOf('silent'), body: 'b' }, crowd)
    await Promise.all(Array.from({ length: 12 }, one))
    await world.database.query(
      `update messages set created_at = '2026-11-22T10:00:00.123456Z' where tenant_id = 'crowd'`,
    )
    const page = async (query: string) =>
      (await world.call('GET', `/api/messages${query}`, undefined, crowd)).body
    const first = await page('?limit=5')
    await one()
    const second = await page(`?limit=5&cursor=${first.nextCursor}`)
    const third = await page(`?limit=5&cursor=${second.nextCursor}`)
    const seen = [first, second, third].flatMap(({ messages }) =>
      messages.map(({ id }: { id: string }) => id),
    )
    expect(seen).toHaveLength(12)
    expect(new Set(seen).size).toBe(12)
    expect(third.nextCursor).toBe(null)
  })

  test('is the same as the action listMessages', async () => {
    const { body } = await list('?limit=2&channel=sms')
    const params = { limit: 2, channel: 'sms' }
    expect(
      (await world.call('POST', '/api/max/actions', { action: 'listMessages', params }, headers)).body,
    ).toEqual(body)
    expect((await world.call('POST', '/api/max/actions', { action: 'listMessages' }, headers)).status).toBe(
      200,
    )
  })

  test('of a token without a tenant is everybody’s, or the one’s that it names', async () => {
    const bearer = { Authorization: `Bearer ${await world.token()}` }
    const all = await world.call('GET', '/api/messages?limit=200', undefined, bearer)
    expect(
      new Set(all.body.messages.map(({ tenantId }: { tenantId: string }) => tenantId)).size,
    ).toBeGreaterThan(1)
    const one = await world.call('GET', `/api/messages?tenantId=${tenant}`, undefined, bearer)
    expect(one.body.messages.map(({ id }: { id: string }) => id)).toEqual(ids)
  })
})

describe('one message', () => {
  test('is shown with its events, oldest first', async () => {
    const sent = await send(sends[3], 'ok')
    await world.settled()
    const { status, body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, message: { id: sent.body.messageId, status: 'read' } })
    expect(body.events.map((event: { type: string }) => event.type)).toEqual([
      'queued',
      'sent',
      'delivered',
      'read',
    ])
    for (const event of body.events) {
      expect(event).toMatchObject({
        provider: 'twilio',
        providerType: expect.any(String),
        recipient: numberOf('ok'),
        occurredAt: expect.stringMatching(moment),
        receivedAt: expect.stringMatching(moment),
        machine: false,
        guessed: false,
        source: expect.stringMatching(/^(send|webhook)$/),
      })
      expect(event).not.toHaveProperty('raw')
    }
  })

  test('is shown with what the provider said on raw=1', async () => {
    const sent = await send(sends[3], 'ok')
    await world.settled()
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}?raw=1`)
    const raws = body.events.map((event: { raw: Record<string, unknown> }) => event.raw.MessageStatus)
    expect(raws.slice(1)).toEqual(['sent', 'delivered', 'read'])
    const action = await world.action('getMessage', { id: sent.body.messageId, raw: true })
    expect(action.body).toEqual(body)
    const without = await world.call('GET', `/api/messages/${sent.body.messageId}?raw=0`)
    expect(without.body.events[0]).not.toHaveProperty('raw')
  })

  test('carries the id of the request that made it', async () => {
    const id = { 'X-Request-Id': 'crm-42' }
    const sent = await world.call('POST', '/api/sms/send', { to: numberOf('silent'), body: 'b' }, id)
    const { body } = await world.call('GET', `/api/messages/${sent.body.messageId}`)
    expect(body.message.requestId).toBe('crm-42')
    expect(body.events[0].requestId).toBe('crm-42')
    expect(world.logLines.some((line) => line.includes('"requestId":"crm-42"'))).toBe(true)
  })
})

describe('cancelling', () => {
  const cancel = (id: string) => world.call('POST', `/api/messages/${id}/cancel`)

  test('a scheduled message keeps it from being sent', async () => {
    const to = '+33677777770'
    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const { body: sent } = await world.action('sendSMS', { to, body: 'b', sendAt })
    const { status, body } = await cancel(sent.messageId)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      message: { id: sent.messageId, status: 'cancelled', nextAttemptAt: null },
    })
    expect((await cancel(sent.messageId)).status).toBe(409)
    await comes(sent.messageId)
    // Another message that is due later was taken: the worker has passed by the cancelled one.
    const later = await world.action('sendSMS', { to: numberOf('ok'), body: 'b', sendAt })
    await comes(later.body.messageId)
    await becomes(later.body.messageId, 'delivered')
    expect(receivedBy(to)).toHaveLength(0)
  })

  test('a message that waits for its next attempt works too', async () => {
    const { body } = await world.action('sendSMS', { to: '+33677777781', body: 'b' })
    expect(body.status).toBe('queued')
    expect(await cancel(body.messageId)).toMatchObject({
      status: 200,
      body: { message: { status: 'cancelled' } },
    })
  })

  test('a message that went out is too late', async () => {
    const { body: sent } = await send(sends[0], 'silent')
    expect(await cancel(sent.messageId)).toMatchObject({
      status: 409,
      body: { success: false, error: { code: 'too_late', status: 'sent' } },
    })
  })
})

describe('the figures', () => {
  let headers: Record<string, string>
  const stats = (query = '') => world.call('GET', `/api/stats${query}`, undefined, headers)

  beforeAll(async () => {
    headers = { Authorization: `Bearer ${await world.token('figures')}` }
    const numbers = ['+33612345670', '+33612345671', '+33612345690', '+33612345680', '+33612345685']
    for (const to of numbers) {
      const params = { to, body: 'b' }
      await world.call('POST', '/api/max/actions', { action: 'sendWhatsApp', params }, headers)
    }
    const email = { to: 'bounce@example.com', subject: 's', body: 'b', provider: 'sendgrid' }
    await world.call('POST', '/api/max/actions', { action: 'sendEmail', params: email }, headers)
    await world.settled()
  })

  test('count each message once a fact, with the rates', async () => {
    const { status, body } = await stats('?channel=whatsapp')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      from: expect.stringMatching(moment),
      to: expect.stringMatching(moment),
      messages: 5,
      sent: 3,
      delivered: 2,
      read: 2,
      opened: 0,
      openedByMachines: 0,
      clicked: 0,
      bounced: 0,
      rejected: 1,
      failed: 1,
      complained: 0,
      rates: { delivered: 0.6667, read: 1, opened: 0, clicked: 0, bounced: 0, complained: 0, failed: 0.2 },
    })
  })

  test('are of the channel and the time that were asked for', async () => {
    expect((await stats()).body).toMatchObject({ messages: 6, bounced: 1 })
    expect((await stats('?channel=email')).body).toMatchObject({
      messages: 1,
      sent: 1,
      bounced: 1,
      rates: { bounced: 1 },
    })
    expect((await stats('?channel=sms')).body).toMatchObject({
      messages: 0,
      rates: { delivered: null, failed: null },
    })
    const past = '?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00'
    expect((await stats(past)).body).toMatchObject({
      messages: 0,
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-01T23:00:00.000Z',
    })
  })

  test('are of one tenant', async () => {
    const bearer = { Authorization: `Bearer ${await world.token()}` }
    const named = await world.call('GET', '/api/stats?tenantId=figures', undefined, bearer)
    expect(named.body.messages).toBe(6)
    const all = await world.call('GET', '/api/stats', undefined, bearer)
    expect(all.body.messages).toBeGreaterThan(6)
    expect((await stats('?tenantId=figures')).body.messages).toBe(6)
  })
})

describe('every answer', () => {
  test.each([
    '/health',
    '/health/ready',
    '/api/messages',
    '/api/messages/x',
    '/nowhere',
    '/webhooks/sendgrid',
  ])('of %s has a request id and the security headers', async (path) => {
    const { headers } = await world.call('GET', path)
    expect(headers.get('x-request-id')).toMatch(uuid)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('strict-transport-security')).toContain('max-age=')
    expect(headers.get('x-powered-by')).toBe(null)
    expect(headers.get('access-control-allow-origin')).toBe(null)
  })

  test.each(['crm-42', 'A', '0f9c:1.2_3-4', 'x'.repeat(100)])('keeps the request id %s', async (id) => {
    const { headers } = await world.call('GET', '/api/messages/x', undefined, { 'X-Request-Id': id })
    expect(headers.get('x-request-id')).toBe(id)
  })

  test.each(['', 'x'.repeat(101), 'a b', '<script>', 'é', '{"a":1}', 'a,b'])(
    'has an id of its own in place of %j',
    async (id) => {
      const { headers } = await world.call('GET', '/health', undefined, { 'X-Request-Id': id })
      expect(headers.get('x-request-id')).toMatch(uuid)
    },
  )
})

describe('a token', () => {
  test('may say bearer in any case', async () => {
    const Authorization = `bearer ${await world.token('t1')}`
    expect((await world.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
  })

  test('without a tenant sends for the tenant that is named', async () => {
    const headers = { Authorization: `Bearer ${await world.token()}` }
    const params = { tenantId: 'named', to: numberOf('silent'), body: 'b' }
    const sent = await world.call('POST', '/api/sms/send', params, headers)
    const kept = await world.call('GET', `/api/messages/${sent.body.messageId}`, undefined, headers)
    expect(kept.body.message.tenantId).toBe('named')
    expect((await world.call('GET', `/api/messages/${sent.body.messageId}`)).status).toBe(404)
  })

  test('with ops and without a tenant sees the quarantine', async () => {
    const headers = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
    const { status, body } = await world.call('GET', '/api/events?quarantined=1', undefined, headers)
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, events: [], nextCursor: null })
  })

  test('sees the events of its tenant, the newest first', async () => {
    const { body } = await world.call('GET', '/api/events?limit=5')
    expect(body.events).toHaveLength(5)
    const ids = body.events.map(({ id }: { id: number }) => id)
    expect(ids).toEqual([...ids].sort((left, right) => right - left))
    const next = await world.call('GET', `/api/events?limit=5&cursor=${body.nextCursor}`)
    expect(next.body.events[0].id).toBeLessThan(ids[4])
    for (const { tenantId } of body.events) expect(tenantId).toBe('t1')
  })

  test('pages through the events to a page that says it is the last, and none is empty', async () => {
    const tenant = 'pages'
    const headers = { Authorization: `Bearer ${await world.token(tenant)}` }
    for (const to of ['+33612345085', '+33612346085'])
      await world.call('POST', '/api/sms/send', { to, body: 'b' }, headers)
    const list = (query: string) => world.call('GET', `/api/events?${query}`, undefined, headers)
    const { events, nextCursor } = (await list('limit=200')).body
    expect(nextCursor).toBeNull()
    const whole = (await list(`limit=${events.length}`)).body
    expect(whole).toEqual({ success: true, events, nextCursor: null })
    const most = (await list(`limit=${events.length - 1}`)).body
    const rest = (await list(`limit=${events.length - 1}&cursor=${most.nextCursor}`)).body
    expect([...most.events, ...rest.events]).toEqual(events)
    expect(rest.nextCursor).toBeNull()
  })

  test('sees what the provider sent on raw=1 only', async () => {
    const raws = async (query: string) =>
      (await world.call('GET', `/api/events?limit=5${query}`)).body.events.map(
        (event: object) => 'raw' in event,
      )
    expect(new Set(await raws(''))).toEqual(new Set([false]))
    expect(new Set(await raws('&raw=0'))).toEqual(new Set([false]))
    expect(new Set(await raws('&raw=1'))).toEqual(new Set([true]))
  })
})

describe('with limits, origins and a second secret', () => {
  const secret = 'the-older-secret-of-the-tests-only-987654'
  const environment = {
    SEND_LIMIT_HOUR: '4',
    SEND_LIMIT_RECIPIENT_DAY: '2',
    CORS_ORIGINS: 'https://crm.example, https://grafana.example',
    JWT_SECRET: `the-newer-secret-of-the-tests-only-0123456,${secret}`,
  }
  let limited: World
  beforeAll(async () => {
    limited = await startWorld({ environment })
  })
  afterAll(() => limited.stop())

  test('a third message to one recipient, or a fifth in an hour, is 429 and is neither kept nor sent', async () => {
    const sms = (to: string, headers?: Record<string, string>) =>
      limited.call('POST', '/api/sms/send', { to, body: 'b', idempotencyKey: to + Math.random() }, headers)
    const over = {
      status: 429,
      body: {
        success: false,
        error: { code: 'send_limit', message: expect.stringContaining('SEND_LIMIT_HOUR') },
      },
    }
    expect((await sms('+33612345685')).status).toBe(200)
    expect((await sms('+33612345685')).status).toBe(200)
    const third = await sms('+33612345685')
    expect(third).toMatchObject(over)
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await sms('+33612345185')).status).toBe(200)
    expect((await sms('+33612345285')).status).toBe(200)
    expect(await sms('+33612345385')).toMatchObject(over)
    const others = { Authorization: `Bearer ${await limited.token('t2')}` }
    expect((await sms('+33612345685', others)).status).toBe(200)
    expect((await limited.call('GET', '/api/messages')).body.messages).toHaveLength(4)
    expect(limited.sandbox.received()).toHaveLength(5)
  })

  test('a known origin may ask, another may not', async () => {
    const preflight = (origin: string) =>
      fetch(`${limited.url}/api/max/actions`, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
        },
      })
    const known = await preflight('https://grafana.example')
    expect(known.status).toBe(204)
    expect(known.headers.get('access-control-allow-origin')).toBe('https://grafana.example')
    expect(known.headers.get('access-control-allow-headers')).toContain('authorization')
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBe(null)
    const asked = await limited.call('GET', '/api/messages', undefined, { Origin: 'https://crm.example' })
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://crm.example')
    const health = await limited.call('GET', '/health', undefined, { Origin: 'https://crm.example' })
    expect(health.headers.get('access-control-allow-origin')).toBe(null)
  })

  test('tokens by the older secret are still good', async () => {
    const Authorization = `Bearer ${jwt({ tenantId: 't1' }, { secret })}`
    expect((await limited.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
  })
})

describe('with nothing configured', () => {
  let bare: World
  beforeAll(async () => {
    bare = await startWorld({
      environment: Object.fromEntries(Object.keys(world.sandbox.environment).map((name) => [name, ''])),
    })
  })
  afterAll(() => bare.stop())

  test.each([
    [
      'sendEmail',
      { to: 'a@example.com', subject: 's', body: 'b' },
      ['SMTP_HOST', 'SENDGRID_API_KEY', 'RESEND_API_KEY'],
    ],
    ['sendWhatsApp', { to: '+33612345685', body: 'b' }, ['TWILIO_ACCOUNT_SID', 'GREEN_API_INSTANCE_ID']],
    ['sendSMS', { to: '+33612345685', body: 'b' }, ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN']],
    [
      'sendEmail',
      { to: 'a@example.com', subject: 's', body: 'b', provider: 'resend' },
      ['RESEND_API_KEY', 'EMAIL_FROM'],
    ],
  ])('%s %j answers 503, names the variables and keeps nothing', async (action, params, variables) => {
    const answer = await bare.action(action, params)
    expect(answer).toMatchObject({
      status: 503,
      body: { success: false, error: { code: 'channel_not_configured' } },
    })
    for (const variable of variables) expect(answer.body.error.message).toContain(variable)
    const othersSender = { sendSMS: 'TWILIO_WHATSAPP_FROM', sendWhatsApp: 'TWILIO_SMS_FROM' }[action]
    if (othersSender) expect(answer.body.error.message).not.toContain(othersSender)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await bare.call('GET', '/api/messages')).body.messages).toEqual([])
  })

  test.each([
    ['sendgrid', '/webhooks/sendgrid', 'SENDGRID_WEBHOOK_SECRET'],
    ['resend', '/api/webhooks/email/resend', 'RESEND_WEBHOOK_SECRET'],
    ['twilio', '/api/whatsapp/incoming', 'TWILIO_AUTH_TOKEN'],
    ['greenapi', '/webhooks/greenapi', 'GREEN_API_WEBHOOK_TOKEN'],
  ])('the door of %s is 404 and names what opens it', async (_name, path, variable) => {
    const { status, body } = await bare.call('POST', path, {})
    expect(status).toBe(404)
    expect(body.error).toMatchObject({
      code: 'provider_not_configured',
      message: expect.stringContaining(variable),
    })
  })

  test('the process lives and is ready', async () => {
    expect((await bare.call('GET', '/health')).body).toEqual({ status: 'ok' })
    expect((await bare.call('GET', '/health/ready')).body).toEqual({ ready: true, reasons: [] })
  })
})
