import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'

export interface ReceivedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/**
 * `hang`: never answers. `endless`: answers 200, and never comes to an end. `reset`: takes the whole request, then resets the connection. `cut`: the connection ends before the
 * answer does.
 */
export type Reply =
  | 'hang'
  | 'endless'
  | 'reset'
  | { status: number; headers?: Record<string, string>; body?: unknown; cut?: true }

export interface LocalApi {
  url: string
  requests: ReceivedRequest[]
}

/** What is to be done when what was started is not needed any more. */
export type WhenOver = (close: () => void) => void

/** A provider's API on a real port, for the length of one test unless told otherwise: keeps what it gets, answers what the test says. */
export async function localApi(
  reply: (request: ReceivedRequest) => Reply | Promise<Reply>,
  whenOver: WhenOver = onTestFinished,
): Promise<LocalApi> {
  const requests: ReceivedRequest[] = []
  const server = createServer(async (incoming, response) => {
    const { method = '', url: path = '', headers } = incoming
    const request = { method, path, headers, body: (await incoming.setEncoding('utf8').toArray()).join('') }
    requests.push(request)
    answer(response, await reply(request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  whenOver(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${portOf(server.address())}`, requests }
}

/** The URL of a server that resets every connection before it has read a byte of it. */
export async function resetsAtOnce(): Promise<string> {
  const server = createTcpServer((socket) => socket.resetAndDestroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${portOf(server.address())}`
}

/** The URL of a port on which nobody listens. */
export async function nobodyListens(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return
  if (reply === 'reset') {
    response.socket?.resetAndDestroy()
    return
  }
  if (reply === 'endless') {
    response.writeHead(200)
    const more = setInterval(() => response.write(' '.repeat(1_000)), 5)
    return void response.once('close', () => clearInterval(more))
  }
  const body = typeof reply.body === 'string' ? reply.body : (JSON.stringify(reply.body) ?? '')
  if (!reply.cut) return void response.writeHead(reply.status, reply.headers).end(body)
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length + 100 })
  response.write(body, () => response.socket?.destroy())
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('the server has no port')
}
