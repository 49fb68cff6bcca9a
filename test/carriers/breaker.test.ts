import { expect, test } from 'vitest'
import { createBreaker, type Shown } from '#src/carriers/breaker.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { Log } from '#src/runtime/log.ts'

const second = 1_000
const minute = 60 * second

function breakerAt(clock: { time: number }) {
  const lines: string[] = []
  const stopped = new Map<string, ProviderError>()
  const line: Log['info'] = (fact, fields) => lines.push(`${fact} ${fields?.provider}`)
  const log: Log = { debug: line, info: line, warn: line, error: line, close: async () => {} }
  const stops = { of: (provider: string) => stopped.get(provider) }
  const breaker = createBreaker({ stops, log, clock: () => clock.time })
  const show = (...shown: Shown[]) => {
    for (const one of shown) breaker.note('twilio', one)
  }
  return { breaker, stopped, lines, show }
}

test('three proofs in a row open it, and it says so; two do not, nor three with one that is taken between', () => {
  const { breaker, lines, show } = breakerAt({ time: 0 })
  show('proof', 'proof', 'taken', 'proof', 'proof')
  expect([breaker.whyOpen('twilio'), breaker.lets('twilio'), lines]).toEqual([undefined, true, []])
  show('proof')
  expect([breaker.whyOpen('twilio'), breaker.lets('twilio')]).toEqual(['breaker_open', false])
  expect(lines).toEqual(['breaker_opened twilio'])
  expect([breaker.whyOpen('greenapi'), breaker.lets('greenapi')]).toEqual([undefined, true])
})

test('what shows nothing neither counts as a proof nor ends a run of them', () => {
  const { breaker, show } = breakerAt({ time: 0 })
  show('nothing', 'nothing', 'nothing', 'proof', 'proof')
  expect(breaker.whyOpen('twilio')).toBeUndefined()
  show('nothing', 'proof')
  expect(breaker.whyOpen('twilio')).toBe('breaker_open')
})

test('after 30 seconds one message is let through, and its success closes it', () => {
  const clock = { time: 0 }
  const { breaker, lines, show } = breakerAt(clock)
  show('proof', 'proof', 'proof')
  clock.time = 30 * second - 1
  expect([breaker.due('twilio'), breaker.lets('twilio')]).toEqual([false, false])
  clock.time = 30 * second
  expect([breaker.due('twilio'), breaker.lets('twilio')]).toEqual([true, true])
  expect([breaker.due('twilio'), breaker.lets('twilio')]).toEqual([false, false])
  show('taken')
  expect([breaker.whyOpen('twilio'), breaker.lets('twilio')]).toEqual([undefined, true])
  expect(lines).toEqual(['breaker_opened twilio', 'breaker_closed twilio'])
  show('proof', 'proof')
  expect(breaker.whyOpen('twilio')).toBeUndefined()
})

test.each(['proof', 'nothing'] as const)(
  'a probe that shows %s doubles the pause, up to ten minutes',
  (shown) => {
    const clock = { time: 0 }
    const { breaker, show } = breakerAt(clock)
    show('proof', 'proof', 'proof')
    const pauses: number[] = []
    for (let probes = 0; probes < 7; probes++) {
      const since = clock.time
      while (!breaker.lets('twilio')) clock.time += second
      pauses.push((clock.time - since) / second)
      show(shown)
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 600, 600])
  },
)

test('what others meet while it is open, begun before, changes nothing, but for one that is taken', () => {
  const clock = { time: 0 }
  const { breaker, show } = breakerAt(clock)
  show('proof', 'proof', 'proof', 'proof', 'proof', 'proof')
  clock.time = 30 * second
  expect(breaker.due('twilio')).toBe(true)
  show('taken')
  expect(breaker.whyOpen('twilio')).toBeUndefined()
})

test('a probe of which nothing is heard gives way to the next after another pause', () => {
  const clock = { time: 0 }
  const { breaker, show } = breakerAt(clock)
  show('proof', 'proof', 'proof')
  clock.time = 30 * second
  expect(breaker.lets('twilio')).toBe(true)
  clock.time = 60 * second - 1
  expect(breaker.lets('twilio')).toBe(false)
  clock.time = 60 * second
  expect(breaker.lets('twilio')).toBe(true)
})

test('a provider that said itself that it takes nothing is left alone until then, without a probe', () => {
  const clock = { time: 0 }
  const { breaker, stopped, show } = breakerAt(clock)
  stopped.set('twilio', new ProviderError('twilio', 'retryable', 'twilio: quota', { providerCode: '466' }))
  expect([breaker.whyOpen('twilio'), breaker.lets('twilio')]).toEqual(['466', false])
  show('proof', 'proof', 'proof')
  clock.time = 10 * minute
  expect([breaker.due('twilio'), breaker.lets('twilio')]).toEqual([false, false])
  stopped.clear()
  expect([breaker.whyOpen('twilio'), breaker.lets('twilio')]).toEqual(['breaker_open', true])
})
