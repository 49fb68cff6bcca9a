import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { query } from '../postgres/query.ts'
import type { Figures } from './account.ts'
import { accountOnTime } from './on-time.ts'
import { startReminders } from './reminders.ts'
import { until } from './until.ts'
import { type Drill, startChaosWorld } from './world.ts'

const minute = 60_000
const day = 24 * 60 * minute
/** How wrong the server's clock is, one after the other; between them it is right. */
const offsets = [20 * minute, -20 * minute, day, -day]
const seconds = 12
const latestSeconds = 15
/** The shortest pause between two attempts. */
const firstPauseSeconds = 15

/** The server's clock jumps ahead and behind under load: what is due goes out when it is due, by the clock of the database. */
export async function clockDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const world = await startChaosWorld(postgres, 1)
  const file = join(world.dataDir, 'clock')
  const set = (offset: number) => writeFileSync(file, String(offset))
  const lasts = share < 1 ? seconds / 4 : seconds
  try {
    set(0)
    const preload = new URL(`shifted-clock.ts?says=${encodeURIComponent(file)}`, import.meta.url).href
    await world.boot(0, ['env', `NODE_OPTIONS=--import=${preload}`])
    const loads = [world.load(random, share), startReminders(world, random)]
    await until('the load has begun', () => world.ledger.events.size > 50)
    for (const offset of offsets) {
      set(offset)
      await pause(lasts * 1_000)
      set(0)
      await pause(lasts * 500)
      say(`the clock was wrong by ${offset / minute} minutes, ${world.ledger.sends.size} sends so far`)
    }
    const figures = await accountOnTime('clock', world, loads, { latestSeconds })
    const hurried = await hurriedAttempts(world.databaseUrl)
    if (hurried > 0)
      figures.wrong.push(`${hurried} attempts came sooner than ${firstPauseSeconds} s after one`)
    return figures
  } finally {
    await world.close()
  }
}

async function hurriedAttempts(databaseUrl: string): Promise<number> {
  const [row] = await query(
    databaseUrl,
    `select count(*)::integer as attempts
     from message_attempts a
     join message_attempts next on next.message_id = a.message_id and next.number = a.number + 1
     where a.outcome = 'retryable' and next.begun_at < a.ended_at + interval '${firstPauseSeconds} seconds'`,
  )
  return Number(row?.attempts)
}
