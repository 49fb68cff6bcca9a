import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { childEnvironment } from '../../scripts/child-environment.ts'
import { unpackReleaseBefore } from '../../scripts/release-before.ts'

/** The release before, and its processes. */
export function releaseBeforeIn() {
  const { folder, migrate, remove } = unpackReleaseBefore()
  const dataDir = join(folder, 'data')
  return {
    migrate,

    /** The SQL functions that its code names, in the order of the alphabet. */
    calls(): string[] {
      const store = join(folder, 'src/store')
      const files = ['store.ts', ...readdirSync(join(store, 'calls')).map((file) => `calls/${file}`)]
      const text = files.map((file) => readFileSync(join(store, file), 'utf8')).join('\n')
      return [...new Set([...text.matchAll(/\bcall\('(\w+)'/g)].map(([, name = '']) => name))].toSorted()
    },

    /** A process of its own, once it answers. */
    async start(url: string, environment: Record<string, string>): Promise<OldInstance> {
      const child = spawn(process.execPath, ['src/server.ts'], {
        cwd: folder,
        env: {
          ...childEnvironment,
          ...environment,
          PORT: new URL(url).port,
          BASE_URL: url,
          DATA_DIR: dataDir,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      return oldInstance(child, url)
    },

    remove,
  }
}

export interface OldInstance {
  url: string
  /** The errors that it logged, but that the database was slow, as it may be on a busy machine. */
  errors(): string[]
  /** Its exit code, when it has ended what is under way. */
  stop(): Promise<number | null>
}

async function oldInstance(child: ChildProcess, url: string): Promise<OldInstance> {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said += String(chunk)
    })
  const ended = once(child, 'exit')
  const healthy = async () => {
    if (child.exitCode !== null) return
    const answer = await fetch(`${url}/health`)
    if (!answer.ok) throw new Error(`test: not up yet (${answer.status})`)
  }
  await vi.waitFor(healthy, { timeout: 60_000, interval: 100 })
  if (child.exitCode !== null) throw new Error(`test: the release before did not start: ${said}`)
  return {
    url,
    errors: () =>
      said
        .split('\n')
        .filter((line) => line.includes('"level":"error"') && !line.includes('"database_away"')),
    async stop() {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
  }
}
