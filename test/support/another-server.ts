import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { createLog } from '#src/runtime/log.ts'
import { startServer } from '#src/server.ts'
import type { World } from './world.ts'

/** Another process of the same house, as far as the database can tell; at the address of the first with `instead`. */
export async function anotherServer(
  world: World,
  {
    instead = false,
    workerEveryMs = 25,
    environment = {} as Record<string, string>,
    now = () => new Date(),
  } = {},
) {
  const dataDir = mkdtempSync(join(tmpdir(), 'max-comms-test-'))
  const logLines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logLines.push(String(chunk))
      done()
    },
  })
  const server = await startServer(
    {
      ...world.sandbox.environment,
      NODE_ENV: 'test',
      PORT: instead ? new URL(world.url).port : '0',
      BASE_URL: world.url,
      DATABASE_URL: world.database.url,
      DATA_DIR: dataDir,
      JWT_SECRET: world.server.jwtSecrets[0],
      ...environment,
    },
    { log: createLog({ level: 'debug', runId: 'another', stream }), workerEveryMs, now },
  )
  return {
    url: server.url,
    logLines,
    async stop() {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
