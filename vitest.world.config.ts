import { defineConfig } from 'vitest/config'
import { Progress } from './test/support/progress.ts'
import house, { slow } from './vitest.config.ts'

const measured = [
  'test/world/{loop-delay,webhook-memory,bad-input-memory}.test.ts',
  'test/world/chaos/{crowds,moments}.test.ts',
]

/**
 * What starts processes, needs programs that npm does not install, or minutes of load (`npm run test:world`). What measures times
 * or memory comes last, one file at a time; the others two at a time.
 */
export default defineConfig({
  test: {
    reporters: [new Progress()],
    projects: [
      { test: { ...house.test, name: 'slow', include: slow, exclude: [], sequence: { groupOrder: 0 } } },
      {
        test: {
          ...house.test,
          name: 'world',
          include: ['test/world/**/*.test.ts'],
          exclude: measured,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...house.test,
          name: 'measured',
          include: measured,
          exclude: [],
          maxWorkers: 1,
          testTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
