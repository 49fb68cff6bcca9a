import { describe, expect, it } from 'vitest'
import { createPace } from '#providers/greenapi/pace.ts'
import { greenapiSend } from '#providers/greenapi/send.ts'
import { ProviderError } from '#src/model/errors.ts'
import { text } from '#support/heard.ts'
import { localApi } from '#support/local-api.ts'

/** Whoever waits is let go when the clock, which nobody but the test moves, says so. */
function paced(delayMs: number, random = 0) {
  let time = 5_000
  const waiting: { until: number; go: () => void }[] = []
  const pace = createPace({
    delayMs,
    clock: () => time,
    random: () => random,
    pause: (ms) => new Promise((go) => waiting.push({ until: time + ms, go })),
  })
  const gone: number[] = []
  return {
    gone,
    async take(number: number) {
      await pace()
      gone.push(number)
    },
    async passes(ms: number) {
      time += ms
      for (const one of waiting) if (one.until <= time) one.go()
      await new Promise(setImmediate)
    },
  }
}

const refusal = (taking: Promise<void>) =>
  taking.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('messages to Green-API', () => {
  it('go out one after another, in their order, with the delay between two', async () => {
    const { take, passes, gone } = paced(1_000)
    const all = [1, 2, 3].map(take)
    await passes(0)
    expect(gone).toEqual([1])
    await passes(999)
    expect(gone).toEqual([1])
    await passes(1)
    expect(gone).toEqual([1, 2])
    await passes(1_000)
    expect(gone).toEqual([1, 2, 3])
    await Promise.all(all)
  })

  it('go out at once after a silence', async () => {
    const { take, passes, gone } = paced(1_000)
    await take(1)
    await passes(1_000)
    await take(2)
    expect(gone).toEqual([1, 2])
  })

  it('are up to half as much again apart', async () => {
    const { take, passes, gone } = paced(1_000, 0.999)
    await take(1)
    const second = take(2)
    await passes(1_499)
    expect(gone).toEqual([1])
    await passes(1)
    await second
  })

  it('are not held where the line is longer than eight seconds: each is told another time to come back', async () => {
    const { take, passes, gone } = paced(3_000)
    const waits = [1, 2, 3].map(take)
    const sentAway = await Promise.all([4, 5, 6].map((number) => refusal(take(number))))
    expect(sentAway).toMatchObject(
      [9_000, 12_000, 15_000].map((retryAfterMs) => ({
        provider: 'greenapi',
        certainty: 'retryable',
        providerCode: 'paced',
        retryAfterMs,
      })),
    )
    for (const error of sentAway) expect(error).toBeInstanceOf(ProviderError)
    await passes(9_000)
    await Promise.all(waits)
    await take(4)
    expect(gone).toEqual([1, 2, 3, 4])
  })

  it('without a delay all go at once', async () => {
    const { take, gone } = paced(0)
    await Promise.all([1, 2, 3].map(take))
    expect(gone).toEqual([1, 2, 3])
  })

  it('that cannot be sent anyway take no turn, and one that was sent away was surely not sent', async () => {
    const api = await localApi(() => ({ status: 200, body: { idMessage: 'A' } }))
    const pace = createPace({ delayMs: 60_000 })
    const now = () => new Date()
    const send = greenapiSend({ instanceId: '1101000001', token: 't', apiUrl: api.url, now, pace })
    await expect(send({ ...text('+33612345678'), body: 'x'.repeat(20_001) })).rejects.toThrow('longer')
    await send(text('+33612345678'))
    await expect(send(text('+33612345678'))).rejects.toMatchObject({ providerCode: 'paced' })
    expect(api.requests).toHaveLength(1)
  })
})
