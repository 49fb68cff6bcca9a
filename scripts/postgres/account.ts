import { execFileSync } from 'node:child_process'
import { lchownSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigurationError } from '#src/model/errors.ts'

/** An account of the machine. */
export interface Account {
  uid: number
  gid: number
}

/**
 * The account that PostgreSQL runs as where root starts it, since it refuses root; undefined: as whoever starts it. Every
 * machine has an account `nobody`, so that none is made for us. `postgres`, where there is one, owns the databases of the
 * machine's own PostgreSQL.
 */
export function otherThanRoot(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  try {
    const number = (option: string) => Number(execFileSync('id', [option, 'nobody'], { stdio: 'pipe' }))
    return { uid: number('-u'), gid: number('-g') }
  } catch (cause) {
    throw new ConfigurationError(
      'PostgreSQL: refuses to run as root, and there is no account nobody (start this as an ordinary user)',
      { cause },
    )
  }
}

/** Gives a folder, and all that lies in it, to the account. */
export function give(folder: string, { uid, gid }: Account): void {
  const inside = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  try {
    for (const path of ['', ...inside]) lchownSync(join(folder, path), uid, gid)
  } catch (cause) {
    throw new ConfigurationError(
      'PostgreSQL: refuses to run as root, and this root may give no file to nobody (start this as an ordinary user)',
      { cause },
    )
  }
}
