import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'

export interface ReceivedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

/** `hang`: never answers. `reset`: takes the whole request, then drops the connection. */
export type Reply = 'hang' | 'reset' | { status: number; headers?: Record<string, string>; body?: unknown }

export interface LocalApi {
  url: string
  requests: ReceivedRequest[]
}

/** A provider's API on a real port for the length of one test: keeps what it gets, answers what the test says. */
export async function localApi(
  reply: (request: ReceivedRequest) => Reply | Promise<Reply>,
): Promise<LocalApi> {
  const requests: ReceivedRequest[] = []
  const server = createServer(async (incoming, response) => {
    const { method = '', url: path = '', headers } = incoming
    const request = { method, path, headers, body: (await incoming.setEncoding('utf8').toArray()).join('') }
    requests.push(request)
    answer(response, await reply(request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${portOf(server.address())}`, requests }
}

/** The URL of a port on which nobody listens. */
export async function nobodyListens(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return
  if (reply === 'reset') {
    response.socket?.destroy()
    return
  }
  response.writeHead(reply.status, reply.headers)
  response.end(
    typeof reply.body === 'string' || reply.body === undefined ? reply.body : JSON.stringify(reply.body),
  )
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('the server has no port')
}
