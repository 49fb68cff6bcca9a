import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockFolder } from '#src/runtime/lock.ts'
import { runFile } from '#support/command.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reset-'))
  for (const name of ['db', 'spool']) {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'file'), 'kept')
  }
  writeFileSync(join(folder, 'jwt-secret'), 'kept')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const reset = (args: string[], more: Record<string, string> = {}) =>
  runFile('scripts/reset.ts', args, { DATA_DIR: folder, ...more })
const kept = () => ['db', 'spool', 'jwt-secret'].filter((name) => existsSync(join(folder, name)))

it('deletes messages and spool, and not the key that signs tokens', async () => {
  expect(await reset(['--yes'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^reset: deleted /) })
  expect(kept()).toEqual(['jwt-secret'])
})

it('deletes nothing where nobody can be asked', async () => {
  expect(await reset([])).toMatchObject({ code: 1, stderr: expect.stringContaining('give --yes') })
  expect(kept()).toHaveLength(3)
})

it('deletes nothing under a server that runs', async () => {
  const lock = lockFolder(folder)
  const ended = await reset(['--yes'])
  lock?.release()
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('in use by another process') })
  expect(kept()).toHaveLength(3)
})

it('never empties a database of its own', async () => {
  const ended = await reset(['--yes'], { DATABASE_URL: 'postgresql://127.0.0.1:1/db' })
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the embedded database only') })
  expect(kept()).toHaveLength(3)
})
