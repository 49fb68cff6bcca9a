import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { hostPostgres } from '../../../scripts/postgres/hosted.ts'
import { query } from '../../../scripts/postgres/query.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'max-comms-hosted-'))
  // PostgreSQL's account, where root runs this, is let in.
  chmodSync(folder, 0o755)
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

it('what is committed outlives a crash; after the stop nothing is left of it', async () => {
  const postgres = await hostPostgres({ fsync: 'off' })
  await query(postgres.url, 'create table kept as select 1 as one')
  await postgres.crash()
  await expect(query(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  await postgres.start()
  expect(await query(postgres.url, 'select * from kept')).toEqual([{ one: 1 }])
  expect(readdirSync(folder)).toHaveLength(1)
  await postgres.stop()
  await expect(query(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
  expect(readdirSync(folder)).toEqual([])
})

it('variables that are meant for another PostgreSQL steer neither it nor who connects', async () => {
  for (const [name, value] of Object.entries({ PGPORT: '1', PGDATESTYLE: 'none such', PGSSLMODE: 'require' }))
    vi.stubEnv(name, value)
  const postgres = await hostPostgres({ fsync: 'off' })
  expect(await query(postgres.url, 'show datestyle')).toEqual([{ DateStyle: 'ISO, MDY' }])
  await postgres.stop()
})

it('it ends with the process that started it, though that is killed, and leaves nothing', async () => {
  const file = fileURLToPath(new URL('../../support/hold-postgres.ts', import.meta.url))
  const holder = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface(holder.stdout), 'line')
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
  holder.kill('SIGKILL')
  await vi.waitFor(() => expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED'), { timeout: 30_000 })
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 30_000 })
})

it('a setting that PostgreSQL does not know is told in one line', async () => {
  await expect(hostPostgres({ no_such_setting: 'on' })).rejects.toThrow(
    /^PostgreSQL: does not start \(.*unrecognized configuration parameter "no_such_setting"\)$/,
  )
})
