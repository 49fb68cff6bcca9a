import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../random.ts'
import { account, endAttempts, type Figures } from './account.ts'
import type { Postgres } from './postgres.ts'
import { until } from './until.ts'
import { type ChaosWorld, type Drill, startChaosWorld } from './world.ts'

const kills = 30

/**
 * kill -9 of the server at random moments under load, and of every fifth while the database is away and its spool holds
 * what it has acknowledged: the next process must find it there.
 */
export async function killDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const wanted = Math.max(3, Math.round(kills * share))
  const world = await startChaosWorld(postgres, 1)
  let spooling = 0
  try {
    await world.boot(0)
    const load = world.load(random, share)
    for (let number = 1; number <= wanted; number++) {
      if (number % 5 === 3) spooling += await killSpooling(world, postgres, random)
      else {
        await moment(world, random)
        await world.servers[0]?.kill()
      }
      await world.boot(0)
      say(
        `kill ${number} of ${wanted}, ${world.ledger.events.size} events and ${world.ledger.sends.size} sends so far`,
      )
    }
    await load.stop()
    await world.drained()
    // One more: no webhook is under way any more, but the repeats of sends that died may still wait for their outcome.
    await world.servers[0]?.kill()
    await endAttempts(world.databaseUrl)
    const figures = await account('kill', world.databaseUrl, world.ledger, world.sandbox)
    figures.notes.push(`${wanted} kills, ${spooling} of them with a spool that held something`)
    if (spooling === 0)
      figures.wrong.push('no kill met a spool that held something: nothing was proven about it')
    return figures
  } finally {
    await world.close()
  }
}

/** A while, or as long as some more events take: a server that has just come up is killed as well as a busy one. */
async function moment(world: ChaosWorld, random: Random): Promise<void> {
  if (random.below(3) === 0) return pause(random.below(1_000))
  const enough = world.ledger.events.size + random.below(150)
  await until('some more events have come', () => world.ledger.events.size >= enough)
}

/** Gives 1 where the spool of the killed server held something. */
async function killSpooling(world: ChaosWorld, postgres: Postgres, random: Random): Promise<number> {
  await postgres.crash()
  const enough = 2_000 + random.below(50_000)
  await until('the server spools', () => world.spooled() > enough)
  await world.servers[0]?.kill()
  const held = world.spooled()
  await postgres.start()
  return held > 0 ? 1 : 0
}
