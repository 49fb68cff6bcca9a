import { account, endAttempts, type Figures } from './account.ts'
import type { Load } from './load.ts'
import { abandonedAttempts, lateness } from './reminders.ts'
import { until } from './until.ts'
import type { ChaosWorld } from './world.ts'

/**
 * Ends a drill whose reminders (startReminders) were to be on time: stops its loads and its server, and accounts for all of it.
 * `killed`: a server was, so that what it had begun is of unknown outcome.
 * Wrong is also a reminder that went out early, or later than `latestSeconds`, and an attempt that was begun for nobody.
 */
export async function accountOnTime(
  name: string,
  world: ChaosWorld,
  loads: readonly Load[],
  { latestSeconds, killed = false }: { latestSeconds: number; killed?: boolean },
): Promise<Figures> {
  await Promise.all(loads.map((load) => load.stop()))
  await world.drained()
  await until('no reminder waits', async () => (await lateness(world.databaseUrl)).never === 0)
  const forNobody = await abandonedAttempts(world.databaseUrl)
  await world.servers[0]?.stop()
  const { reminders, latest, earliest } = await lateness(world.databaseUrl)
  await endAttempts(world.databaseUrl)
  const figures = await account(name, world.databaseUrl, world.ledger, world.sandbox)
  figures.notes.push(
    `${reminders} reminders, between ${earliest.toFixed(1)} and ${latest.toFixed(1)} s after they were due`,
  )
  if (latest > latestSeconds) figures.wrong.push(`a reminder went out ${latest.toFixed(0)} s late`)
  if (earliest < 0) figures.wrong.push(`a reminder went out ${-earliest.toFixed(0)} s early`)
  if (forNobody > 0 && !killed) figures.wrong.push(`${forNobody} attempts were begun for nobody`)
  return figures
}
