import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openedAt } from '#support/database.ts'
import { makeDatabase } from '#support/make-database.ts'
import { type HostedPostgres, hostPostgres } from '../../scripts/postgres/hosted.ts'
import { storeConformance } from '../store/conformance/all.ts'
import { describeWith } from './needs.ts'

/** The newest that a distribution has put there: Debian's folders, then those of the PostgreSQL project for Red Hat. */
const [found] = globSync(['/usr/lib/postgresql/*/bin/initdb', '/usr/pgsql-*/bin/initdb'])
  .map((initdb) => dirname(dirname(initdb)))
  .toSorted((one, other) => version(other) - version(one))

describeWith(
  { program: 'PostgreSQL', found, debian: 'postgresql' },
  'a distribution’s PostgreSQL',
  (native) => {
    let postgres: HostedPostgres
    let url: string
    beforeAll(async () => {
      postgres = await hostPostgres({ fsync: 'off' }, native)
      url = await makeDatabase(postgres.url, 'max_comms')
    })
    afterAll(() => postgres?.stop())

    it('is not the one that npm has installed', async () => {
      const { query, drop } = openedAt(url)
      expect(await query('select current_setting($1)::int / 10000 as major', ['server_version_num'])).toEqual(
        [{ major: version(native) }],
      )
      await drop()
    })

    describe('keeps what a store promises', () => storeConformance(async () => openedAt(url)))
  },
)

function version(folder: string): number {
  return Number(/\d+$/.exec(folder)?.[0])
}
