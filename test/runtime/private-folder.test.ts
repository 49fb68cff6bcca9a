import { chmodSync, globSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ConfigurationError } from '#src/model/errors.ts'
import { privateFolder } from '#src/runtime/private-folder.ts'
import { startServer } from '#src/server.ts'
import { collectedLog } from '#support/log-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'max-comms-private-'))
const usual = process.umask()
afterAll(() => {
  process.umask(usual)
  rmSync(folder, { recursive: true, force: true })
})

const modeOf = (path: string) => statSync(path).mode & 0o777
const start = (dataDir: string) => startServer({ DATA_DIR: dataDir, PORT: '0' }, { log: collectedLog().log })

test('what the data folder holds is its owner’s alone, under any umask, and what stood open is closed', async () => {
  const dataDir = join(folder, 'data')
  mkdirSync(join(dataDir, 'db'), { recursive: true, mode: 0o755 })
  process.umask(0)
  const server = await start(dataDir).finally(() => process.umask(usual))
  const held = ['db', 'jwt-secret', 'lock', 'lock.pid', 'spool', ...globSync('spool/**', { cwd: dataDir })]
  expect(held.length).toBeGreaterThan(7)
  for (const name of held) expect([name, modeOf(join(dataDir, name)) & 0o077]).toEqual([name, 0])
  await server.stop()
}, 120_000)

test.each([0o000, 0o002, 0o177])('a new folder is its owner’s under umask %o', (umask) => {
  const made = join(folder, `new-${umask}`)
  process.umask(umask)
  try {
    privateFolder(made)
  } finally {
    process.umask(usual)
  }
  expect(modeOf(made)).toBe(0o700)
})

test.each([
  ['everybody', 0o707],
  ['its group', 0o770],
])('a data folder into which %s may write stops the start, with the remedy', async (_whose, mode) => {
  const dataDir = join(folder, `open-${mode}`)
  mkdirSync(dataDir)
  chmodSync(dataDir, mode)
  const stopped = start(dataDir)
  await expect(stopped).rejects.toBeInstanceOf(ConfigurationError)
  await expect(stopped).rejects.toThrow(`chmod go-w ${dataDir}`)
})
