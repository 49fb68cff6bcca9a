import { createWriteStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { signToken } from '#src/api/token.ts'
import { createLog } from '#src/runtime/log.ts'
import { type Server, startServer } from '#src/server.ts'
import { freePort } from '../free-port.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export interface DemoWorld {
  server: Server
  sandbox: Sandbox
  token: string
  logFile: string
  stop(): Promise<void>
}

/**
 * The sandbox and a server that knows nothing but it: no `.env`, no variable of yours, a folder of its own that is
 * removed at the end.
 */
export async function startDemoWorld(webhookDelayMs: number): Promise<DemoWorld> {
  const folder = temporaryFolder('max-comms-demo-')
  const logFile = join(folder, 'server.log')
  const port = await freePort(3_000)
  const baseUrl = `http://127.0.0.1:${port}`
  const sandbox = await startSandbox({
    port: await freePort(4_010),
    smtpPort: await freePort(4_025),
    baseUrl,
    delayMs: webhookDelayMs,
  })
  const log = createLog({ level: 'info', runId: 'demo', stream: createWriteStream(logFile) })
  const server = await startServer(
    {
      ...sandbox.environment,
      PORT: String(port),
      BASE_URL: baseUrl,
      DATA_DIR: folder,
      AUTO_REPLY_CONFIRMED: 'Merci ! Votre {{name}} du {{date}} à {{time}} est confirmée.',
      AUTO_REPLY_CANCELLED: 'C’est noté, votre {{name}} du {{date}} est annulée.',
    },
    { log },
  )
  return {
    server,
    sandbox,
    token: await signToken(server.jwtSecrets[0] ?? '', { tenantId: 'demo', ops: true, expires: '1d' }),
    logFile,
    async stop() {
      await server.stop()
      await sandbox.close()
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
