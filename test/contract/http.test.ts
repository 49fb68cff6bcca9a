import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { callProvider, networkError, notNow, retryAfterMs } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { localApi, nobodyListens, type Reply } from '#support/local-api.ts'

const now = new Date('2026-11-22T10:00:00Z')

async function called(url: string, timeoutMs = 10_000) {
  return callProvider('postmule', url, {
    method: 'POST',
    headers: { authorization: 'Bearer s3cret' },
    body: '{}',
    timeoutMs,
  })
}

it.each([200, 307, 422, 503])(
  'an answer of status %i is an answer, and is not followed elsewhere',
  async (status) => {
    const elsewhere = await localApi(() => ({ status: 200 }))
    const api = await localApi(() => ({ status, headers: { location: elsewhere.url }, body: { id: 'one' } }))
    expect(await called(api.url)).toMatchObject({ status, json: { id: 'one' } })
    expect(elsewhere.requests).toEqual([])
  },
)

it('a text that is not JSON is only a text', async () => {
  const api = await localApi(() => ({ status: 200, body: '<html>' }))
  expect((await called(api.url)).json).toBeUndefined()
})

it.each<[string, Reply, number?]>([
  ['a reset after the request', 'reset'],
  ['no answer in time', 'hang', 100],
  ['an answer without an end', 'endless', 100],
  ['an answer that breaks off', { status: 200, body: { id: 'one' }, cut: true }],
])('%s proves nothing: they may have it', async (_what, reply, timeoutMs) => {
  const api = await localApi(() => reply)
  const error = await called(api.url, timeoutMs).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ProviderError)
  expect(error).toMatchObject({ provider: 'postmule', certainty: 'unknown' })
  expect(inspect(error, { depth: 9 })).not.toContain('s3cret')
})

it('where nobody listens, they surely do not have it', async () => {
  await expect(called(await nobodyListens())).rejects.toMatchObject({
    certainty: 'retryable',
    providerCode: 'ECONNREFUSED',
  })
})

it('the code of a failure is looked for along its causes', () => {
  const deep = new Error('fetch failed', {
    cause: new AggregateError([Object.assign(new Error('x'), { code: 'ENOTFOUND' })]),
  })
  expect(networkError('postmule', deep)).toMatchObject({ certainty: 'retryable', providerCode: 'ENOTFOUND' })
  expect(networkError('postmule', 'odd')).toMatchObject({ certainty: 'unknown', providerCode: 'unknown' })
})

it('a look-up that fails leaves things as they were, whatever it was', () => {
  const lost = new ProviderError('postmule', 'unknown', 'postmule: no answer', {
    providerCode: 'ECONNRESET',
    retryAfterMs: 5,
  })
  expect(notNow(lost)).toMatchObject({ certainty: 'retryable', providerCode: 'ECONNRESET', retryAfterMs: 5 })
})

it.each([
  ['2', 2_000],
  ['0', 0],
  ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
  ['Sun, 22 Nov 2026 09:59:00 GMT', undefined],
  ['-1', undefined],
  ['soon', undefined],
  [String(now.getTime() / 1_000 + 30), 30_000],
  [String(now.getTime() + 30_000), 30_000],
  ['1', 1_000],
  ['', undefined],
  [null, undefined],
])('Retry-After %j is %s ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})
