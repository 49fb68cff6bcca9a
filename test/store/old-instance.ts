import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { childEnvironment } from '../../scripts/child-environment.ts'
import { releaseBefore } from './release-before.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Why the release before cannot be had here; undefined: it can. */
export function whyNoReleaseBefore(): string | undefined {
  const commit = releaseBefore.commit
  const { status } = spawnSync('git', ['-C', root, 'cat-file', '-e', `${commit}^{commit}`])
  return status === 0 ? undefined : `git has no commit ${commit.slice(0, 7)} here (a clone without history)`
}

/** The release before, taken out of git into a folder of its own. */
export function releaseBeforeIn() {
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-before-'))
  const archive = join(folder, 'tree.tar')
  const rooms = ['src', 'routes', 'actions', 'providers', 'migrations', 'scripts', 'package.json']
  execFileSync('git', ['-C', root, 'archive', '-o', archive, releaseBefore.commit, ...rooms])
  execFileSync('tar', ['-xf', archive, '-C', folder])
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const dataDir = join(folder, 'data')
  return {
    migrate(databaseUrl: string): void {
      const env = { ...childEnvironment, DATABASE_URL: databaseUrl }
      execFileSync(process.execPath, ['scripts/migrate.ts'], { cwd: folder, env })
    },

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

    remove: () => rmSync(folder, { recursive: true, force: true }),
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
