import { afterAll, beforeAll, expect, test } from 'vitest'
import { byGreenapi, bySms, byTwilio, person, receivedBy, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'

const delayMs = 600_000
let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { GREEN_API_DELAY_MS: String(delayMs) } })
})
afterAll(() => world.stop())

test('a message that would wait too long for its turn is sent later, and holds up nobody else', async () => {
  expect((await send(world, byGreenapi, person(byGreenapi, 'ok'))).status).toBe(200)
  const asked = Date.now()
  const later = [person(byGreenapi, 'ok'), person(byGreenapi, 'ok')]
  const answers = await Promise.all(later.map((to) => send(world, byGreenapi, to)))
  const times = answers.map(({ status, body }) => {
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
    return Date.parse(body.nextAttemptAt) - asked
  })
  times.sort((one, other) => one - other)
  // A turn is not given before the delay has passed; some of it had passed before we asked.
  expect(times[0]).toBeGreaterThan(delayMs - 60_000)
  expect(times[1]).toBeGreaterThan(2 * delayMs - 60_000)
  for (const to of later) expect(receivedBy(world, to)).toEqual([])
  expect((await shown(world, answers[0]?.body.messageId)).message).toMatchObject({ errorCode: 'paced' })
  for (const way of [byTwilio, bySms]) expect((await send(world, way, person(way, 'ok'))).status).toBe(200)
})
