import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bearer, becomes, comes, logged, send, shown } from '#support/sends.ts'
import {
  type ByApi,
  type Failing,
  type Pair,
  pairs,
  pairsBack,
  sendOn,
  someone,
  startFailing,
  tried,
  wayOf,
} from './fail-over.ts'

const hour = 3_600_000

const [byTwilioFirst, bySendgridFirst] = pairs
const [byGreenapiFirst, byResendFirst] = pairsBack

interface Proof {
  pair: Pair<ByApi>
  said: string
  status: number
  body?: unknown
  code: string
}

const there: Proof[] = [
  { pair: byTwilioFirst, said: '429', status: 429, body: { code: 20429 }, code: '20429' },
  { pair: byTwilioFirst, said: '401', status: 401, body: { code: 20003 }, code: '20003' },
  { pair: byTwilioFirst, said: '403', status: 403, body: {}, code: '403' },
  { pair: bySendgridFirst, said: '429', status: 429, code: '429' },
  { pair: bySendgridFirst, said: '401', status: 401, code: '401' },
]
const back: Proof[] = [
  { pair: byGreenapiFirst, said: '429', status: 429, code: '429' },
  { pair: byGreenapiFirst, said: '401', status: 401, code: '401' },
  { pair: byGreenapiFirst, said: '403', status: 403, code: '403' },
  { pair: byGreenapiFirst, said: '466', status: 466, code: '466' },
  {
    pair: byGreenapiFirst,
    said: 'not authorized',
    status: 400,
    body: { message: 'Instance in starting process or not authorized' },
    code: 'not_authorized',
  },
  {
    pair: byResendFirst,
    said: '429',
    status: 429,
    body: { name: 'rate_limit_exceeded' },
    code: 'rate_limit_exceeded',
  },
  {
    pair: byResendFirst,
    said: '401',
    status: 401,
    body: { name: 'missing_api_key' },
    code: 'missing_api_key',
  },
]

describe.each([
  { name: 'Twilio then Green-API, SendGrid then Resend', chosen: pairs, proofs: there },
  { name: 'Green-API then Twilio, Resend then SendGrid', chosen: pairsBack, proofs: back },
])('$name', ({ chosen, proofs }) => {
  let failing: Failing
  beforeAll(async () => {
    failing = await startFailing(chosen)
  })
  afterAll(() => failing.stop())
  beforeEach(async () => {
    failing.pass(2 * hour)
    await failing.healed()
  })
  const refuse = (provider: (typeof chosen)[number]['first' | 'other']) =>
    failing.api.replies.set(provider, { status: 429 })

  test('the banner says who takes over', () => {
    for (const { first, other } of chosen)
      expect(failing.world.server.banner).toContain(`by ${first}, ${other} takes over`)
  })

  test.each(proofs)(
    '$pair.first says $said: $pair.other has the message at once, and everybody is told',
    async ({ pair, status, body: said, code }) => {
      const { world, api, given } = failing
      const { first, other } = pair
      api.replies.set(first, { status, body: said })
      const to = someone(pair)
      const { status: answered, body } = await sendOn(world, pair, to, { idempotencyKey: to })
      const warning = `failed_over_from_${first}`
      expect({ answered, body }).toMatchObject({
        answered: 200,
        body: { provider: other, entityId: expect.anything(), warnings: expect.arrayContaining([warning]) },
      })
      const { message, attempts } = await shown(world, body.messageId)
      expect(message).toMatchObject({
        provider: other,
        providerMessageId: body.entityId,
        warnings: body.warnings,
        attempts: 2,
        nextAttemptAt: null,
        errorCode: null,
      })
      expect(tried(attempts)).toEqual([
        [first, 'retryable', code],
        [other, 'accepted', null],
      ])
      expect([given(first, to), given(other, to)]).toEqual([1, 1])
      expect(logged(world, 'failed_over').at(-1)).toMatchObject({
        messageId: body.messageId,
        provider: other,
        insteadOf: first,
        code,
      })
      const again = await sendOn(world, pair, to, { idempotencyKey: to })
      expect(again).toMatchObject({ status: 200, body })
      expect([given(first, to), given(other, to)]).toEqual([1, 1])
    },
  )

  describe.each([...chosen])('$action', (pair) => {
    const { first, other } = pair

    test.each([
      ['a 500', { status: 500 } as const],
      ['a 503', { status: 503 } as const],
      ['a reset', 'reset' as const],
    ])('%s proves nothing: it is unknown there, and nobody else has it', async (_what, reply) => {
      const { world, api, given } = failing
      api.replies.set(first, reply)
      const to = someone(pair)
      const { status, body } = await sendOn(world, pair, to)
      expect({ status, body }).toMatchObject({
        status: 202,
        body: { status: 'unknown', provider: first, warnings: [] },
      })
      expect([given(first, to), given(other, to)]).toEqual([1, 0])
    })

    test('a refusal for good is final, and nobody else has it', async () => {
      const { world, api, given } = failing
      api.replies.set(first, { status: 400, body: { code: 21211, name: 'validation_error' } })
      const to = someone(pair)
      const { status, body } = await sendOn(world, pair, to)
      expect({ status, body }).toMatchObject({ status: 422, body: { error: { code: 'provider_rejected' } } })
      expect([given(first, to), given(other, to)]).toEqual([1, 0])
    })

    test('a send whose caller named its provider waits for that one', async () => {
      const { world, given } = failing
      refuse(first)
      const to = someone(pair)
      const { status, body } = await send(world, wayOf(pair), to)
      expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued', provider: first } })
      const kept = await world.database.query('select fallback from messages where id = $1', [body.messageId])
      expect(kept).toEqual([{ fallback: null }])
      expect([given(first, to), given(other, to)]).toEqual([1, 0])
    })

    test('where neither takes it, it waits, and begins again with the first', async () => {
      const { world, api, given } = failing
      refuse(first)
      refuse(other)
      const to = someone(pair)
      const { status, body } = await sendOn(world, pair, to)
      expect({ status, body }).toMatchObject({
        status: 202,
        body: { status: 'queued', provider: first, warnings: [], nextAttemptAt: expect.anything() },
      })
      expect((await shown(world, body.messageId)).message).toMatchObject({
        provider: first,
        warnings: [],
        attempts: 2,
      })
      api.replies.clear()
      await comes(world, body.messageId)
      const { message, attempts } = await becomes(world, body.messageId, {
        attempts: 3,
        providerMessageId: expect.anything(),
      })
      expect(message).toMatchObject({ provider: first })
      expect(message.warnings).not.toContain(`failed_over_from_${first}`)
      expect(attempts).toMatchObject([
        { provider: first, outcome: 'retryable' },
        { provider: other, outcome: 'retryable' },
        { provider: first, outcome: 'accepted' },
      ])
      expect([given(first, to), given(other, to)]).toEqual([2, 1])
    })

    test('where neither takes it, both are tried until its time is over, and a person may revive it', async () => {
      const { world, api } = failing
      refuse(first)
      refuse(other)
      const { body } = await sendOn(world, pair, someone(pair))
      for (let tries = 2; tries <= 10; tries += 2) {
        await becomes(world, body.messageId, {
          attempts: tries,
          status: 'queued',
          nextAttemptAt: expect.anything(),
        })
        if (tries < 10) await comes(world, body.messageId)
      }
      await world.database.query(
        `update messages set created_at = created_at - interval '2 days', expires_at = now(), next_attempt_at = now()
         where id = $1`,
        [body.messageId],
      )
      const { message, attempts } = await becomes(world, body.messageId, { status: 'failed' })
      expect(message).toMatchObject({ attempts: 11, errorCode: 'expired' })
      expect(attempts.slice(0, 10).map(({ provider }: { provider: string }) => provider)).toEqual(
        Array.from({ length: 5 }, () => [first, other]).flat(),
      )
      api.replies.clear()
      const ops = await bearer(world, 't1', true)
      await world.call('POST', `/api/dead-letters/${body.messageId}/replay`, undefined, ops)
      await becomes(world, body.messageId, {
        attempts: 12,
        provider: first,
        providerMessageId: expect.anything(),
      })
    })

    test('what the other one may have stays with it', async () => {
      const { world, api, given } = failing
      refuse(first)
      api.replies.set(other, { status: 500 })
      const to = someone(pair)
      const { body } = await sendOn(world, pair, to)
      const warnings = expect.arrayContaining([`failed_over_from_${first}`])
      expect(body).toMatchObject({ status: 'unknown', provider: other, warnings })
      expect((await shown(world, body.messageId)).message).toMatchObject({ provider: other, warnings })
      expect([given(first, to), given(other, to)]).toEqual([1, 1])
    })

    test('what the other one refuses for good is final', async () => {
      const { world, api, given } = failing
      refuse(first)
      api.replies.set(other, { status: 400, body: { code: 21211, name: 'validation_error' } })
      const to = someone(pair)
      const { status, body } = await sendOn(world, pair, to)
      const warnings = expect.arrayContaining([`failed_over_from_${first}`])
      expect({ status, body }).toMatchObject({ status: 422, body: { error: { provider: other, warnings } } })
      expect((await shown(world, body.messageId)).message).toMatchObject({
        status: 'rejected',
        provider: other,
        warnings: expect.arrayContaining(body.error.warnings),
      })
      expect([given(first, to), given(other, to)]).toEqual([1, 1])
    })

    test('a scheduled message goes the same ways when its time comes', async () => {
      const { world, now } = failing
      const to = someone(pair)
      const sendAt = new Date(now().getTime() + hour).toISOString()
      const { body } = await sendOn(world, pair, to, { sendAt })
      expect(body).toMatchObject({ status: 'scheduled', provider: first })
      refuse(first)
      await comes(world, body.messageId)
      const { message, attempts } = await becomes(world, body.messageId, {
        attempts: 2,
        providerMessageId: expect.anything(),
      })
      expect(message).toMatchObject({ provider: other })
      expect(message.warnings).toContain(`failed_over_from_${first}`)
      expect(attempts).toMatchObject([{ provider: first }, { provider: other, outcome: 'accepted' }])
    })

    test('what would expire before the next try goes to the other one now', async () => {
      const { world, api, now } = failing
      api.replies.set(first, { status: 401 })
      const expiresAt = new Date(now().getTime() + 60_000).toISOString()
      const { status, body } = await sendOn(world, pair, someone(pair), { expiresAt })
      expect({ status, body }).toMatchObject({ status: 200, body: { provider: other } })
    })
  })
})
