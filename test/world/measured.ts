import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { jwtSecret } from '../doors/jwt.ts'

export interface Memory {
  heap: number
  resident: number
}

/** A server in a process of its own, on a PostgreSQL of its own, with the sandbox as its outside. */
export interface Measured {
  url: string
  database: TestDatabase
  sandbox: Sandbox
  /** The median of some readings, each right after a collection. */
  memory(): Promise<Memory>
  /** The most that was ever resident, in bytes. */
  peak(): Promise<number>
  /** The longest that its event loop was held up since this was last asked. */
  heldUpMs(): Promise<number>
  stop(): Promise<void>
}

const reading = z.object({ heap: z.number(), resident: z.number(), peak: z.number() })

/** Starts one; `environment` is added to its own. */
export async function startMeasured(environment: Record<string, string> = {}): Promise<Measured> {
  const sandbox = await startSandbox()
  const database = await testDatabase()
  const server = fork(fileURLToPath(new URL('measured-server.ts', import.meta.url)), {
    // As npm start does.
    execArgv: ['--max-semi-space-size=16'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...sandbox.environment,
      NODE_ENV: 'test',
      PORT: '0',
      LOG_LEVEL: 'error',
      DATABASE_URL: database.url,
      JWT_SECRET: jwtSecret,
      ...environment,
    },
  })
  /** The server's next word. Rejects where it ends instead. */
  const told = async (): Promise<unknown> => {
    const ended = new AbortController()
    const end = () => ended.abort(new Error('the server ended'))
    server.once('exit', end)
    try {
      const [message] = await once(server, 'message', { signal: ended.signal })
      return message
    } finally {
      server.off('exit', end)
    }
  }
  const { url } = z.object({ url: z.string() }).parse(await told())
  const read = async () => {
    const answered = told()
    server.send('memory')
    return reading.parse(await answered)
  }
  return {
    url,
    database,
    sandbox,
    async memory() {
      const readings: Memory[] = []
      while (readings.length < 5) readings.push(await read())
      const median = (of: keyof Memory) => readings.map((one) => one[of]).sort((a, b) => a - b)[2] ?? 0
      return { heap: median('heap'), resident: median('resident') }
    },
    peak: async () => (await read()).peak,
    async heldUpMs() {
      const answered = told()
      server.send('loop')
      return z.object({ heldUpMs: z.number() }).parse(await answered).heldUpMs
    },
    async stop() {
      const ended = once(server, 'exit')
      if (server.connected) server.disconnect()
      await ended
      await sandbox.close()
      await database.drop()
    },
  }
}
