import { createLog } from '#src/runtime/log.ts'
import { openSpool } from '#src/spool/spool.ts'

/** Opens a spool in a folder, appends what it is told, one word at a time, says each when it is durable, and waits. */
const [dataDir = '', ...words] = process.argv.slice(2)
const log = createLog({ level: 'error', runId: 'held' })
const spool = await openSpool({ dataDir, log, now: () => new Date() })
for (const word of words) {
  await spool.append(Buffer.from(word))
  process.stdout.write(`${word}\n`)
}
process.stdout.write('.\n')
// Named in here, it is not garbage: a collected spool has let its lock go.
setInterval(() => spool.pending(), 60_000)
