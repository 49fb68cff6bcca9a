import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './sync.ts'

/** A segment being written. */
interface Segment {
  file: FileHandle
  bytes: number
}

const suffix = '.journal'
/** A segment is drained whole, in memory: a long outage makes many of them, not a large one. */
const mostSegmentBytes = 16 * 1024 * 1024
/** How much may wait for a disk that does not keep up; beyond that, whoever appends is told at once. */
const mostWaitingBytes = 64 * 1024 * 1024

function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}${suffix}`
}

/** The number of a segment by its file's name; undefined where it is not a segment. */
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
  let waitingBytes = 0
  let writing: Promise<void> | undefined
  const appended = { records: 0, bytes: 0 }

  async function current(): Promise<Segment> {
    if (segment && segment.bytes < mostSegmentBytes) return segment
    await retire()
    const path = join(folder, segmentName(number++))
    const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)
    try {
      await syncFolder(folder)
    } catch (error) {
      await file.close().catch(() => {})
      throw error
    }
    segment = { file, bytes: 0 }
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
      waitingBytes = 0
      try {
        await write(joined(shared.map(({ bytes }) => bytes)))
        for (const { resolve, bytes } of shared) {
          appended.records++
          appended.bytes += bytes.length
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
      if (waitingBytes + bytes.length > mostWaitingBytes)
        return Promise.reject(new Error('journal: the disk does not keep up'))
      waitingBytes += bytes.length
      return new Promise((resolve, reject) => {
        queue.push({ bytes, resolve, reject })
        writing ??= writeQueued()
      })
    },

    /** All that was ever appended. */
    appended: () => ({ ...appended }),

    /**
     * Nothing more is appended to the segments that are there now: all numbers below `firstOpen` may be drained and
     * deleted. `appended` is all that they were ever given.
     */
    async seal(): Promise<{ firstOpen: number; appended: { records: number; bytes: number } }> {
      // Between the end of the last write and the retirement nothing can be appended: both happen in one turn.
      while (writing) await writing
      const sealed = { firstOpen: number, appended: { ...appended } }
      await retire()
      return sealed
    },
  }
}

/** One is not copied: it may be large. */
function joined(all: Buffer[]): Buffer {
  const [only, ...others] = all
  return only && others.length === 0 ? only : Buffer.concat(all)
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
