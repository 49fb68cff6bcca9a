import { setTimeout as pause } from 'node:timers/promises'
import { account, endAttempts, type Figures } from './account.ts'
import { lateness, openAttempts, startReminders } from './reminders.ts'
import { until } from './until.ts'
import { type Drill, startChaosWorld } from './world.ts'

const stops = 15
/** What a container is given, where nobody says otherwise, is ten seconds. */
const longestSeconds = 10

/** SIGTERM at random moments under load: it ends soon, with 0, and leaves nothing behind that it had begun. */
export async function stopDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const wanted = Math.max(3, Math.round(stops * share))
  const world = await startChaosWorld(postgres, 1)
  const wrong: string[] = []
  let slowest = 0
  try {
    await world.boot(0)
    const loads = [world.load(random, share), startReminders(world, random)]
    for (let number = 1; number <= wanted; number++) {
      await pause(random.below(4_000))
      const since = performance.now()
      const code = await world.servers[0]?.stop()
      slowest = Math.max(slowest, (performance.now() - since) / 1_000)
      if (code !== 0) wrong.push(`stop ${number} ended with ${code}`)
      const left = await openAttempts(world.databaseUrl)
      if (left > 0) wrong.push(`stop ${number} left ${left} attempts that it had begun`)
      await world.boot(0)
      say(`stop ${number} of ${wanted}, ${world.ledger.sends.size} sends so far`)
    }
    await Promise.all(loads.map((load) => load.stop()))
    await world.drained()
    await until('no reminder waits', async () => (await lateness(world.databaseUrl)).never === 0)
    await world.servers[0]?.stop()
    await endAttempts(world.databaseUrl)
    const figures = await account('stop', world.databaseUrl, world.ledger, world.sandbox)
    figures.notes.push(`${wanted} stops, the slowest ${slowest.toFixed(1)} s`)
    if (slowest > longestSeconds) wrong.push(`a stop took ${slowest.toFixed(1)} s`)
    figures.wrong.push(...wrong)
    return figures
  } finally {
    await world.close()
  }
}
