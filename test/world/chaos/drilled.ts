import { expect } from 'vitest'
import type { Figures } from '../../../scripts/chaos/account.ts'
import type { Postgres } from '../../../scripts/chaos/postgres.ts'
import type { Drill } from '../../../scripts/chaos/world.ts'
import { createRandom } from '../../../scripts/random.ts'

/** Runs a part of a drill of `npm run chaos` (1 is all of it), expects that nothing is wrong and gives its figures. */
export async function drilled(
  drill: (tools: Drill) => Promise<Figures>,
  postgres: Postgres,
  share: number,
): Promise<Figures> {
  const figures = await drill({ postgres, random: createRandom(1), say: () => {}, share })
  expect(figures.wrong).toEqual([])
  expect(figures.acknowledged).toBeGreaterThan(0)
  expect(figures).toMatchObject({
    kept: figures.acknowledged,
    doubled: 0,
    lost: 0,
    sendsDoubled: 0,
    sendsLost: 0,
  })
  return figures
}
