import { defineConfig } from 'vitest/config'
import house from './vitest.config.ts'

/**
 * What needs programs that npm does not install, or minutes of load (`npm run test:world`); one file at a time, since some
 * of them measure.
 */
export default defineConfig({
  test: {
    ...house.test,
    include: ['test/world/**/*.test.ts'],
    exclude: [],
    fileParallelism: false,
    testTimeout: 120_000,
  },
})
