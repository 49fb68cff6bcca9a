import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { signToken } from '#src/api/token.ts'
import { freePort } from '../free-port.ts'
import type { Random } from '../random.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createLedger, type Ledger, type Load, startLoad } from './load.ts'
import type { Postgres } from './postgres.ts'
import { bootServer, readiness, type ServerProcess } from './server.ts'
import { until } from './until.ts'

/** What every drill is given. */
export interface Drill {
  postgres: Postgres
  random: Random
  /** One line of progress. */
  say: (text: string) => void
  /** How much of the full drill: 1 is all of it, tests take a part. */
  share: number
}

/** A database, a sandbox and a data folder of a drill's own, and as many servers on them as it boots. */
export interface ChaosWorld {
  databaseUrl: string
  dataDir: string
  sandbox: Sandbox
  ledger: Ledger
  token: string
  /** Of the first server: what all of them believe to be their public address. */
  baseUrl: string
  servers: ServerProcess[]
  /** Boots a server, on the port of the one it replaces. */
  boot(index: number, command?: readonly string[], file?: string): Promise<ServerProcess>
  load(random: Random, share: number): Load
  /** Until every server says that it is ready and no journal is on the disk. */
  drained(): Promise<void>
  /** The bytes of all journals on the disk. */
  spooled(): number
  close(): Promise<void>
}

const secret = 'the-secret-of-the-chaos-only-0123456789'
let worlds = 0

export async function startChaosWorld(
  postgres: Postgres,
  count: number,
  dataDir = temporaryFolder('max-comms-chaos-'),
  migrateTo?: (url: string) => Promise<void>,
): Promise<ChaosWorld> {
  const databaseUrl = await postgres.database(`chaos_${process.pid}_${worlds++}`, migrateTo)
  const ports: number[] = []
  for (let index = 0; index < count; index++) ports.push(await freePort())
  const baseUrl = `http://127.0.0.1:${ports[0]}`
  const sandbox = await startSandbox({ baseUrl, delayMs: 0, holdMs: 1_000 })
  const environment = {
    ...sandbox.environment,
    // The drills account for webhooks and sends; a CRM would only slow them.
    ESPOCRM_URL: '',
    ESPOCRM_API_KEY: '',
    NODE_ENV: 'test',
    BASE_URL: baseUrl,
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    JWT_SECRET: secret,
  }
  const servers: ServerProcess[] = []
  const ledger = createLedger()
  const loads: Load[] = []
  const token = await signToken(secret, { tenantId: 'chaos', expires: '30d' })
  const spooled = () => journalBytes(join(dataDir, 'spool'))

  async function boot(index: number, command?: readonly string[], file?: string): Promise<ServerProcess> {
    const server = await bootServer(environment, ports[index] ?? 0, command, file)
    servers[index] = server
    return server
  }

  return {
    databaseUrl,
    dataDir,
    sandbox,
    ledger,
    token,
    baseUrl,
    servers,
    boot,
    load(random, share) {
      const crowd = share < 1 ? 4 : 8
      const load = startLoad({ urls: () => urlsOf(servers), baseUrl, token, ledger, random, crowd })
      loads.push(load)
      return load
    },
    spooled,
    drained: () => drained(servers, spooled),
    async close() {
      // Of a drill that failed it may still be running, and would keep the process from ending.
      await Promise.all(loads.map((load) => load.stop()))
      await Promise.all(servers.filter(({ running }) => running()).map(({ kill }) => kill()))
      await sandbox.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function drained(servers: readonly ServerProcess[], spooled: () => number): Promise<void> {
  const running = servers.filter((server) => server.running())
  let states: unknown[] = []
  const ready = async () => {
    const answers = await Promise.all(running.map(({ url }) => readiness(url)))
    states = answers.map((answer) => answer?.text)
    return answers.every((answer) => answer?.status === 200) && spooled() === 0
  }
  await until('every server is ready and every spool empty', ready).catch((error) => {
    const facts = running.map((server) => JSON.stringify([...server.facts]))
    const errors = running.flatMap((server) => server.errors.slice(-3))
    throw new Error([`${error}; ${spooled()} bytes left`, ...states, ...facts, ...errors].join('\n'))
  })
}

/** Where a request may go: the servers that run, or the first one's address while none does. */
function urlsOf(servers: readonly ServerProcess[]): string[] {
  const running = servers.filter((server) => server.running()).map(({ url }) => url)
  return running.length > 0 ? running : servers.slice(0, 1).map(({ url }) => url)
}

function journalBytes(base: string): number {
  return readdirSync(base).reduce((sum, name) => sum + folderBytes(join(base, name)), 0)
}

function folderBytes(folder: string): number {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.journal'))
      .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
  } catch {
    // Drained and removed by whoever adopted it, while we looked.
    return 0
  }
}
