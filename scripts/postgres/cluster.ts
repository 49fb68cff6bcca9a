import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ConfigurationError } from '#src/model/errors.ts'
import { freePort } from '../free-port.ts'
import type { Place } from './place.ts'

/** A PostgreSQL on a port of loopback, with databases of its own. */
export interface Cluster {
  url: string
  /** Resolves when it takes connections. */
  start(): Promise<void>
  /** Ends it at once, as a power cut would: no checkpoint, the next start recovers from the log. */
  crash(): Promise<void>
}

/** What is the same for all: no socket in the file system, whose path could be too long or not ours. */
const always = { listen_addresses: '127.0.0.1', unix_socket_directories: '' }

/**
 * A cluster in this place, not started yet. `settings` are PostgreSQL's own, by name. Throws ConfigurationError where
 * initdb makes none.
 */
export async function createCluster(place: Place, settings: Record<string, string>): Promise<Cluster> {
  const data = join(place.folder, 'data')
  // Whoever else is on this machine could become the superuser by a password that stands in the sources.
  const password = randomBytes(16).toString('hex')
  initialise(place, data, password, settings.fsync === 'off')
  const port = await freePort()
  const flags = Object.entries({ ...always, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  let server: ChildProcess | undefined
  return {
    // It speaks no TLS; a PGSSLMODE that asks for it means another.
    url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable`,
    async start() {
      server = spawn(join(place.programs, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
        ...surroundings(place),
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      await ready(server)
    },
    async crash() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return
      const ended = once(server, 'exit')
      server.kill('SIGQUIT')
      await ended
    },
  }
}

function initialise(place: Place, data: string, password: string, hasty: boolean): void {
  const passwordFile = join(place.folder, 'password')
  try {
    writeFileSync(passwordFile, `${password}\n`)
    // For the account to read, whatever the umask: its folder lets nobody else in.
    chmodSync(passwordFile, 0o644)
  } catch (cause) {
    throw new ConfigurationError(`PostgreSQL: cannot be set up (is there room in ${place.folder}?)`, {
      cause,
    })
  }
  const made = spawnSync(
    join(place.programs, 'initdb'),
    [
      `--pgdata=${data}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--username=postgres',
      '--encoding=UTF8',
      '--locale=C',
      ...(hasty ? ['--no-sync'] : []),
    ],
    { ...surroundings(place), encoding: 'utf8' },
  )
  if (made.status === 0) return
  const words = made.error?.message ?? tellingLine(made.stderr.split('\n'))
  const remedy = words.includes('user does not exist')
    ? 'start this as a user of /etc/passwd, or set DATABASE_URL where the command takes one'
    : `is there room in ${place.folder}?`
  throw new ConfigurationError(`PostgreSQL: cannot be set up (${words}: ${remedy})`)
}

/**
 * The environment of whoever starts it, but for what steers another PostgreSQL; its messages in the language in which they
 * are read here.
 */
function surroundings({ folder, account }: Place) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))
  return { ...account, cwd: folder, env: { ...Object.fromEntries(own), LC_ALL: 'C' } }
}

async function ready(server: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const last: string[] = []
  if (server.stderr)
    // Read to the end, or it would stand still when the pipe is full. Tests cause errors on purpose: nobody is told.
    createInterface(server.stderr).on('line', (line) => {
      last.splice(0, last.length, ...last.slice(-10), line)
      if (line.includes('ready to accept connections')) resolve()
    })
  const ended = () => reject(new ConfigurationError(`PostgreSQL: does not start (${tellingLine(last)})`))
  server.once('error', ended).once('close', ended)
  await promise
}

/** The line that tells what was wrong; behind it stand what followed from it and what was cleared away. */
function tellingLine(lines: readonly string[]): string {
  const telling = lines.find((line) => /error|fatal|panic/i.test(line)) ?? lines.filter(Boolean).at(-1)
  return telling?.trim() ?? 'it said nothing'
}
