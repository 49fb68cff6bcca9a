import { readdirSync, readFileSync, writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeRecords, encodeRecord } from '#src/spool/record.ts'
import { fileOperation, journalIn, temporaryFolder } from '#support/spool.ts'

const record = (text: string) => encodeRecord(Buffer.from(text))

function kept(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => decodeRecords(readFileSync(join(folder, name))).payloads.map(String))
}

/** A promise and what ends it. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

test('what is appended while the disk is busy shares the next fsync', async () => {
  const folder = temporaryFolder()
  const journal = journalIn(folder)
  const datasync = await fileOperation('datasync')
  const appended = Array.from({ length: 100 }, (_, number) => journal.append(record(String(number))))
  await Promise.all(appended)
  expect(datasync).toHaveBeenCalledTimes(2)
  expect(kept(folder)).toEqual(Array.from({ length: 100 }, (_, number) => String(number)))
})

test('nothing is acknowledged before its own fsync has ended', async () => {
  const journal = journalIn(temporaryFolder())
  const datasync = await fileOperation('datasync')
  const disk = gate()
  datasync.mockImplementation(() => disk.opened)
  const acknowledged: string[] = []
  const both = ['first', 'second'].map((text) =>
    journal.append(record(text)).then(() => acknowledged.push(text)),
  )
  await expect.poll(() => datasync.mock.calls.length, { timeout: 10_000 }).toBe(1)
  expect(acknowledged).toEqual([])
  disk.open()
  await Promise.all(both)
  expect(acknowledged).toEqual(['first', 'second'])
})

test('a write that fails is cut off again and fails nobody else', async () => {
  const folder = temporaryFolder()
  const journal = journalIn(folder)
  await journal.append(record('before'))
  const write = await fileOperation('write')
  // Half of it reaches the file, as on a disk that is nearly full.
  write.mockImplementationOnce(async function (this: FileHandle, ...[bytes, from, , at]: unknown[]) {
    write.mockRejectedValueOnce(new Error('ENOSPC'))
    const half = Buffer.from(bytes as Buffer).subarray(0, 10)
    return { bytesWritten: writeSync(this.fd, half, Number(from), half.length, Number(at)) }
  })
  await expect(journal.append(record('too much'))).rejects.toThrow('ENOSPC')
  await journal.append(record('after'))
  expect(kept(folder)).toEqual(['before', 'after'])
  expect(readdirSync(folder)).toHaveLength(1)
  const bytes = readFileSync(join(folder, readdirSync(folder)[0] ?? ''))
  expect(bytes).toEqual(Buffer.concat([record('before'), record('after')]))
})

test('where a failed write cannot be cut off, its segment is left and the next record goes elsewhere', async () => {
  const folder = temporaryFolder()
  const journal = journalIn(folder)
  await journal.append(record('before'))
  const write = await fileOperation('write')
  const truncate = await fileOperation('truncate')
  write.mockRejectedValueOnce(new Error('EIO'))
  truncate.mockRejectedValueOnce(new Error('EIO'))
  await expect(journal.append(record('lost'))).rejects.toThrow('EIO')
  await journal.append(record('after'))
  expect(readdirSync(folder)).toHaveLength(2)
  expect(kept(folder)).toEqual(['before', 'after'])
})

test('after a failed fsync its segment is never appended to again', async () => {
  const folder = temporaryFolder()
  const journal = journalIn(folder)
  await journal.append(record('before'))
  const datasync = await fileOperation('datasync')
  datasync.mockRejectedValueOnce(new Error('EIO'))
  await expect(journal.append(record('doubtful'))).rejects.toThrow('EIO')
  await journal.append(record('after'))
  const segments = readdirSync(folder).sort()
  expect(segments).toHaveLength(2)
  expect(kept(folder)).toContain('before')
  expect(decodeRecords(readFileSync(join(folder, segments[1] ?? ''))).payloads.map(String)).toEqual(['after'])
})

test('a seal lets what comes after it go to a segment that it does not name', async () => {
  const folder = temporaryFolder()
  const journal = journalIn(folder)
  const early = journal.append(record('early'))
  const sealing = journal.seal()
  const late = journal.append(record('late'))
  await Promise.all([early, late])
  const { firstOpen, appended } = await sealing
  await journal.append(record('last'))
  const below = readdirSync(folder).filter((name) => Number.parseInt(name, 10) < firstOpen)
  const named = below.flatMap((name) => decodeRecords(readFileSync(join(folder, name))).payloads.map(String))
  expect(named).toContain('early')
  expect(named).not.toContain('last')
  expect(appended.records).toBe(named.length)
  expect(journal.appended().records).toBe(3)
})

test('a long outage makes several segments, none of them large', async () => {
  const folder = temporaryFolder()
  const journal = journalIn(folder)
  const large = encodeRecord(Buffer.alloc(6 * 1024 * 1024, 'a'))
  for (let number = 0; number < 5; number++) await journal.append(large)
  expect(readdirSync(folder)).toHaveLength(2)
})

test('a disk that does not keep up is told of at once, and memory does not grow', async () => {
  const journal = journalIn(temporaryFolder())
  const datasync = await fileOperation('datasync')
  const disk = gate()
  datasync.mockImplementationOnce(() => disk.opened)
  const first = journal.append(record('first'))
  await expect.poll(() => datasync.mock.calls.length, { timeout: 10_000 }).toBe(1)
  const large = Buffer.alloc(33 * 1024 * 1024)
  const second = journal.append(large)
  await expect(journal.append(large)).rejects.toThrow('keep up')
  disk.open()
  await Promise.all([first, second])
})
