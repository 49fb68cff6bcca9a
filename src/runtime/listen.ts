import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ConfigurationError } from '#src/model/errors.ts'

/** Longer than a proxy keeps its connections: otherwise a request may meet one that we have just closed. */
const keepAliveTimeoutMs = 75_000

/** A whole request comes within this time: the longest that a door gives a body, and its wait for room. */
const requestTimeoutMs = 120_000
const headersTimeoutMs = 20_000
/** An answer is taken within this time: what nobody takes is kept in our memory. */
const takenWithinMs = 60_000
/** What is not HTTP is told so, and has this long to read it: who never closes would keep the connection for ever. */
const refusedWithinMs = 5_000

/**
 * How long a stop waits for requests that do not end: as long as a send may take, so that its caller is told. Less than the
 * stop_grace_period of docker-compose.yml; a second signal ends the process at once.
 */
const graceMs = 95_000
/** How long it waits for a request that has not arrived whole: its client may send it again. */
const uploadGraceMs = 5_000

/** How long a whole request, its head alone, whoever takes an answer, and whoever is refused one are waited for. */
interface Patience {
  requestMs: number
  headersMs: number
  takenMs: number
  refusedMs: number
}

export interface Listener {
  /** Where it listens: `http://127.0.0.1:3000`. */
  url: string
  /** Takes no new request, and resolves when those under way are answered, at most `graceMs` later. */
  close(): Promise<void>
}

/**
 * Listens for HTTP. Whoever sends a request or takes an answer too slowly is cut. Throws ConfigurationError where the port is
 * somebody else's.
 */
export async function listen(
  handler: RequestListener,
  port: number,
  host: string,
  patience: Partial<Patience> = {},
): Promise<Listener> {
  const server = impatientServer(handler, patience)
  const connections = new Set<Socket>()
  const underWay = new Set<ServerResponse<IncomingMessage>>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  server.on('request', (_request, response) => {
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
  })
  const { refusedMs = refusedWithinMs } = patience
  server.on('clientError', (error, socket) => refuse(error, socket, refusedMs))
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
      // What is answered from now on is the last of its connection.
      for (const response of underWay) response.shouldKeepAlive = false
      const cut = setTimeout(() => {
        const whole = new Set([...underWay].filter(({ req }) => req.complete).map(({ req }) => req.socket))
        for (const socket of connections) if (!whole.has(socket)) socket.destroy()
      }, uploadGraceMs)
      // A connection that its client keeps is let go once its request is answered, not when it times out.
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      const end = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearInterval(sweep)
      clearTimeout(cut)
      clearTimeout(end)
    },
  }
}

function impatientServer(
  handler: RequestListener,
  { requestMs = requestTimeoutMs, headersMs = headersTimeoutMs, takenMs = takenWithinMs }: Partial<Patience>,
): Server {
  const server = createServer(
    {
      keepAliveTimeout: keepAliveTimeoutMs,
      requestTimeout: requestMs,
      headersTimeout: headersMs,
      connectionsCheckingInterval: Math.min(headersMs, 5_000),
    },
    handler,
  )
  server.prependListener('request', (_request, response) => cutWhereNotTaken(response, takenMs))
  return server
}

/** `prefinish`: the answer is complete, and waits for whoever asked. */
function cutWhereNotTaken(response: ServerResponse, takenMs: number): void {
  response.once('prefinish', () => {
    const cut = setTimeout(() => response.destroy(), takenMs)
    response.once('close', () => clearTimeout(cut))
  })
}

const notHttp = ['400 Bad Request', 'invalid_request', 'request: is not valid HTTP'] as const
const refusals = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    ['431 Request Header Fields Too Large', 'too_large', 'headers: larger than 16 KB'] as const,
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    ['408 Request Timeout', 'too_slow', 'request: comes too slowly (send it again)'] as const,
  ],
])

/** What is not HTTP never reaches the application: it is answered here in the same form, and let go. */
function refuse(error: Error & { code?: string }, socket: Duplex, refusedMs: number): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const [status, code, message] = refusals.get(error.code ?? '') ?? notHttp
  const body = JSON.stringify({ success: false, error: { code, message } })
  const headers = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${randomUUID()}`,
    'Connection: close',
  ]
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`)
  const cut = setTimeout(() => socket.destroy(), refusedMs)
  socket.once('close', () => clearTimeout(cut))
}
