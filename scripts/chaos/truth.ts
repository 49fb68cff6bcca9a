import { setTimeout as pause } from 'node:timers/promises'
import { readiness, type ServerProcess } from './server.ts'

/** What is known of the database from outside: `up` and `down` for sure, or neither while it changes. */
export type Known = 'up' | 'down' | 'changing'

const everyMs = 50
/** After the database is back a server has so long to notice it. */
const graceMs = 5_000

/**
 * Asks a server again and again whether it is ready, and compares what it says with what is so: never 200 while the
 * database is away or a journal lies on the disk, never 503 for long while all is well.
 */
export function startWitness(server: () => ServerProcess | undefined, spooled: () => number) {
  let known: Known = 'up'
  let upSince = performance.now()
  let stopped = false
  const lies: string[] = []
  const samples = { ready: 0, unready: 0 }

  async function sample(url: string): Promise<void> {
    const before = { known, spooled: spooled(), at: performance.now() }
    const said = await readiness(url)
    if (said === undefined) return
    const after = { known, spooled: spooled() }
    samples[said.status === 200 ? 'ready' : 'unready']++
    if (said.status === 200 && before.known === 'down' && after.known === 'down')
      lies.push('ready while the database was away')
    if (said.status === 200 && before.spooled > 0 && after.spooled > 0)
      lies.push(`ready while ${before.spooled} bytes lay in the spool`)
    const well = before.known === 'up' && after.known === 'up' && before.spooled + after.spooled === 0
    // What was spooled and drained between two looks at the disk was not a lie.
    if (said.status !== 200 && well && before.at - upSince > graceMs && !said.text.includes('spool'))
      lies.push(`not ready while all was well: ${said.text}`)
  }

  async function witness(): Promise<void> {
    while (!stopped) {
      const running = server()
      if (running?.running()) await sample(running.url)
      await pause(everyMs)
    }
  }

  const witnessing = witness()
  return {
    tell(now: Known) {
      if (now === 'up' && known !== 'up') upSince = performance.now()
      known = now
    },
    samples,
    /** Ends it; gives what was not true. */
    async stop(): Promise<string[]> {
      stopped = true
      await witnessing
      return lies
    },
  }
}
