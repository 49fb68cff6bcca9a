import { expect, test } from 'vitest'
import { createPlaces } from '#src/sending/places.ts'

const going = new AbortController().signal
/** Longer than a test may take: whoever waits so long is never told. */
const long = 600_000

function placesOf(count: number) {
  const resting = new Set<string>()
  const pace = {
    places: (provider: string) => (resting.has(provider) ? 0 : count),
    rests: (provider: string) => void resting.add(provider),
  }
  const places = createPlaces({ pace, oneByOne: new Set(['one by one']) })
  const ends: (() => void)[] = []
  const take = (provider: string, sends: number) => {
    for (let taken = 0; taken < sends; taken++) {
      const sending = Promise.withResolvers<void>()
      ends.push(sending.resolve)
      places.take(provider, `${provider} ${ends.length}`, sending.promise)
    }
  }
  return { places, take, end: (sends: number) => ends.splice(0, sends).forEach((ends) => void ends()) }
}

test('a provider that has all its places taken has no room, and others have', () => {
  const { places, take } = placesOf(4)
  take('twilio', 3)
  expect([places.room('twilio'), places.room('smtp')]).toEqual([4, 4])
  take('twilio', 1)
  expect([places.room('twilio'), places.room('smtp')]).toEqual([0, 4])
})

test('of what waits for its turn one is begun, and no other until it is known whether that was its turn', () => {
  const { places, take } = placesOf(4)
  expect(places.room('one by one')).toBe(1)
  take('one by one', 1)
  expect([places.room('one by one'), places.room('smtp')]).toEqual([0, 4])
})

test('whoever waits for room is told when half of the places are free again, and not before', async () => {
  const { places, take, end } = placesOf(4)
  take('twilio', 4)
  let told = false
  const waiting = places.again(['twilio'], long, going).then(() => {
    told = true
  })
  end(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(told).toBe(false)
  end(1)
  await waiting
})

test('where they are free already nobody waits', async () => {
  const { places, take } = placesOf(4)
  take('twilio', 2)
  await places.again(['twilio'], long, going)
})

test('what another provider has ended is not told', async () => {
  const { places, take, end } = placesOf(2)
  take('smtp', 2)
  take('twilio', 2)
  let told = false
  void places.again(['twilio'], long, going).then(() => {
    told = true
  })
  end(2)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(told).toBe(false)
})

test('a stop ends the wait, and so does its longest time', async () => {
  const { places, take } = placesOf(1)
  take('twilio', 1)
  const stop = new AbortController()
  const waiting = places.again(['twilio'], long, stop.signal)
  stop.abort()
  await waiting
  await places.again(['twilio'], 5, going)
})
