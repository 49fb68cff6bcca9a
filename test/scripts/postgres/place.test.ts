import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ConfigurationError } from '#src/model/errors.ts'
import { otherThanRoot } from '../../../scripts/postgres/account.ts'
import { createCluster } from '../../../scripts/postgres/cluster.ts'
import { findPlace, type Place, packaged } from '../../../scripts/postgres/place.ts'
import { query } from '../../../scripts/postgres/query.ts'

const account = otherThanRoot()
let folder: string
let place: Place | undefined
beforeEach(() => {
  // mkdtemp lets nobody else in.
  folder = mkdtempSync(join(tmpdir(), 'max-comms-place-'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
  if (place) rmSync(place.folder, { recursive: true, force: true })
  place = undefined
})

it('a PostgreSQL runs from a folder with a space and an accent that lets nobody else in', async () => {
  place = findPlace(account, installedIn('un chemin été'))
  const cluster = await createCluster(place, { fsync: 'off' })
  await cluster.start()
  expect(await query(cluster.url, `select 1 as one`)).toEqual([{ one: 1 }])
  await cluster.crash()
})

it('from a path that the shell of initdb would read otherwise, the programs are copied', async () => {
  place = findPlace(undefined, installedIn('costs $HOME "more"'))
  expect(place.programs).toBe(join(place.folder, 'native', 'bin'))
})

// Whoever is not root is let into its own folders.
it.skipIf(account === undefined)('root’s own TMPDIR lets nobody in: another folder is taken', () => {
  vi.stubEnv('TMPDIR', folder)
  place = findPlace(account)
  expect(place.folder).toMatch(/^\/(var\/)?tmp\/max-comms-pg-\w+$/)
})

it('where no folder can be made, one line names TMPDIR', () => {
  vi.stubEnv('TMPDIR', join(folder, 'not', 'there'))
  expect(() => findPlace(account)).toThrow(ConfigurationError)
  expect(() => findPlace(account)).toThrow(/^TMPDIR: no folder can be made in .*there \(ENOENT: .*\)$/)
})

it('where its programs do not run, nothing is left of the try', () => {
  vi.stubEnv('TMPDIR', folder)
  expect(() => findPlace(account, join(folder, 'not', 'there'))).toThrow(
    /^PostgreSQL: its programs do not run \(.*ENOENT.*\)$/,
  )
  expect(readdirSync(folder)).toEqual([])
})

it.runIf(process.platform === 'linux')(
  'programs whose libraries npm did not link are refused with what to do',
  () => {
    const native = installedIn('unlinked')
    rmSync(join(native, 'lib', 'libicuuc.so.60'))
    expect(() => findPlace(account, native)).toThrow(
      /^PostgreSQL: its programs do not run \(.*libicuuc.*: run npm ci, without --ignore-scripts\)$/,
    )
  },
)

// Only root may become an account that the machine does not know.
it.skipIf(account === undefined)('an account without a line in /etc/passwd is told in one line', async () => {
  place = findPlace({ uid: 54_321, gid: 54_321 })
  await expect(createCluster(place, { fsync: 'off' })).rejects.toThrow(
    /^PostgreSQL: cannot be set up \(initdb: .*54321.*: start this as a user of \/etc\/passwd.*\)$/,
  )
})

it('what initdb refuses is told by the line of its error, not by what it says last', async () => {
  place = findPlace(account)
  mkdirSync(join(place.folder, 'data', 'taken'), { recursive: true, mode: 0o755 })
  await expect(createCluster(place, { fsync: 'off' })).rejects.toThrow(
    /^PostgreSQL: cannot be set up \(initdb: error: directory .* exists but is not empty: is there room in .*\)$/,
  )
})

/** The package as npm installs it under umask 077. */
function installedIn(name: string): string {
  const native = join(folder, name, 'native')
  mkdirSync(join(folder, name))
  cpSync(packaged(), native, { recursive: true, verbatimSymlinks: true })
  for (const program of ['initdb', 'postgres']) chmodSync(join(native, 'bin', program), 0o700)
  return native
}
