import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openedAt } from '#support/database.ts'
import { makeDatabase } from '#support/make-database.ts'
import { distributionsPostgres, versionOf } from '../../scripts/postgres/distribution.ts'
import { type HostedPostgres, hostPostgres } from '../../scripts/postgres/hosted.ts'
import { storeConformance } from '../store/conformance/all.ts'
import { describeWith } from './needs.ts'

describeWith(
  { program: 'PostgreSQL', found: distributionsPostgres, debian: 'postgresql' },
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
        [{ major: versionOf(native) }],
      )
      await drop()
    })

    describe('keeps what a store promises', () => storeConformance(async () => openedAt(url)))
  },
)
