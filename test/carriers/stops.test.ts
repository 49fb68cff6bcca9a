import { expect, test } from 'vitest'
import { createStops } from '#src/carriers/stops.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { Fields, Log } from '#src/runtime/log.ts'

/** `aheadMs`: how wrong the clock is that people read, of which the one that nobody sets knows nothing. */
function stopsAt(clock: { time: number; aheadMs?: number }) {
  const alerts: Fields[] = []
  const silent = () => {}
  const log: Log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (fact, fields) => alerts.push({ fact, ...fields }),
    close: async () => {},
  }
  const now = () => new Date(clock.time + (clock.aheadMs ?? 0))
  return { stops: createStops({ log, now, clock: () => clock.time + 1_000_000_000 }), alerts }
}

const quota = new ProviderError('greenapi', 'retryable', 'greenapi: quota', {
  providerCode: '466',
  retryAfterMs: 60_000,
  stopsProvider: true,
})

test('a provider that is stopped takes nothing until its time is over, and an operator is alerted', () => {
  const clock = { time: 0 }
  const { stops, alerts } = stopsAt(clock)
  stops.note(quota)
  clock.time = 20_000
  expect(stops.of('greenapi')).toMatchObject({
    certainty: 'retryable',
    providerCode: '466',
    retryAfterMs: 40_000,
  })
  clock.time = 60_000
  expect(stops.of('greenapi')).toBeUndefined()
  expect(alerts).toMatchObject([{ fact: 'provider_stopped', provider: 'greenapi', code: '466' }])
})

const loggedOut = new ProviderError('greenapi', 'retryable', 'greenapi: not authorized', {
  providerCode: 'not_authorized',
  retryAfterMs: 60_000,
  stopsProvider: true,
  untilOpen: true,
})

test.each([
  ['that it takes messages ends it', loggedOut, 10_000, false],
  ['so before it was stopped does not', loggedOut, 4_000, true],
  ['that it takes messages gives no quota back', quota, 10_000, true],
])('what a provider says of itself: %s', (_name, error, saidAt, stopped) => {
  const clock = { time: 5_500 }
  const { stops } = stopsAt(clock)
  stops.note(error)
  clock.time = 11_000
  stops.opened('greenapi', new Date(saidAt))
  expect(stops.of('greenapi') !== undefined).toBe(stopped)
})

test('a clock that was a day ahead for a moment stops nobody for longer, and hears that they take messages again', () => {
  const clock = { time: 5_500, aheadMs: 86_400_000 }
  const { stops } = stopsAt(clock)
  stops.note(quota)
  stops.note({ ...loggedOut, provider: 'twilio' })
  clock.aheadMs = 0
  clock.time = 11_000
  stops.opened('twilio', new Date(10_000))
  expect(stops.of('twilio')).toBeUndefined()
  clock.time = 65_500
  expect(stops.of('greenapi')).toBeUndefined()
})

test('another provider, or an error about one message, stops nothing', () => {
  const { stops, alerts } = stopsAt({ time: 0 })
  stops.note(new ProviderError('twilio', 'retryable', 'twilio: busy', { retryAfterMs: 1_000 }))
  stops.note(quota)
  expect(stops.of('twilio')).toBeUndefined()
  expect(alerts).toHaveLength(1)
})
