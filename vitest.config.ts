import { defineConfig } from 'vitest/config'
import { Progress } from './test/support/progress.ts'

if (Number(process.versions.node.split('.')[0]) < 24)
  throw new Error(
    `Node ${process.versions.node} runs this; the tests need 24 or newer (start them with: npm test)`,
  )

/** Tests that start whole processes or servers, fill tables, or wait for real: `npm run test:world` runs them, two files at a time. */
export const slow = [
  'test/scripts/**/*.test.ts',
  'test/crm/{behind-a-proxy,refusing}.test.ts',
  'test/doors/{bodies,emails,refusing-database,send-later,unsubscribe}.test.ts',
  'test/runtime/private-folder.test.ts',
  'test/email/{by-whom,tracking}.test.ts',
  'test/providers/greenapi/phone-away.test.ts',
  'test/sending/{fail-over,fail-over-breaker,fail-over-carried,flow,our-fault,smtp-fault,turns,unknown,worker}.test.ts',
  'test/server/{boot,stop}.test.ts',
  'test/store/{ages-before,concurrency,concurrently,counts,embedded,lock-holder,migrate,names,old-instance,permutations,plans,privileges,reads,rereading,told-once,unheard}.test.ts',
  'test/trials/{batch,first-start,names-by-greenapi,names-by-twilio}.test.ts',
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/world/**', ...slow],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/prints-nothing.ts'],
    reporters: [new Progress()],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // A module is loaded once by each of the two workers, not by each file: most of what a short file took.
    isolate: false,
  },
})
