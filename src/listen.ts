import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { ConfigurationError } from './errors.ts'

/** Longer than a proxy keeps its connections: otherwise a request may meet one that we have just closed. */
const keepAliveTimeoutMs = 75_000

export interface Listener {
  /** Where it listens: `http://127.0.0.1:3000`. */
  url: string
  /** Takes no new request, and resolves when those under way are answered. */
  close(): Promise<void>
}

/** Listens for HTTP. Throws ConfigurationError where the port is somebody else's. */
export async function listen(handler: RequestListener, port: number, host: string): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, handler)
  server.listen(port, host)
  await once(server, 'listening').catch((error) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
      throw new ConfigurationError(
        `configuration: PORT ${port} is in use (stop the other process, or set another)`,
      )
    throw error
  })
  const address = server.address()
  const actualPort = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      await closed
    },
  }
}
