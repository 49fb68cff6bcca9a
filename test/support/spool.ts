import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { onTestFinished, vi } from 'vitest'
import { createLog } from '#src/runtime/log.ts'
import { createJournal } from '#src/spool/journal.ts'
import { openSpool } from '#src/spool/spool.ts'

export const now = () => new Date('2026-11-22T10:00:00.000Z')

/** A log that nobody reads. */
export function silentLog() {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  return createLog({ level: 'error', runId: 'test', stream })
}

/** A folder for the length of one test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'max-comms-spool-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A spool in a folder, closed when the test ends. */
export async function spoolIn(dataDir: string) {
  const spool = await openSpool({ dataDir, log: silentLog(), now })
  // A test may have closed it itself.
  onTestFinished(() => spool.close().catch(() => {}))
  return spool
}

/** A journal in a folder, whose file is closed when the test ends. */
export function journalIn(folder: string) {
  const journal = createJournal(folder)
  onTestFinished(() => void journal.seal())
  return journal
}

/** Drains a spool into lists: the payloads as text. */
export function draining() {
  const committed: string[] = []
  const damaged: Buffer[] = []
  return {
    committed,
    damaged,
    commit: async (payloads: readonly Buffer[]) => void committed.push(...payloads.map(String)),
    keepDamaged: async (bytes: Buffer) => void damaged.push(bytes),
  }
}

/** The journals' files below a data folder, as paths relative to its spool. */
export function journals(dataDir: string): string[] {
  const names = readdirSync(join(dataDir, 'spool'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.journal')).sort()
}

type FileOperation = 'datasync' | 'write' | 'truncate'

/** Watches, or replaces, one operation of every open file for the length of a test. */
export async function fileOperation(name: FileOperation) {
  const probe = await open(import.meta.filename, 'r')
  const spy = vi.spyOn(Object.getPrototypeOf(probe), name)
  await probe.close()
  onTestFinished(() => spy.mockRestore())
  return spy
}
