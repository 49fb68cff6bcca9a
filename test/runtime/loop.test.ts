import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLoop } from '#src/runtime/loop.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('the next round begins a while after the last has ended, never beside it', async () => {
  const ends: (() => void)[] = []
  const round = vi.fn(() => new Promise<void>((end) => ends.push(end)))
  const loop = createLoop(round, 1_000, () => {})
  loop.start()
  await vi.advanceTimersByTimeAsync(999)
  expect(round).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(round).toHaveBeenCalledTimes(1)
  ends.shift()?.()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(round).toHaveBeenCalledTimes(2)
})

it('a stop waits for the round under way, and none follows', async () => {
  let end = () => {}
  const round = vi.fn(() => new Promise<void>((done) => (end = done)))
  const loop = createLoop(round, 1_000, () => {})
  loop.start()
  await vi.advanceTimersByTimeAsync(1_000)
  let stopped = false
  const stop = loop.stop().then(() => (stopped = true))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(stopped).toBe(false)
  end()
  await stop
  await vi.advanceTimersByTimeAsync(10_000)
  expect(round).toHaveBeenCalledTimes(1)
})

it('rounds that fail in a row are told at once and then once a minute, and go on', async () => {
  let fails = true
  const failed = vi.fn()
  const loop = createLoop(
    async () => {
      if (fails) throw new Error('away')
    },
    1_000,
    failed,
  )
  loop.start()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(failed).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(failed).toHaveBeenCalledTimes(2)
  fails = false
  await vi.advanceTimersByTimeAsync(1_000)
  fails = true
  await vi.advanceTimersByTimeAsync(1_000)
  expect(failed).toHaveBeenCalledTimes(3)
  await loop.stop()
})

it('a stop tells the round under way', async () => {
  const round = vi.fn(
    (stopping: AbortSignal) =>
      new Promise<void>((done) => stopping.addEventListener('abort', () => done(), { once: true })),
  )
  const loop = createLoop(round, 1_000, () => {})
  loop.start()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(round).toHaveBeenCalledTimes(1)
  await loop.stop()
})
