import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, readFile, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError } from '../errors.ts'
import { type FolderLock, lockFolder } from '../lock.ts'
import type { Log } from '../log.ts'
import { createJournal, segmentNumber } from './journal.ts'
import { decodeRecords, encodeRecord } from './record.ts'
import { syncFolder } from './sync.ts'

export interface Pending {
  records: number
  bytes: number
  /** When the oldest record that is not drained was written. */
  oldestAt: Date | undefined
}

export interface Draining {
  /** Makes one payload durable elsewhere; what it throws stops the drain, and everything stays. */
  commit(payload: Buffer): Promise<void>
  /** Keeps bytes that are no record any more. */
  keepDamaged(bytes: Buffer): Promise<void>
}

interface Owned {
  folder: string
  lock: FolderLock
}

const folderName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const mostTries = 5

export type Spool = Awaited<ReturnType<typeof openSpool>>

/**
 * What the database cannot take now, on the disk: appended and fsynced before it is acknowledged, drained when the
 * database is back, by this process or by the next that finds the folder of one that died. Throws ConfigurationError
 * where the folder cannot be written.
 */
export async function openSpool(options: { dataDir: string; log: Log; now: () => Date }) {
  const { log, now } = options
  const base = join(options.dataDir, 'spool')
  const own = await newFolder(options.dataDir, base)
  const journal = createJournal(own.folder)
  let drained = journal.appended()
  let oldestAt: Date | undefined
  let others = await otherFolders(base, own.folder)

  async function drainFolder(folder: string, below: number, draining: Draining): Promise<void> {
    for (const name of await segments(folder, below)) {
      const path = join(folder, name)
      const { payloads, damaged, tornBytes } = decodeRecords(await readFile(path))
      for (const payload of payloads) await draining.commit(payload)
      for (const bytes of damaged) await draining.keepDamaged(bytes)
      await unlink(path)
      await syncFolder(folder)
      log.info('spool_segment_drained', { records: payloads.length, damaged: damaged.length, tornBytes })
    }
  }

  async function drainOwn(draining: Draining): Promise<void> {
    const { firstOpen, appended } = await journal.seal()
    await drainFolder(own.folder, firstOpen, draining)
    drained = appended
    oldestAt = journal.appended().bytes > drained.bytes ? now() : undefined
  }

  async function drainAbandoned(draining: Draining): Promise<void> {
    for (const folder of await foldersOf(base)) {
      const lock = folder === own.folder ? undefined : await adopted(folder)
      if (!lock) continue
      try {
        await drainFolder(folder, Number.POSITIVE_INFINITY, draining)
        await rm(folder, { recursive: true, force: true })
      } finally {
        lock.release()
      }
    }
  }

  return {
    /** Resolves when the payload is on the disk. Rejects where it is not: then it must not be acknowledged. */
    async append(payload: Buffer): Promise<void> {
      await journal.append(encodeRecord(payload))
      oldestAt ??= now()
    },

    /** What waits here, and in the folders of other processes (whose records cannot be counted from outside). */
    pending(): Pending {
      const { records, bytes } = journal.appended()
      const total = bytes - drained.bytes + others.bytes
      return {
        records: records - drained.records,
        bytes: total,
        oldestAt: total > 0 ? (others.oldestAt ?? oldestAt ?? now()) : undefined,
      }
    },

    /** Empties every folder that is ours or nobody's any more. What is appended meanwhile waits for the next call. */
    async drain(draining: Draining): Promise<void> {
      try {
        await drainOwn(draining)
        await drainAbandoned(draining)
      } finally {
        others = await otherFolders(base, own.folder)
      }
    },

    /** Lets the folder go: it disappears if it is empty, else the next process adopts it. */
    async close(): Promise<void> {
      await journal.seal()
      const left = await segments(own.folder).catch(() => [])
      if (left.length === 0) await rm(own.folder, { recursive: true, force: true })
      own.lock.release()
    },
  }
}

/** The segments of a folder in the order they were written, those below a number. */
async function segments(folder: string, below = Number.POSITIVE_INFINITY): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => (segmentNumber(name) ?? below) < below).sort()
}

/** A new folder for this process alone, its name durable. */
async function newFolder(dataDir: string, base: string): Promise<Owned> {
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
async function adopted(folder: string): Promise<FolderLock | undefined> {
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

/** The folders of all processes; whatever else lies beside them (`lost+found`) is not ours to read. */
async function foldersOf(base: string): Promise<string[]> {
  const names = await readdir(base)
  return names.filter((name) => folderName.test(name)).map((name) => join(base, name))
}

/** What other processes left, or are still writing. */
async function otherFolders(base: string, ownFolder: string): Promise<Pending> {
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
