import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { config as readDotenv } from 'dotenv'
import { openCrm } from '#src/crm/open.ts'
import { crmEntries, providerEntries } from '../providers/index.ts'
import { keptSecret } from './api/token.ts'
import { banner } from './banner.ts'
import { openProviders } from './carriers/providers.ts'
import { readConfig } from './config.ts'
import type { Environment, Provider } from './contract/provider.ts'
import type { Resolve } from './email/domain-findings.ts'
import { createHouse } from './house.ts'
import { ConfigurationError } from './model/errors.ts'
import { listen } from './runtime/listen.ts'
import { createLog, type Log, type OwnLog } from './runtime/log.ts'
import { openSpool } from './spool/spool.ts'
import type { Moment } from './store/call.ts'
import { StoreError } from './store/database.ts'
import { schemaMismatch } from './store/migrate.ts'
import { type DatabaseChoice, openDatabase } from './store/open.ts'
import { createStore, type Store } from './store/store.ts'

export interface Server {
  /** Where it listens: `http://127.0.0.1:3000`. */
  url: string
  store: Store
  /** The first signs tokens. */
  jwtSecrets: readonly string[]
  /** What is on, what is off and how to turn it on: for a person at a terminal. */
  banner: string
  /** Writes its log into a new file from here on: the last was moved away. */
  reopenLog(): void
  /** Begins nothing more, answers what is under way, then lets everything go. */
  stop(): Promise<void>
}

/**
 * The server, from an environment. Throws ConfigurationError with one line where it cannot work. `log`, `now`,
 * `workerEveryMs` and `resolve` are for whoever runs it inside another program (the demo, tests).
 */
export async function startServer(
  environment: Environment,
  options: { log?: Log; now?: () => Date; workerEveryMs?: number; resolve?: Resolve } = {},
): Promise<Server> {
  const now = options.now ?? (() => new Date())
  // Where a test says what time it is, all that waits goes by that.
  const clock = options.now ? () => now().getTime() : () => performance.now()
  const runId = randomUUID()
  const config = readConfig(environment)
  const note = (provider: string, finding: string) => log.warn('provider_checked', { provider, finding })
  const tools = { baseUrl: config.baseUrl, country: config.country, now, clock, note }
  const providers = await openProviders(providerEntries, environment, tools, config.wanted)
  const log: Log & Partial<OwnLog> =
    options.log ?? createLog({ level: config.logLevel, file: config.logFile, runId })
  const { country, sentences, timeZone } = config
  const crm = openCrm(crmEntries, environment, { country, sentences, timeZone, now, clock }, log)
  const database = { ...config.database, dataDir: config.dataDir }
  const store = await openStore(database, { production: config.production, moment: options.now }, log)
  const appointmentTypes = (crm ? [crm] : crmEntries).flatMap((one) => one.appointmentTypes)
  const foundation = { config, providers, crm, appointmentTypes, store, log, now, clock, runId, ...options }
  const opened = await openHouse(foundation).catch(async (error) => {
    await store.close()
    throw error
  })
  const { house, listener, spool, jwtSecrets } = opened
  house.start()
  log.info('server_started', {
    listensOn: listener.url,
    database: store.name,
    on: [...providers.on.keys()],
    off: providerEntries
      .filter(({ name }) => !providers.on.has(name))
      .map(({ name, sendsWith }) => `${name} (set ${sendsWith.join(', ')})`),
  })
  for (const { name, paths, hearsWith } of providerEntries)
    if (paths.length > 0 && providers.on.get(name)?.send && !providers.on.get(name)?.webhook)
      log.warn('provider_webhook_closed', { provider: name, remedy: `set ${hearsWith.join(', ')}` })
  void logFindings([...providers.on.values(), ...(crm ? [crm] : [])], log)

  return {
    url: listener.url,
    store,
    jwtSecrets,
    banner: banner({
      config,
      providers,
      crm:
        crm?.name ??
        `off (set ${crmEntries.map((entry) => `${entry.name}: ${entry.with.join(', ')}`).join(' · ')})`,
      database: store.name,
      address: listener.url,
    }),
    reopenLog: () => log.reopen?.(),
    async stop() {
      await house.stop(listener.close())
      await spool.close()
      await store.close()
      log.info('server_stopped')
      if (!options.log) await log.close()
    },
  }
}

/** What stands on the store. Throws ConfigurationError where the data folder or the port is not to be had. */
async function openHouse(
  foundation: Omit<Parameters<typeof createHouse>[0], 'spool' | 'owner' | 'workerEveryMs'> & {
    runId: string
    workerEveryMs?: number
  },
) {
  const { config, log, now, runId } = foundation
  const jwtSecrets = config.jwtSecrets.length > 0 ? config.jwtSecrets : [keptSecret(config.dataDir)]
  const spool = await openSpool({ dataDir: config.dataDir, log, now })
  try {
    const house = createHouse({
      ...foundation,
      config: { ...config, jwtSecrets },
      spool,
      owner: `${hostname()}:${process.pid}:${runId}`,
      workerEveryMs: foundation.workerEveryMs,
    })
    return { house, spool, jwtSecrets, listener: await listen(house.app, config.port, config.host) }
  } catch (error) {
    await spool.close()
    throw error
  }
}

/**
 * The store, with the schema that this code expects. In production a database that is away is not a reason not to start: the
 * spool takes the webhooks that come meanwhile. Elsewhere it is more likely a wrong address, and one that refuses us from
 * the start a wrong password.
 */
async function openStore(
  choice: DatabaseChoice,
  { production, moment }: { production: boolean; moment: Moment | undefined },
  log: Log,
): Promise<Store> {
  const store = createStore(await openDatabase(choice), moment)
  const mismatch = await schemaMismatch(store).catch(async (error) => {
    if (production && error instanceof StoreError && error.away && !error.refuses) {
      log.error('database_away_at_start', { database: store.name, error })
      return undefined
    }
    await store.close()
    const why =
      error instanceof StoreError && error.refuses
        ? 'refuses this server (check its user, password and rights)'
        : 'cannot be reached (check the address, and that it runs)'
    throw new ConfigurationError(`${store.name}: ${why}`, { cause: error })
  })
  if (mismatch === undefined) return store
  await store.close()
  throw new ConfigurationError(mismatch)
}

/** What the providers found worth an operator's look: asked after the boot, since it takes their time. */
async function logFindings(providers: Iterable<Pick<Provider, 'name' | 'check'>>, log: Log): Promise<void> {
  for (const provider of providers) {
    try {
      for (const finding of (await provider.check?.()) ?? [])
        log.warn('provider_checked', { provider: provider.name, finding })
    } catch (error) {
      log.warn('provider_check_failed', { provider: provider.name, error })
    }
  }
}

const usage = `usage: npm start
  the server, from the environment and .env; every variable: .env.example`

async function main(): Promise<void> {
  const words = process.argv.slice(2)
  if (words.includes('--help') || words.includes('-h')) return void process.stdout.write(`${usage}\n`)
  readDotenv({ quiet: true })
  try {
    if (words.length > 0) throw new ConfigurationError(`start: takes no ${words[0]}\n${usage}`)
    // Asked to end while still starting: the start is waited for, so that nothing is left half open.
    const starting = startServer(process.env)
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => void starting.then((server) => server.stop()).finally(() => process.exit()))
    // What moves the log away says so; a terminal that is closed ends nothing either.
    process.on('SIGHUP', () => void starting.then((server) => server.reopenLog()))
    const server = await starting
    if (process.stderr.isTTY)
      process.stderr.write(`${server.banner}\n\n  A token for the API: npm run token -- --tenant demo\n\n`)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

if (import.meta.main) await main()
