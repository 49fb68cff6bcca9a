import { startSandbox } from '#sandbox/start.ts'
import { onLeash } from '../leash.ts'

// Its webhooks come back long after the measurement: what is compared with a bare loop is the sending alone.
const sandbox = await startSandbox({ delayMs: 3_600_000 })
onLeash({ url: sandbox.url, environment: sandbox.environment }, () => sandbox.close())
