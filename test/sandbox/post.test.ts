import { expect, test } from 'vitest'
import { createPost, type Delivery } from '#sandbox/post.ts'
import { startReceiver } from '#support/receiver.ts'

test('at most 50 webhooks are under way, and idle waits for the last', async () => {
  const receiver = await startReceiver()
  const open = Promise.withResolvers<number>()
  receiver.answer = () => open.promise
  const post = createPost({ now: () => new Date(), log: () => {} })
  const delivery: Delivery = {
    provider: 'twilio',
    url: receiver.url,
    tells: 'sent',
    timeoutMs: 15_000,
    request: () => ({ headers: {}, body: '' }),
  }
  for (let count = 0; count < 70; count++) void post.send(delivery)
  await expect.poll(() => receiver.arrived.length, { timeout: 10_000 }).toBe(50)
  expect(post.attempts()).toEqual([])
  open.resolve(200)
  await post.idle()
  expect(receiver.arrived).toHaveLength(70)
  expect(post.attempts().map(({ status }) => status)).toEqual(Array(70).fill(200))
})

test('a receiver that is not there is noted as never connected', async () => {
  const post = createPost({ now: () => new Date(), log: () => {} })
  const { url, stop } = await startReceiver()
  await stop()
  const request = () => ({ headers: {}, body: '' })
  const answer = await post.send({ provider: 'twilio', url, tells: 'sent', timeoutMs: 5_000, request })
  expect(answer).toEqual({ status: null, failure: 'connect', contentType: '' })
})
