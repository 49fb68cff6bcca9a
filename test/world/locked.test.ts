import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { becomes, byTwilio, comes, person, receivedBy, schedule, send, shown } from '#support/sends.ts'
import { fromTwilio, post } from '#support/signed.ts'
import { twilioStatus } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

/** The lock of a migration or a dashboard, for longer than any caller waits: calls give up, and their backends go on. */
let world: World
beforeAll(async () => {
  world = await startWorld({ workerEveryMs: 100 })
})
afterAll(() => world.stop())

test.each(['messages', 'message_attempts'])(
  'a lock of 12 seconds on %s: what is due goes out once, nothing is unknown, nothing that was refused is sent',
  async (table) => {
    const people = Array.from({ length: 40 }, () => person(byTwilio, 'ok'))
    const ids = await Promise.all(people.map((to) => schedule(world, byTwilio, to)))
    const known = await send(world, byTwilio, person(byTwilio, 'silent'))
    const locker = new pg.Client({ connectionString: world.database.url })
    await locker.connect()
    await comes(world, ...ids)
    await locker.query(`begin; lock table ${table} in access exclusive mode`)
    const refused = person(byTwilio, 'ok')
    const scheduled = person(byTwilio, 'ok')
    const inAnHour = { sendAt: new Date(Date.now() + 3_600_000).toISOString() }
    const meanwhile = Promise.all([
      send(world, byTwilio, refused),
      send(world, byTwilio, scheduled, inAnHour),
      post(
        world.url,
        fromTwilio(twilioStatus({ to: 'x', entityId: known.body.entityId }, 'read'), { baseUrl: world.url }),
      ),
    ])
    await pause(12_000)
    await locker.query('commit')
    await locker.end()
    const [atOnce, later, webhook] = await meanwhile
    expect(webhook.status).toBeLessThan(300)
    for (const id of ids) await becomes(world, id, { providerMessageId: expect.anything() })
    for (const [index, to] of people.entries()) {
      expect(receivedBy(world, to)).toHaveLength(1)
      const { attempts } = await shown(world, ids[index] ?? '')
      expect(attempts.map((attempt: { outcome: string }) => attempt.outcome)).toEqual(['accepted'])
    }
    await becomes(world, known.body.messageId, { status: 'read' })
    // A caller that was told 503 may ask again: nothing of it is left, and nothing of it goes out.
    const answers = [
      { to: refused, answer: atOnce },
      { to: scheduled, answer: later },
    ]
    expect(answers.map(({ answer }) => answer.status)).toContain(503)
    for (const { to, answer } of answers) {
      if (answer.status < 300) continue
      expect(answer.status).toBe(503)
      const left = async () => world.database.query(`select 1 from messages where recipient = $1`, [to])
      await expect.poll(left, { timeout: 20_000 }).toEqual([])
      expect(receivedBy(world, to)).toEqual([])
    }
  },
)
