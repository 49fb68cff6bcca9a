import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '#src/runtime/log.ts'
import { closedFolder, privateFolder } from '#src/runtime/private-folder.ts'
import {
  adopted,
  foldersOf,
  newFolder,
  otherFolders,
  type Pending,
  removeEmptied,
  segments,
} from './folders.ts'
import { createJournal } from './journal.ts'
import { decodeRecords, encodeRecord } from './record.ts'
import { syncFolder } from './sync.ts'

export interface Draining {
  /** Makes a segment's payloads durable elsewhere; what it throws stops the drain, and everything stays. */
  commit(payloads: readonly Buffer[]): Promise<void>
  /** Keeps bytes that are not a record any more. */
  keepDamaged(bytes: Buffer): Promise<void>
}

/** When a record was written: for people, and by performance.now(). */
interface Written {
  at: Date
  since: number
}

const written = (now: () => Date): Written => ({ at: now(), since: performance.now() })

export type Spool = Awaited<ReturnType<typeof openSpool>>

/**
 * What the database cannot take now, on the disk: appended and fsynced before it is acknowledged, drained when the
 * database is back, by this process or by the next that finds the folder of one that died. Throws ConfigurationError
 * where the folder cannot be written.
 */
export async function openSpool(options: { dataDir: string; log: Log; now: () => Date }) {
  const { log, now } = options
  privateFolder(options.dataDir)
  const base = join(options.dataDir, 'spool')
  closedFolder(base)
  const own = await newFolder(options.dataDir, base)
  const journal = createJournal(own.folder)
  let drained = journal.appended()
  let oldest: Written | undefined
  let others = await otherFolders(base, own.folder)
  let closing: Promise<void> | undefined

  async function drainFolder(folder: string, below: number, draining: Draining): Promise<void> {
    for (const name of await segments(folder, below)) {
      const path = join(folder, name)
      const { payloads, damaged, tornBytes } = decodeRecords(await readFile(path))
      await draining.commit(payloads)
      for (const bytes of damaged) await draining.keepDamaged(bytes)
      await unlink(path)
      await syncFolder(folder)
      log.info('spool_segment_drained', { records: payloads.length, damaged: damaged.length, tornBytes })
    }
  }

  async function drainOwn(draining: Draining): Promise<void> {
    // What is appended from now on is not drained: none of it is older.
    const sealed = written(now)
    const { firstOpen, appended } = await journal.seal()
    await drainFolder(own.folder, firstOpen, draining)
    drained = appended
    oldest = journal.appended().bytes > drained.bytes ? sealed : undefined
  }

  async function drainAbandoned(draining: Draining): Promise<void> {
    for (const folder of await foldersOf(base)) {
      const lock = folder === own.folder ? undefined : await adopted(folder)
      if (!lock) continue
      try {
        await drainFolder(folder, Number.POSITIVE_INFINITY, draining)
        await removeEmptied(folder)
      } finally {
        lock.release()
      }
    }
  }

  async function letGo(): Promise<void> {
    await journal.seal()
    // What cannot be removed is not a reason not to end: the next process finds it.
    await removeEmptied(own.folder).catch(() => {})
    own.lock.release()
  }

  return {
    /** Resolves when the payload is on the disk. Rejects where it is not: then it must not be acknowledged. */
    async append(payload: Buffer): Promise<void> {
      if (closing) throw new Error('spool: is closed')
      await journal.append(encodeRecord(payload))
      oldest ??= written(now)
    },

    /** What waits here, and in the folders of other processes (whose records cannot be counted from outside). */
    pending(): Pending {
      const { records, bytes } = journal.appended()
      const total = bytes - drained.bytes + others.bytes
      return {
        records: records - drained.records,
        bytes: total,
        oldestAt: total > 0 ? (others.oldestAt ?? oldest?.at ?? now()) : undefined,
      }
    },

    /** For how long the oldest of it has waited; 0: nothing does. Of other processes' by the disk's clock. */
    oldestForMs(): number {
      const { bytes } = journal.appended()
      const ownForMs = oldest && bytes > drained.bytes ? performance.now() - oldest.since : 0
      const othersForMs = others.oldestAt ? now().getTime() - others.oldestAt.getTime() : 0
      return Math.max(ownForMs, othersForMs, 0)
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

    /** Lets the folder go: it disappears if it is empty, else the next process adopts it. Nothing is appended any more. */
    close(): Promise<void> {
      closing ??= letGo()
      return closing
    },
  }
}
