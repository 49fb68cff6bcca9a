import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ConfigurationError } from '#src/model/errors.ts'

export interface FolderLock {
  release(): void
}

const lockFile = 'lock'
const pidFile = 'lock.pid'

/** What a lock leaves in its folder. */
export const lockFiles: readonly string[] = [lockFile, pidFile]

/**
 * Takes a folder for this process alone; undefined where another process has it. Throws ConfigurationError where the
 * folder cannot be written.
 *
 * Node has no flock; SQLite's write lock is one: the operating system holds it, so that it ends with the process however
 * that dies, and it is true across containers that share the folder, where a pid says nothing.
 */
export function lockFolder(folder: string): FolderLock | undefined {
  const lock = open(folder)
  try {
    // Nothing is ever written: with a journal on the disk, SQLite would need room for it, and a full disk has none.
    lock.exec('pragma journal_mode = memory; begin immediate')
  } catch (error) {
    lock.close()
    if (busy(error)) return undefined
    throw error
  }
  const pidPath = join(folder, pidFile)
  try {
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 })
  } catch {
    // A full disk is not a reason to leave alone what lies in the folder: the lock is held without it.
  }
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      rmSync(pidPath, { force: true })
      lock.close()
    },
  }
}

/** The pid that the folder's holder wrote down: for a person, not for a decision. */
export function holderOf(folder: string): string {
  try {
    return readFileSync(join(folder, pidFile), 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

function open(folder: string): DatabaseSync {
  try {
    const path = join(folder, lockFile)
    const lock = new DatabaseSync(path, { timeout: 0 })
    // Whoever may open it may hold it, and stop the next start.
    chmodSync(path, 0o600)
    return lock
  } catch (cause) {
    throw new ConfigurationError(`the folder ${folder} cannot be written (see DATA_DIR): ${String(cause)}`)
  }
}

const sqliteBusy = 5

function busy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
}
