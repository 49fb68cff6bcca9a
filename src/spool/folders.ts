import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError } from '#src/model/errors.ts'
import { type FolderLock, lockFiles, lockFolder } from '#src/runtime/lock.ts'
import { segmentNumber } from './journal.ts'
import { syncFolder } from './sync.ts'

export interface Pending {
  records: number
  bytes: number
  /** When the oldest record that is not drained was written. */
  oldestAt: Date | undefined
}

/** A folder that no other process writes to. */
interface Owned {
  folder: string
  lock: FolderLock
}

const folderName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** How often a new folder is tried: each look of a process that drains may take the lock of one that was just made. */
const mostTries = 50

/** The segments of a folder in the order they were written, those below a number. */
export async function segments(folder: string, below = Number.POSITIVE_INFINITY): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => (segmentNumber(name) ?? below) < below).sort()
}

/** A new folder for this process alone, its name durable. Throws ConfigurationError where it cannot be had. */
export async function newFolder(dataDir: string, base: string): Promise<Owned> {
  for (let tries = 1; ; tries++) {
    const folder = join(base, randomUUID())
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause) => {
      throw new ConfigurationError(`the folder ${base} cannot be written (see DATA_DIR): ${String(cause)}`)
    })
    // Another process that drains may take it for an abandoned one before we hold its lock.
    const lock = await adopted(folder)
    if (lock) {
      await syncFolder(base)
      await syncFolder(dataDir)
      return { folder, lock }
    }
    if (tries === mostTries)
      throw new ConfigurationError(`the folder ${base} cannot be locked (see DATA_DIR)`)
  }
}

/** The lock of a folder whose process is gone; undefined where one lives in it, or where another has removed it. */
export async function adopted(folder: string): Promise<FolderLock | undefined> {
  try {
    const lock = lockFolder(folder)
    if (!lock || (await exists(folder))) return lock
    lock.release()
  } catch (error) {
    if (await exists(folder)) throw error
  }
  return undefined
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * Removes a folder whose lock we hold, where nothing but the lock's own files is in it; else leaves it. It loses its name
 * first: whoever opened its lock meanwhile finds it gone, and no second lock can come beside ours.
 */
export async function removeEmptied(folder: string): Promise<void> {
  const names = await readdir(folder)
  if (names.some((name) => !lockFiles.includes(name))) return
  const removed = `${folder}.removed`
  await rename(folder, removed)
  for (const name of names) await unlink(join(removed, name))
  await rmdir(removed)
}

/** The folders of all processes; whatever else lies beside them (`lost+found`) is not ours to read. */
export async function foldersOf(base: string): Promise<string[]> {
  const names = await readdir(base)
  return names.filter((name) => folderName.test(name)).map((name) => join(base, name))
}

/** What other processes left, or are still writing. */
export async function otherFolders(base: string, ownFolder: string): Promise<Pending> {
  const pending: Pending = { records: 0, bytes: 0, oldestAt: undefined }
  for (const folder of await foldersOf(base)) {
    if (folder === ownFolder) continue
    for (const segment of await segments(folder).catch(() => [])) {
      const found = await stat(join(folder, segment)).catch(() => undefined)
      if (!found) continue
      pending.bytes += found.size
      if (!pending.oldestAt || found.birthtime < pending.oldestAt) pending.oldestAt = found.birthtime
    }
  }
  return pending
}
