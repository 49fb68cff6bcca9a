import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rm, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
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

export type Spool = Awaited<ReturnType<typeof openSpool>>

/**
 * What the database cannot take now, on the disk: appended and fsynced before it is acknowledged, drained when the
 * database is back, by this process or by the next that finds the folder of one that died. Throws ConfigurationError
 * where the folder cannot be written.
 */
export async function openSpool(options: { dataDir: string; log: Log; now: () => Date }) {
  const { log, now } = options
  const base = join(options.dataDir, 'spool')
  const own = take(base, randomUUID())
  if (!own) throw new Error('a new folder of the spool is somebody else’s')
  const journal = createJournal(own.folder)
  const none: Pending = { records: 0, bytes: 0, oldestAt: undefined }
  let sealed = none
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

  async function drainAbandoned(draining: Draining): Promise<void> {
    for (const name of await readdir(base)) {
      const taken = name === basename(own?.folder ?? '') ? undefined : take(base, name)
      if (!taken) continue
      try {
        await drainFolder(taken.folder, Number.POSITIVE_INFINITY, draining)
        await rm(taken.folder, { recursive: true, force: true })
      } finally {
        taken.lock.release()
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
      const { records, bytes } = journal.unsealed()
      const total = bytes + sealed.bytes + others.bytes
      return {
        records: records + sealed.records,
        bytes: total,
        oldestAt: total > 0 ? (others.oldestAt ?? oldestAt) : undefined,
      }
    },

    /** Empties every folder that is ours or nobody's any more. What is appended meanwhile waits for the next call. */
    async drain(draining: Draining): Promise<void> {
      await drainAbandoned(draining)
      others = await otherFolders(base, own.folder)
      const { records, bytes } = journal.unsealed()
      sealed = { ...sealed, records: sealed.records + records, bytes: sealed.bytes + bytes }
      const firstOpen = await journal.seal()
      await drainFolder(own.folder, firstOpen, draining)
      sealed = none
      oldestAt = journal.unsealed().bytes > 0 ? now() : undefined
    },

    /** Lets the folder go: it disappears if it is empty, else the next process adopts it. */
    async close(): Promise<void> {
      await journal.seal()
      if ((await segments(own.folder)).length === 0) await rm(own.folder, { recursive: true, force: true })
      own.lock.release()
    },
  }
}

/** The segments of a folder in the order they were written, those below a number. */
async function segments(folder: string, below = Number.POSITIVE_INFINITY): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => (segmentNumber(name) ?? below) < below).sort()
}

/** A folder of the spool for this process alone; undefined while another process lives in it. */
function take(base: string, name: string): Owned | undefined {
  const folder = join(base, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  return lock && { folder, lock }
}

/** What other processes left, or are still writing. */
async function otherFolders(base: string, ownFolder: string): Promise<Pending> {
  const pending: Pending = { records: 0, bytes: 0, oldestAt: undefined }
  for (const name of await readdir(base)) {
    const folder = join(base, name)
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
