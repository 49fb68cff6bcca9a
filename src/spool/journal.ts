import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './sync.ts'

/** A segment being written. */
interface Segment {
  path: string
  file: FileHandle
  bytes: number
}

const suffix = '.journal'

function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}${suffix}`
}

/** The number of a segment by its file's name; undefined where it is no segment. */
export function segmentNumber(name: string): number | undefined {
  return name.endsWith(suffix) ? Number(name.slice(0, -suffix.length)) : undefined
}

export type Journal = ReturnType<typeof createJournal>

/**
 * Appends to the newest segment of a folder. What is appended while the disk is busy with the last fsync shares the next
 * one. A write that fails is cut off again; a failed fsync proves nothing about what is on the disk, so its segment is
 * never appended to again.
 */
export function createJournal(folder: string) {
  let number = 1
  let segment: Segment | undefined
  let queue: { bytes: Buffer; resolve: () => void; reject: (error: unknown) => void }[] = []
  let writing: Promise<void> | undefined
  let unsealed = { records: 0, bytes: 0 }

  async function current(): Promise<Segment> {
    if (segment) return segment
    const path = join(folder, segmentName(number++))
    const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
    await syncFolder(folder)
    segment = { path, file, bytes: 0 }
    return segment
  }

  async function write(bytes: Buffer): Promise<void> {
    const target = await current()
    try {
      await writeWhole(target.file, bytes, target.bytes)
    } catch (error) {
      await target.file.truncate(target.bytes).catch(() => retire())
      throw error
    }
    try {
      await target.file.datasync()
    } catch (error) {
      await retire()
      throw error
    }
    target.bytes += bytes.length
  }

  async function retire(): Promise<void> {
    const retired = segment
    segment = undefined
    await retired?.file.close().catch(() => {})
  }

  async function writeQueued(): Promise<void> {
    while (queue.length > 0) {
      const shared = queue
      queue = []
      try {
        await write(Buffer.concat(shared.map(({ bytes }) => bytes)))
        for (const { resolve, bytes } of shared) {
          unsealed.records++
          unsealed.bytes += bytes.length
          resolve()
        }
      } catch (error) {
        for (const { reject } of shared) reject(error)
      }
    }
    writing = undefined
  }

  return {
    /** Resolves when the bytes are on the disk; rejects when they surely must not be counted on. */
    append(bytes: Buffer): Promise<void> {
      return new Promise((resolve, reject) => {
        queue.push({ bytes, resolve, reject })
        writing ??= writeQueued()
      })
    },

    /** What was appended since the last seal. */
    unsealed: () => unsealed,

    /**
     * Nothing more is appended to the segments that are there now: all numbers below the one it gives may be drained and
     * deleted.
     */
    async seal(): Promise<number> {
      // Between the end of the last write and the retirement nothing can be appended: both happen in one turn.
      while (writing) await writing
      unsealed = { records: 0, bytes: 0 }
      const closing = retire()
      const firstOpen = number
      await closing
      return firstOpen
    },
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
