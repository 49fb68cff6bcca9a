import { once } from 'node:events'
import {
  type ClientRequestArgs,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Seen {
  target: string
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Answered {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The request as it reached the server; undefined where it did not. */
  seen: Seen | undefined
}

export interface Call {
  method?: string
  headers?: Record<string, string>
  body?: Buffer
  localAddress?: string
  /** Over http, to the redirect. */
  plain?: boolean
}

/** A server that keeps what it was asked, by the id that the caller sent along. */
export async function startUpstream() {
  const requests = new Map<string, Seen>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url = '', headers } = request
      requests.set(String(headers['x-test']), { target: url, headers, body: Buffer.concat(chunks) })
      if (headers['x-answer'] === 'hang up') return void request.socket.destroy()
      response.writeHead(Number(headers['x-answer'] ?? 200)).end('answered')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let last = 0
  return {
    port: portOf(server.address()),
    expect: () => String(++last),
    seen: (id: string) => requests.get(id),
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The answer to a request that goes to this port of loopback, with the id by which the server keeps it. */
export function asked(port: number, target: string, call: Call, id: string): Promise<Omit<Answered, 'seen'>> {
  const options: ClientRequestArgs = {
    host: '127.0.0.1',
    port,
    path: target,
    method: call.method ?? 'GET',
    agent: false,
    headers: { 'x-test': id, ...(call.body && { 'content-length': call.body.length }), ...call.headers },
    ...(call.localAddress && { localAddress: call.localAddress }),
  }
  return new Promise((resolve, reject) => {
    const request = call.plain
      ? httpRequest(options)
      : httpsRequest({ ...options, rejectUnauthorized: false, servername: 'localhost' })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() })
      })
    })
    request.end(call.body)
  })
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
