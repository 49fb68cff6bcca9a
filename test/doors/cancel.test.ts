import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { becomes, bySms, bySmtp, comes, person, receivedBy, schedule, send } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 50 })
})
afterAll(() => world.stop())

describe('cancelling', () => {
  const cancel = (id: string) => world.call('POST', `/api/messages/${id}/cancel`)

  test('a scheduled message keeps it from being sent', async () => {
    const to = person(bySms, 'ok')
    const messageId = await schedule(world, bySms, to)
    const { status, body } = await cancel(messageId)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      success: true,
      message: { id: messageId, status: 'cancelled', nextAttemptAt: null },
    })
    expect((await cancel(messageId)).status).toBe(409)
    await comes(world, messageId)
    // Another message that is due later was taken: the worker has passed by the cancelled one.
    const later = await schedule(world, bySms, person(bySms, 'ok'))
    await comes(world, later)
    await becomes(world, later, { status: 'delivered' })
    expect(receivedBy(world, to)).toHaveLength(0)
  })

  test('a message that waits for its next attempt works too', async () => {
    const { body } = await send(world, bySms, person(bySms, 'busy'))
    expect(body.status).toBe('queued')
    expect(await cancel(body.messageId)).toMatchObject({
      status: 200,
      body: { message: { status: 'cancelled' } },
    })
  })

  test('a message that went out is too late', async () => {
    const { body: sent } = await send(world, bySmtp, person(bySmtp, 'silent'))
    expect(await cancel(sent.messageId)).toMatchObject({
      status: 409,
      body: { success: false, error: { code: 'too_late', status: 'sent' } },
    })
  })
})
