import { expect, test } from 'vitest'
import { createPace } from '#src/carriers/pace.ts'
import { placesAProvider } from '#src/patience.ts'
import { silentLog } from '#support/spool.ts'

function paceAt(clock: { time: number }) {
  const pace = createPace({ log: silentLog(), clock: () => clock.time })
  const take = (count: number) => {
    for (let taken = 0; taken < count; taken++) pace.took('resend')
  }
  return { pace, take, places: () => pace.places('resend') }
}

test('a provider that says "too many" gets nothing for as long as it asks, then half as many at once', () => {
  const clock = { time: 0 }
  const { pace, places } = paceAt(clock)
  expect(places()).toBe(placesAProvider)
  pace.tooMany('resend', 3_000)
  expect([places(), pace.places('twilio')]).toEqual([0, placesAProvider])
  clock.time = 2_999
  expect(places()).toBe(0)
  clock.time = 3_000
  expect(places()).toBe(placesAProvider / 2)
})

test('one that takes messages one by one has no places until the next', () => {
  const clock = { time: 0 }
  const { pace, places } = paceAt(clock)
  pace.rests('resend', 18_000)
  expect([places(), pace.places('twilio')]).toEqual([0, placesAProvider])
  clock.time = 17_999
  expect(places()).toBe(0)
  clock.time = 18_000
  expect(places()).toBe(placesAProvider)
})

test('where it does not say for how long, it is a second', () => {
  const clock = { time: 0 }
  const { pace, places } = paceAt(clock)
  pace.tooMany('resend')
  clock.time = 999
  expect(places()).toBe(0)
  clock.time = 1_000
  expect(places()).toBe(placesAProvider / 2)
})

test('what was under way with the first that was refused slows it no further', () => {
  const clock = { time: 0 }
  const { pace, places } = paceAt(clock)
  for (let refused = 0; refused < placesAProvider; refused++) pace.tooMany('resend', 1_000)
  clock.time = 1_000
  expect(places()).toBe(placesAProvider / 2)
})

test('it gets one place more each time that it has taken as many as it has places, up to all', () => {
  const clock = { time: 0 }
  const { pace, take, places } = paceAt(clock)
  for (let times = 0; times < 10; times++) {
    pace.tooMany('resend', 1_000)
    clock.time += 1_000
  }
  expect(places()).toBe(1)
  take(1)
  expect(places()).toBe(2)
  take(1)
  expect(places()).toBe(2)
  take(1)
  expect(places()).toBe(3)
  for (let expected = 3; expected < placesAProvider; expected++) take(expected)
  expect(places()).toBe(placesAProvider)
  take(1_000)
  expect(places()).toBe(placesAProvider)
})

test('a new send waits while the provider is given nothing, and while as many are under way as it has places', async () => {
  const clock = { time: 0 }
  const { pace } = paceAt(clock)
  const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const counted = [one, other].map(({ promise }) => pace.counted('resend', () => promise))
  expect(pace.waitsMs('resend')).toBeUndefined()
  for (let halved = 0; halved < 4; halved++) {
    pace.tooMany('resend', 1_000)
    expect(pace.waitsMs('resend')).toBe(1_000)
    clock.time += 1_000
  }
  expect([pace.places('resend'), pace.waitsMs('resend'), pace.waitsMs('twilio')]).toEqual([
    1,
    1_000,
    undefined,
  ])
  one.reject(new Error('refused'))
  await expect(counted[0]).rejects.toThrow('refused')
  expect(pace.waitsMs('resend')).toBe(1_000)
  other.resolve()
  await counted[1]
  expect(pace.waitsMs('resend')).toBeUndefined()
})
