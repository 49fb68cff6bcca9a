import { defineConfig } from 'vitest/config'
import { Progress } from './test/support/progress.ts'
import house, { slow } from './vitest.config.ts'

const drills = ['test/world/chaos/{crashes,week}.test.ts', 'test/world/tutorials.test.ts']

/**
 * What starts processes, needs programs that npm does not install, or minutes of load (`npm run test:world`). Two of the drills and the
 * tutorials mostly wait: two at a time. What else stands in test/world comes last, one file at a time, since some of it measures.
 */
export default defineConfig({
  test: {
    reporters: [new Progress()],
    projects: [
      { test: { ...house.test, name: 'slow', include: slow, exclude: [], sequence: { groupOrder: 0 } } },
      {
        test: {
          ...house.test,
          name: 'drills',
          include: drills,
          exclude: [],
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...house.test,
          name: 'world',
          include: ['test/world/**/*.test.ts'],
          exclude: drills,
          maxWorkers: 1,
          testTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
