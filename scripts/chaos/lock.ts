import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Figures } from './account.ts'
import { accountOnTime } from './on-time.ts'
import { startReminders } from './reminders.ts'
import { until } from './until.ts'
import { type ChaosWorld, type Drill, startChaosWorld } from './world.ts'

/** Who locks what, as it happens: a migration, one that waits behind a dashboard's query, and a rewrite of a table. */
const lockers = {
  migration: ['lock table messages, message_attempts, message_events in access exclusive mode'],
  dashboard: ['select count(*) from messages', 'lock table message_events in share mode'],
  vacuum: ['lock table message_events in access exclusive mode'],
} as const satisfies Record<string, readonly string[]>

const spans = [5, 20, 60]
const shortSpan = 7
/** After a lock is gone: what waited for it, and what waited for that. */
const graceSeconds = 20

/** The database locked for some seconds up to a minute under load, by each of `lockers`: late is what nothing may be for long. */
export async function lockDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const world = await startChaosWorld(postgres, 1)
  const locks = Object.keys(lockers).map((who, index) => ({
    who: who as keyof typeof lockers,
    seconds: share < 1 ? shortSpan : (spans[index] ?? shortSpan),
  }))
  try {
    await world.boot(0)
    const loads = [world.load(random, share), startReminders(world, random)]
    await until('the load has begun', () => world.ledger.events.size > 50)
    for (const { who, seconds } of locks) {
      await locked(world, lockers[who], seconds)
      await until('the spool is empty', () => world.spooled() === 0)
      say(`locked for ${seconds} s by a ${who}, ${world.ledger.events.size} events so far`)
    }
    const longest = Math.max(...locks.map(({ seconds }) => seconds))
    const figures = await accountOnTime('lock', world, loads, {
      latestSeconds: longest + graceSeconds,
    })
    figures.notes.push(`locks of ${locks.map(({ seconds }) => seconds).join(', ')} s`)
    return figures
  } finally {
    await world.close()
  }
}

async function locked(world: ChaosWorld, statements: readonly string[], seconds: number): Promise<void> {
  const client = new pg.Client({ connectionString: world.databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    for (const statement of statements) await client.query(statement)
    await pause(seconds * 1_000)
    await client.query('commit')
  } finally {
    await client.end()
  }
}
