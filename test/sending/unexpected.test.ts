import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createBreaker } from '#src/carriers/breaker.ts'
import { createPace } from '#src/carriers/pace.ts'
import { createStops } from '#src/carriers/stops.ts'
import { createTracking } from '#src/email/tracking.ts'
import { createLog } from '#src/runtime/log.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import { createAttempts } from '#src/sending/attempt.ts'
import { expectNothingOf, quotable, secretEmail } from '#support/secret-message.ts'
import { ingestOn, stubStore } from '../receiving/ingest-stub.ts'

test('what a provider throws without having foreseen it is logged without what it quotes', async () => {
  const lines: string[] = []
  const stream = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const log = createLog({ level: 'debug', runId: 'test', stream })
  const now = () => new Date('2026-11-22T10:00:00Z')
  const stops = createStops({ log, now, clock: () => 0 })
  const stub = stubStore()
  const { ingest } = await ingestOn(stub)
  const attempts = createAttempts({
    store: { failOver: async () => expect.fail('nothing is handed over') },
    ingest,
    tracking: createTracking({ tokens: undefined, baseUrl: undefined, production: false }),
    metrics: createMetrics(),
    window: 'warn',
    stops,
    breaker: createBreaker({ stops, log, clock: () => 0 }),
    pace: createPace({ log, clock: () => 0 }),
    turns: { waitsMs: async () => undefined },
    owner: 'test',
    log,
    now,
    clock: () => 0,
  })
  const send = async () => {
    throw new TypeError(`Cannot read:\n${quotable(secretEmail).join('\n')}`)
  }
  const ended = await attempts.run({ name: 'postmule', channels: ['email'], send }, secretEmail, {
    number: 1,
  })
  await log.close()
  expect(ended).toMatchObject({ outcome: 'unknown', code: 'unexpected' })
  const line = JSON.parse(lines.find((one) => one.includes('send_failed_unexpectedly')) ?? '{}')
  expect(line.error).toMatchObject({
    name: 'TypeError',
    message: expect.stringMatching(/^Cannot read: <hidden>/),
  })
  expect(line.error.stack).toEqual(expect.arrayContaining([expect.stringContaining('unexpected.test.ts')]))
  expectNothingOf(lines.join(''))
  expect(stub.commits).toHaveLength(1)
  expectNothingOf(JSON.stringify(stub.commits))
})
