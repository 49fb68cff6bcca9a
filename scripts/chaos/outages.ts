import { setTimeout as pause } from 'node:timers/promises'
import { account, endAttempts, type Figures } from './account.ts'
import { startWitness } from './truth.ts'
import { until } from './until.ts'
import { type Drill, startChaosWorld } from './world.ts'

const outages = 5

/** PostgreSQL crashed and started again under load; all the while the ready check is compared with the truth. */
export async function outageDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const wanted = Math.max(1, Math.round(outages * share))
  const world = await startChaosWorld(postgres, 1)
  const witness = startWitness(() => world.servers[0], world.spooled)
  let behind = 0
  try {
    await world.boot(0)
    const load = world.load(random, share)
    await until('the load has begun', () => world.ledger.events.size > 50)
    for (let number = 1; number <= wanted; number++) {
      witness.tell('changing')
      await postgres.crash()
      witness.tell('down')
      await until('the server spools', () => world.spooled() > 10_000)
      await pause(share === 1 ? 1_000 + random.below(3_000) : 500)
      witness.tell('changing')
      await postgres.start()
      witness.tell('up')
      // A machine with too much to do may not get to the end of it under load: then it must say so, which is seen.
      await until('the spool is empty', () => world.spooled() === 0, 30_000).catch(() => behind++)
      say(`outage ${number} of ${wanted}, ${world.ledger.events.size} events so far`)
      // A while in which all is well, so that a server that cries wolf is seen.
      await pause(share === 1 ? 1_500 : 200)
    }
    await load.stop()
    await world.drained()
    const lies = await witness.stop()
    await world.servers[0]?.stop()
    await endAttempts(world.databaseUrl)
    const figures = await account('postgres', world.databaseUrl, world.ledger, world.sandbox)
    const { ready, unready } = witness.samples
    figures.notes.push(
      `${wanted} outages, ${behind} not made up for within 30 s of load; the ready check: ${ready} times 200, ${unready} times 503`,
    )
    figures.wrong.push(...lies)
    if (unready === 0) figures.wrong.push('the ready check never said 503')
    return figures
  } finally {
    await witness.stop()
    await world.close()
  }
}
