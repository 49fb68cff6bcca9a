import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { providerEntries } from '#providers/index.ts'
import { keptSecret, signToken } from '#src/api/token.ts'
import { itemReaders } from '#src/carriers/providers.ts'
import type { Config } from '#src/config.ts'
import type { Environment } from '#src/contract/provider.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { replayPosition } from '#src/replay/cursor.ts'
import { replay, replayAnswer } from '#src/replay/replay.ts'
import { holderOf, lockFolder } from '#src/runtime/lock.ts'
import { createLog } from '#src/runtime/log.ts'
import { schemaMismatch } from '#src/store/migrate.ts'
import { openDatabase } from '#src/store/open.ts'
import { createStore } from '#src/store/store.ts'
import { type Answered, answered } from './report.ts'

export interface Wish {
  since: Date
  provider: string | undefined
  dryRun: boolean
  effects: boolean
}

/** Where the kept items are: a database, or the server that has it open. Reads a part of them again there. */
export interface Installation {
  name: string
  part(wish: Wish, cursor: string | undefined): Promise<Answered>
  close(): Promise<void>
}

/** Of one part: 1,000 items. */
const pages = 5
const answerWithinMs = 120_000
const errorBody = z.object({ error: z.object({ message: z.string() }) })

/**
 * The database itself where there is one of its own; the embedded one through the server that has it open, or, when none
 * runs, opened here. Throws ConfigurationError with one line.
 */
export async function openInstallation(config: Config, environment: Environment): Promise<Installation> {
  const { supabaseUrl, databaseUrl } = config.database
  if (supabaseUrl !== undefined || databaseUrl !== undefined) return inDatabase(config, environment)
  if (!existsSync(join(config.dataDir, 'db')))
    throw new ConfigurationError(
      `replay: nothing is kept in ${config.dataDir} (set DATA_DIR, DATABASE_URL or SUPABASE_URL to where it is)`,
    )
  const lock = lockFolder(config.dataDir)
  lock?.release()
  return lock ? inDatabase(config, environment) : atServer(config)
}

async function inDatabase(config: Config, environment: Environment): Promise<Installation> {
  const readers = itemReaders(providerEntries, environment, config.country)
  const log = createLog({ level: 'warn', runId: `replay:${process.pid}`, stream: process.stderr })
  const store = createStore(await openDatabase({ ...config.database, dataDir: config.dataDir }))
  const close = async () => {
    await store.close()
    await log.close()
  }
  const mismatch = await schemaMismatch(store).catch(async (cause) => {
    await close()
    throw new ConfigurationError(`${store.name}: cannot be reached (check the address, and that it runs)`, {
      cause,
    })
  })
  if (mismatch !== undefined) {
    await close()
    throw new ConfigurationError(mismatch)
  }
  return {
    name: store.name,
    async part(wish, cursor) {
      if (wish.provider !== undefined && !readers.has(wish.provider))
        throw new ConfigurationError(`replay: --provider must be one of ${[...readers.keys()].join(', ')}`)
      const from = cursor === undefined ? undefined : replayPosition(cursor)
      const tools = { store, readers, log, now: () => new Date() }
      return answered.parse(replayAnswer(await replay(tools, { ...wish, from, pages })))
    },
    close,
  }
}

async function atServer(config: Config): Promise<Installation> {
  const url = `http://${reachable(config.host)}:${config.port}`
  const secret = config.jwtSecrets[0] ?? keptSecret(config.dataDir)
  const token = await signToken(secret, { ops: true, expires: '1h' })
  return {
    name: `the server at ${url}`,
    async part({ since, provider, dryRun, effects }, cursor) {
      const response = await fetch(`${url}/api/replay`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ since, provider, dryRun, effects, cursor }),
        signal: AbortSignal.timeout(answerWithinMs),
      }).catch((cause) => {
        const holder = `process ${holderOf(config.dataDir)} has ${config.dataDir} open`
        throw new ConfigurationError(`replay: ${url} does not answer (${holder}: check HOST and PORT)`, {
          cause,
        })
      })
      const body: unknown = await response.json().catch(() => undefined)
      const result = answered.safeParse(body)
      if (response.ok && result.success) return result.data
      const said = errorBody.safeParse(body).data?.error.message ?? 'not as this server does'
      throw new ConfigurationError(`replay: ${url} answered ${response.status}: ${said}`)
    },
    close: async () => {},
  }
}

/** Where one that listens everywhere can be reached from here. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
