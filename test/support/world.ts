import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { signToken } from '#src/api/token.ts'
import type { Resolve } from '#src/email/domain-findings.ts'
import { createLog } from '#src/runtime/log.ts'
import { type Server, startServer } from '#src/server.ts'
import { freePort } from '../../scripts/free-port.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { drained } from './signed.ts'

/** The whole system on real ports: the server on a PostgreSQL database of its own, and the sandbox as its outside. */
export interface World {
  url: string
  server: Server
  sandbox: Sandbox
  database: TestDatabase
  /** Every line the server logged, as it was written. */
  logLines: string[]
  /** A token of one tenant, or of every one (undefined). */
  token(tenantId?: string, options?: { ops?: boolean }): Promise<string>
  /**
   * One request to the API with a token of tenant `t1`, unless told otherwise. What it changed has reached the database:
   * on a slow machine the outcome of a send may lie in the spool for a moment after its answer.
   */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** The same, no matter where what it changed lies now. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  action(action: string, params: unknown): Promise<Answer>
  /** Until every webhook of the sandbox was answered, and what they told has reached the database. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface Answer {
  status: number
  headers: Headers
  // The answer's JSON is looked at field by field in tests.
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it.
  body: any
}

export async function startWorld(
  options: {
    environment?: Record<string, string>
    now?: () => Date
    workerEveryMs?: number
    /** What the DNS says. */
    resolve?: Resolve
    /** With the sandbox's CRM; otherwise there is none. */
    crm?: boolean
  } = {},
): Promise<World> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logLines: string[] = []
  const dataDir = mkdtempSync(join(tmpdir(), 'max-comms-test-'))
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logLines.push(String(chunk))
      done()
    },
  })
  const [sandbox, database] = await Promise.all([
    startSandbox({ baseUrl: url, delayMs: 0, holdMs: 300 }),
    testDatabase(),
  ])
  const log = createLog({ level: 'debug', runId: 'test', stream })
  const server = await startServer(
    {
      ...sandbox.environment,
      ...(options.crm ? {} : { ESPOCRM_URL: '', ESPOCRM_API_KEY: '', ESPOCRM_ASSIGNED_USER_ID: '' }),
      NODE_ENV: 'test',
      PORT: String(port),
      BASE_URL: url,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      JWT_SECRET: 'the-secret-of-the-tests-only-0123456789',
      ...options.environment,
    },
    {
      log,
      ...(options.now ? { now: options.now } : {}),
      ...(options.resolve ? { resolve: options.resolve } : {}),
      ...(options.workerEveryMs ? { workerEveryMs: options.workerEveryMs } : {}),
    },
  )
  const token: World['token'] = (tenantId, { ops = false } = {}) =>
    signToken(server.jwtSecrets[0] ?? '', { tenantId, ops, expires: '1h' })
  const bearer = await token('t1')
  const ask: World['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : json(text) }
  }
  const call: World['call'] = async (method, ...request) => {
    const answer = await ask(method, ...request)
    if (method !== 'GET') await drained(url)
    return answer
  }
  return {
    url,
    server,
    sandbox,
    database,
    logLines,
    token,
    call,
    ask,
    action: (action, params) => call('POST', '/api/max/actions', { action, params }),
    async settled() {
      await sandbox.idle()
      await drained(url)
    },
    async stop() {
      await server.stop()
      await sandbox.close()
      await log.close()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
