import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { bearer, becomes, byGreenapi, person, receivedBy, send } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
let ops: Record<string, string>
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 20 })
  ops = await bearer(world, 't1', true)
  // The server asks for the state when it starts: later, it would hear that the phone is away.
  await vi.waitFor(
    async () => expect(await world.database.query('select from provider_states')).toHaveLength(1),
    { timeout: 30_000, interval: 20 },
  )
})
afterAll(() => world.stop())

const revive = (messageId: string) =>
  world.call('POST', `/api/dead-letters/${messageId}/replay`, undefined, ops)

async function listed(): Promise<unknown[]> {
  const { body } = await world.call('GET', '/api/dead-letters?limit=200', undefined, ops)
  return body.messages.map(({ id }: { id: string }) => id)
}

/** Green-API held it for a phone that is away, and it was taken back. */
async function takenBack(more: object = {}) {
  const to = person(byGreenapi, 'ok')
  world.sandbox.setBaseUrl('http://127.0.0.1:9')
  await world.sandbox.setGreenapiState('notAuthorized')
  const { body } = await send(world, byGreenapi, to, more)
  world.sandbox.setBaseUrl(world.url)
  // Told once more: the sandbox gives up after a second.
  await world.sandbox.setGreenapiState('notAuthorized')
  await world.settled()
  await world.database.query(`update provider_states set closed_at = now() - interval '11 minutes'`)
  const { message } = await becomes(world, body.messageId, { status: 'failed', errorCode: 'cleared' })
  return { to, messageId: String(message.id) }
}

test('what was taken back is a dead letter: revived, it goes out once, when the phone is back', async () => {
  const { to, messageId } = await takenBack()
  expect(await listed()).toEqual([messageId])
  expect(await revive(messageId)).toMatchObject({
    status: 202,
    body: { message: { status: 'queued', errorCode: null } },
  })
  expect((await revive(messageId)).status).toBe(409)
  expect(await listed()).toEqual([])
  await world.sandbox.setGreenapiState('authorized')
  const { message, events, attempts } = await becomes(world, messageId, { status: 'read' })
  expect(message).toMatchObject({ provider: 'greenapi', attempts: 2, failedAt: null })
  expect(events).toContainEqual(expect.objectContaining({ type: 'failed', code: 'cleared' }))
  expect(attempts).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }])
  expect(receivedBy(world, to)).toHaveLength(2)
  expect((await revive(messageId)).status).toBe(409)
})
