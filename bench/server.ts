import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { signToken } from '#src/api/token.ts'
import { temporaryFolder } from '../scripts/temporary-folder.ts'
import { publicUrl } from './traffic.ts'

const startLimitMs = 60_000
const readiness = z.object({ reasons: z.array(z.string()) })
const jwtSecret = 'the-secret-of-the-bench-only-0123456789'

/** The server as it is shipped, in a process of its own, its log in a file. */
export interface ServerUnderTest {
  url: string
  pid: number
  token(): Promise<string>
  /** Resolves when nothing waits in its spool any more, with the seconds that this took after the last answer. */
  settled(): Promise<number>
  stop(): Promise<void>
}

/** What `npm start` gives to node. */
const asShipped = ['--max-semi-space-size=16', 'src/server.ts']

export async function startServer(
  environment: Record<string, string>,
  nodeOptions: readonly string[] = [],
): Promise<ServerUnderTest> {
  const folder = temporaryFolder('max-comms-bench-')
  const logFile = join(folder, 'log')
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [...nodeOptions, ...asShipped], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', log, 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: '0',
      BASE_URL: publicUrl,
      DATA_DIR: join(folder, 'data'),
      JWT_SECRET: jwtSecret,
      ...environment,
      // What is measured is the pipe: a CRM would be told of each fact meanwhile.
      ESPOCRM_URL: '',
      ESPOCRM_API_KEY: '',
    },
  })
  const ended = once(child, 'exit')
  const killed = () => child.kill()
  process.once('exit', killed)
  const url = await listening(logFile, child)
  return {
    url,
    pid: child.pid ?? 0,
    token: () => signToken(jwtSecret, { tenantId: 't1', expires: '1h' }),
    settled: () => settled(url),
    async stop() {
      child.kill()
      await ended
      process.off('exit', killed)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listening(logFile: string, child: { exitCode: number | null }): Promise<string> {
  const started = z.object({ listensOn: z.string() })
  for (
    const until = Date.now() + startLimitMs;
    Date.now() < until && child.exitCode === null;
    await pause(20)
  ) {
    const line = readFileSync(logFile, 'utf8')
      .split('\n')
      .find((text) => text.includes('"server_started"'))
    if (line) return started.parse(JSON.parse(line)).listensOn
  }
  throw new Error('bench: the server did not start')
}

async function settled(url: string): Promise<number> {
  const since = performance.now()
  for (let asked = 0; ; asked++) {
    const { reasons } = readiness.parse(await (await fetch(`${url}/health/ready`)).json())
    if (!reasons.some((reason) => reason.startsWith('spool:')))
      return asked === 0 ? 0 : (performance.now() - since) / 1_000
    await pause(50)
  }
}
