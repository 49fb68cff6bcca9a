import { expect, test } from 'vitest'
import type { Json } from '#src/model/json.ts'
import { createCounting } from '#src/upkeep/counting.ts'
import { askedStore } from '../patience/asked-store.ts'

const more = (answer: boolean): Json => ({ more: answer })
const going = new AbortController().signal

test('hours are counted 13 hours after their end, 2,000 messages at a time, and events are marked after 3 hours, 500 at a time', async () => {
  const { store, asked } = askedStore({ count_messages: more(false), settle_events: more(false) })
  await createCounting({ store }).round(going)
  expect(asked('count_messages')).toEqual([{ settled_seconds: 13 * 3_600, at_most: 2_000 }])
  expect(asked('settle_events')).toEqual([{ settled_seconds: 3 * 3_600, at_most: 500 }])
})

test('a round goes on while there is more, a hundred times at most', async () => {
  let left = 3
  const { store, asked } = askedStore({
    count_messages: () => more(--left > 0),
    settle_events: more(true),
  })
  await createCounting({ store }).round(going)
  expect(asked('count_messages')).toHaveLength(3)
  expect(asked('settle_events')).toHaveLength(100)
})

test('a stop ends the round', async () => {
  const stopping = new AbortController()
  const { store, asked } = askedStore({
    count_messages: () => {
      stopping.abort()
      return more(true)
    },
  })
  await createCounting({ store }).round(stopping.signal)
  expect(asked('count_messages')).toHaveLength(1)
  expect(asked('settle_events')).toHaveLength(0)
})
