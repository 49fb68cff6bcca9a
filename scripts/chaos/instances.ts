import { account, endAttempts, type Figures } from './account.ts'
import { sameMessages } from './same-messages.ts'
import { until } from './until.ts'
import { type Drill, startChaosWorld } from './world.ts'

/**
 * Several servers on one database and one data folder. While the database is away all of them spool; one is killed with
 * what it has acknowledged, and the others adopt that. Then they are all told of the same twenty messages at once.
 */
export function instancesDrill(count: number) {
  return async ({ postgres, random, say, share }: Drill): Promise<Figures> => {
    const world = await startChaosWorld(postgres, count)
    try {
      await Promise.all(Array.from({ length: count }, (_, index) => world.boot(index)))
      const load = world.load(random, share)
      await until('the load has begun', () => world.ledger.events.size > 100)
      await postgres.crash()
      await until('the servers spool', () => world.spooled() > 10_000 * count)
      await world.servers[count - 1]?.kill()
      say(`${count} servers, one killed with ${world.spooled()} bytes in the spools`)
      await postgres.start()
      const before = world.ledger.events.size
      await until('the others go on', () => world.ledger.events.size > before + 200)
      await load.stop()
      await world.drained()
      await world.boot(count - 1)
      const facts = await sameMessages(world, random, share)
      await world.drained()
      await Promise.all(world.servers.map(({ kill }) => kill()))
      await endAttempts(world.databaseUrl)
      const figures = await account(`${count} instances`, world.databaseUrl, world.ledger, world.sandbox)
      figures.notes.push(...facts.notes)
      figures.wrong.push(...facts.wrong)
      return figures
    } finally {
      await world.close()
    }
  }
}
