import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moment } from '#support/forms.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const silentNumber = '+33612345685'

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
    const one = () => world.call('POST', '/api/sms/send', { to: silentNumber, body: 'b' }, crowd)
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
