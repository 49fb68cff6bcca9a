import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { query } from '../postgres/query.ts'
import type { Random } from '../random.ts'
import type { Load } from './load.ts'
import { until } from './until.ts'
import type { ChaosWorld } from './world.ts'

const everyMs = 200
const dueAfterMs = 2_000
const lateRow = z.object({
  reminders: z.number(),
  never: z.number(),
  latest: z.number(),
  earliest: z.number(),
})
const scheduled = z.object({ messageId: z.uuid() })

/** A reminder five times a second, each due two seconds later: whatever happens meanwhile, time goes on. */
export function startReminders(world: ChaosWorld, random: Random): Load {
  let stopped = false

  async function schedule(): Promise<void> {
    const key = `chaos-${randomUUID()}`
    const to = `+336${String(random.below(1_000_000)).padStart(6, '0')}70`
    const sendAt = new Date(Date.now() + dueAfterMs).toISOString()
    const response = await fetch(`${world.baseUrl}/api/sms/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to, body: key, sendAt, idempotencyKey: key }),
      signal: AbortSignal.timeout(30_000),
    }).catch(() => undefined)
    world.ledger.sends.set(key, response?.ok ? scheduled.parse(await response.json()).messageId : undefined)
  }

  async function again(): Promise<void> {
    const scheduling: Promise<void>[] = []
    while (!stopped) {
      scheduling.push(schedule())
      await pause(everyMs)
    }
    await Promise.all(scheduling)
  }

  const running = again()
  return {
    async stop() {
      stopped = true
      await running
    },
  }
}

/** How many reminders there were, how many of them were never begun, and how long after they were due the others were, in s. */
export async function lateness(databaseUrl: string) {
  const [row] = await query(
    databaseUrl,
    `select count(*)::integer as reminders,
       count(*) filter (where first.begun_at is null)::integer as never,
       coalesce(max(extract(epoch from first.begun_at - m.send_at)), 0)::float as latest,
       coalesce(min(extract(epoch from first.begun_at - m.send_at)), 0)::float as earliest
     from messages m
     cross join lateral (select min(begun_at) as begun_at from message_attempts a where a.message_id = m.id) first
     where m.send_at is not null`,
  )
  return lateRow.parse(row)
}

/** Attempts that have not ended: none of a process that was stopped. */
export const openAttempts = (databaseUrl: string) => count(databaseUrl, 'ended_at is null')

/** Attempts of which their own process heard nothing, once none is under way any more. */
export async function abandonedAttempts(databaseUrl: string): Promise<number> {
  await until('no attempt is under way', async () => (await openAttempts(databaseUrl)) === 0)
  return count(databaseUrl, `error_code = 'attempt_not_ended'`)
}

async function count(databaseUrl: string, which: string): Promise<number> {
  const [row] = await query(
    databaseUrl,
    `select count(*)::integer as attempts from message_attempts where ${which}`,
  )
  return Number(row?.attempts)
}
