import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createStore, type Store } from '#src/store/store.ts'
import { testDatabase } from '#support/database.ts'
import { makeDatabase } from '#support/make-database.ts'
import { distributionsPostgres } from '../../scripts/postgres/distribution.ts'
import { hostPostgres } from '../../scripts/postgres/hosted.ts'
import { cases } from './million/cases/all.ts'
import { fill } from './million/fill.ts'
import { measuredDatabase, type Reading } from './million/measured-database.ts'
import { describeWith } from './needs.ts'

// Whatever is asked of a million messages reads what it needs and no more, by the first plans of a session and by those that it
// keeps from the sixth call on. How long it takes is for nobody to see on a machine that does other things too. The PostgreSQL
// of npm has no JIT; a distribution's has.

/** Pages for a call that may find nothing, and for each thing that it may find or change, with its rows' indexes. */
const mostBlocks = ({ things }: Reading) => 700 + 200 * things
const callsOfEach = 8

/** What still reads as much as there is of something; a case that does not any more fails until it is taken out of here. */
const growing = new Set([
  // As many rows as hours have passed, by tenant and channel.
  'messageStats of 200 days, of one channel',
  // Who waits before it, of a provider that takes some hundreds an hour.
  'takeTurn first',
  'listDeadJobs of a tenant that has none',
  'claimStaleQueue in which nothing of ours lies',
  'meantAppointment by what the address wrote that gets most',
  // All that was told of the address: some milliseconds for the busiest, when a person enters or frees it.
  'suppressAddress that gets most',
  'releaseAddress that nobody entered',
])

describe('a million messages on the PostgreSQL of all tests', () => {
  readsWhatItNeeds(async () => {
    const { url, drop } = await testDatabase()
    return { url, end: drop }
  })
})

describeWith(
  { program: 'PostgreSQL', found: distributionsPostgres, debian: 'postgresql' },
  'a million messages on a distribution’s PostgreSQL, with JIT',
  (native) => {
    readsWhatItNeeds(async () => {
      const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', jit: 'on' }
      const { url, stop } = await hostPostgres(settings, native)
      return { url: await makeDatabase(url, 'max_comms'), end: stop }
    })
  },
)

function readsWhatItNeeds(open: () => Promise<{ url: string; end: () => Promise<void> }>): void {
  const readings: Reading[] = []
  let end: () => Promise<void>
  let store: Store
  beforeAll(async () => {
    const opened = await open()
    end = opened.end
    const database = await measuredDatabase(opened.url, (reading) => readings.push(reading))
    await fill(database.query)
    store = createStore(database)
  }, 600_000)
  afterAll(async () => {
    await store?.close()
    await end?.()
  })
  beforeEach(() => {
    readings.length = 0
  })

  for (const [call, ways] of Object.entries(cases))
    for (const [way, ask] of Object.entries(ways)) {
      const test = growing.has(`${call} ${way}`) ? it.fails : it
      test(`${call} ${way}`, async () => {
        await ask(store, 0)
        // A session reads the catalogue first.
        readings.length = 0
        for (let before = 1; before < callsOfEach; before++) await ask(store, before)
        expect(readings.length).toBeGreaterThan(0)
        expect(readings.filter((reading) => reading.blocks > mostBlocks(reading))).toEqual([])
      })
    }
}
