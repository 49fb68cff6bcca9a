import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textExpiresMs } from '#src/patience.ts'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { bearer, becomes, bySms, comes, person, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let api: FakeApi
let world: World
let ops: Record<string, string>
beforeAll(async () => {
  api = await startFakeApi()
  world = await startWorld({ workerEveryMs: 20, environment: api.environment })
  ops = await bearer(world, 't1', true)
})
afterAll(async () => {
  await world.stop()
  await api.away()
})

const revive = (messageId: string, headers = ops) =>
  world.call('POST', `/api/dead-letters/${messageId}/replay`, undefined, headers)
const list = (query = '', headers = ops) => world.call('GET', `/api/dead-letters${query}`, undefined, headers)
const idsOf = ({ body }: { body: { messages: { id: string }[] } }) => body.messages.map(({ id }) => id)
const callsTo = (to: string) =>
  api.calls('twilio').filter(({ body }) => new URLSearchParams(body).get('To') === to)

/** With the one that finds its time over. */
const inVain = 4

/** A message that was tried in vain, until its time was over. */
async function exhausted() {
  const to = person(bySms, 'ok')
  await api.away()
  const { body } = await send(world, bySms, to)
  await exhaust(body.messageId, 1)
  await api.back()
  return { to, messageId: String(body.messageId) }
}

async function exhaust(messageId: string, from: number): Promise<void> {
  for (let tries = from; tries < from + inVain - 1; tries++) {
    await becomes(world, messageId, { attempts: tries, status: 'queued', nextAttemptAt: expect.anything() })
    if (tries < from + inVain - 2) await comes(world, messageId)
  }
  // As if it had been asked for as long ago.
  await world.database.query(
    `update messages
     set created_at = created_at - ago, expires_at = expires_at - ago, next_attempt_at = now()
     from make_interval(secs => $2) as ago
     where id = $1`,
    [messageId, textExpiresMs / 1_000],
  )
  await becomes(world, messageId, { status: 'failed', errorCode: 'expired' })
}

/** A dead letter without any attempt of the provider: its time had passed. */
async function expired(headers: Record<string, string>): Promise<string> {
  const params = { to: person(bySms, 'ok'), body: 'b', expiresAt: '2026-01-01T00:00:00Z' }
  return (await world.call('POST', '/api/sms/send', params, headers)).body.messageId
}

describe('a message whose time is over', () => {
  test('is a dead letter, and among the failed ones', async () => {
    const { to, messageId } = await exhausted()
    const [letter] = (await list()).body.messages
    expect(letter).toMatchObject({
      id: messageId,
      status: 'failed',
      errorCode: 'expired',
      attempts: inVain,
    })
    for (const name of ['payload', 'phase']) expect(Object.keys(letter)).not.toContain(name)
    const failed = await world.call('GET', `/api/messages?status=failed&to=${encodeURIComponent(to)}`)
    expect(idsOf(failed)).toEqual([messageId])
  })

  test('goes out when it is revived, and its timeline keeps that it had been given up', async () => {
    const { to, messageId } = await exhausted()
    const before = await shown(world, messageId)
    const { status, body } = await revive(messageId)
    expect(status).toBe(202)
    expect(body).toMatchObject({
      success: true,
      message: { id: messageId, status: 'queued', errorCode: null },
    })
    const { message, events, attempts } = await becomes(world, messageId, {
      providerMessageId: expect.anything(),
    })
    expect(message).toMatchObject({ status: 'queued', failedAt: null, errorCode: null, nextAttemptAt: null })
    const [end] = before.events
    expect(events).toContainEqual(end)
    expect(events).toContainEqual(
      expect.objectContaining({ providerType: 'revived_by_a_person', source: 'person', code: 'revived' }),
    )
    expect(attempts.slice(0, inVain)).toEqual(before.attempts)
    expect(attempts[inVain]).toMatchObject({ number: inVain + 1, outcome: 'accepted' })
    expect(callsTo(to)).toHaveLength(1)
    expect(idsOf(await list('?limit=200'))).not.toContain(messageId)
  })

  test('has as long again when it is revived, and may be given up and revived again', async () => {
    const { to, messageId } = await exhausted()
    await api.away()
    await revive(messageId)
    const { message, attempts } = await becomes(world, messageId, {
      attempts: inVain + 1,
      nextAttemptAt: expect.anything(),
    })
    const waits = Date.parse(message.nextAttemptAt) - Date.parse(attempts.at(-1).endedAt)
    expect(waits).toBeLessThanOrEqual(15_000 * 1.25)
    await exhaust(messageId, inVain + 1)
    expect((await shown(world, messageId)).message.attempts).toBe(2 * inVain)
    await api.back()
    expect((await revive(messageId)).status).toBe(202)
    await becomes(world, messageId, { attempts: 2 * inVain + 1, providerMessageId: expect.anything() })
    expect(callsTo(to)).toHaveLength(1)
  })

  test('is revived once, however many ask for it at once', async () => {
    const { to, messageId } = await exhausted()
    const answers = await Promise.all(Array.from({ length: 10 }, () => revive(messageId)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, ...Array(9).fill(409)])
    await becomes(world, messageId, { providerMessageId: expect.anything() })
    expect(callsTo(to)).toHaveLength(1)
  })

  test('may be revived though it had expired: then it is wanted late', async () => {
    const messageId = await expired(ops)
    expect((await revive(messageId)).status).toBe(202)
    await becomes(world, messageId, {
      status: 'queued',
      expiresAt: null,
      providerMessageId: expect.anything(),
    })
  })
})

describe('what cannot be revived', () => {
  test('is a message that is not dead: 409 with its status', async () => {
    const { body } = await send(world, bySms, person(bySms, 'ok'))
    expect(await revive(body.messageId)).toMatchObject({
      status: 409,
      body: { success: false, error: { code: 'not_dead', status: 'queued' } },
    })
    api.replies.set('twilio', { status: 400, body: { code: 21211, message: 'not a valid phone number' } })
    const refused = await send(world, bySms, person(bySms, 'ok'))
    api.replies.clear()
    expect(refused.status).toBe(422)
    expect(await revive(refused.body.messageId)).toMatchObject({
      status: 409,
      body: { error: { status: 'rejected' } },
    })
  })

  test('is another tenant’s, or none at all: 404', async () => {
    const messageId = await expired(ops)
    expect((await revive(messageId, await bearer(world, 't2', true))).status).toBe(404)
    expect((await revive(randomUUID())).status).toBe(404)
    expect((await revive('x')).status).toBe(400)
    expect((await shown(world, messageId)).message.status).toBe('failed')
  })

  test('is anything with a token without the ops scope: 403', async () => {
    const messageId = await expired(ops)
    const plain = await bearer(world, 't1', false)
    expect((await revive(messageId, plain)).status).toBe(403)
    expect((await list('', plain)).status).toBe(403)
  })
})

describe('the list of dead letters', () => {
  test.each([1, 3, 7, 200])(
    'in pages of %i has each of the tenant’s once, the newest first',
    async (limit) => {
      const tenant = `listed-${limit}`
      const headers = await bearer(world, tenant, true)
      const ids: string[] = []
      for (let index = 0; index < 7; index++) ids.unshift(await expired(headers))
      const stranger = await expired(await bearer(world, `not-${tenant}`, true))
      const seen: string[] = []
      let cursor: string | null = ''
      for (let pages = 0; cursor !== null && pages < 20; pages++) {
        const page = await list(`?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`, headers)
        expect(page.status).toBe(200)
        expect(Object.keys(page.body)).toEqual(['success', 'messages', 'jobs', 'nextCursor'])
        seen.push(...idsOf(page))
        cursor = page.body.nextCursor
      }
      expect(seen).toEqual(ids)
      const everybodys = idsOf(await list('?limit=200', await bearer(world, undefined, true)))
      expect(everybodys).toEqual(expect.arrayContaining([...ids, stranger]))
    },
  )

  test.each(['?limit=0', '?limit=201', '?cursor=x', '?tenantId=t2'])(
    'does not take %s: 400',
    async (query) => {
      expect(await list(query)).toMatchObject({ status: 400, body: { error: { code: 'invalid_params' } } })
    },
  )
})
