import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { childEnvironment } from './child-environment.ts'
import { temporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const file = z.object({
  commit: z.string(),
  functions: z.array(z.string()),
  calls: z.record(z.string(), z.array(z.string())),
})

/** The release before this one: its commit, its SQL functions as they were made, and how its processes call them. */
export const releaseBefore = file.parse(
  JSON.parse(readFileSync(new URL('release-before.json', import.meta.url), 'utf8')),
)

/** Why the release before cannot be had here; undefined: it can. */
export function whyNoReleaseBefore(): string | undefined {
  const { commit } = releaseBefore
  const { status } = spawnSync('git', ['-C', root, 'cat-file', '-e', `${commit}^{commit}`])
  return status === 0 ? undefined : `git has no commit ${commit.slice(0, 7)} here (a clone without history)`
}

/** The release before, taken out of git into a folder of its own, with the packages of this one. */
export function unpackReleaseBefore(): {
  folder: string
  migrate: (databaseUrl: string) => void
  remove: () => void
} {
  const folder = temporaryFolder('max-comms-before-')
  const archive = join(folder, 'tree.tar')
  const rooms = ['src', 'routes', 'actions', 'providers', 'migrations', 'scripts', 'package.json']
  execFileSync('git', ['-C', root, 'archive', '-o', archive, releaseBefore.commit, ...rooms])
  execFileSync('tar', ['-xf', archive, '-C', folder])
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    folder,
    migrate(databaseUrl) {
      const env = { ...childEnvironment, DATABASE_URL: databaseUrl }
      execFileSync(process.execPath, ['scripts/migrate.ts'], { cwd: folder, env })
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
