import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Oddity = (response: ServerResponse, elsewhere: string) => void

const answered =
  (status: number, body: string, headers: Record<string, string> = {}): Oddity =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
/** Too many, and when to come again in every header that a provider has for it. */
const wait = (value: string) =>
  answered(429, '{}', { 'retry-after': value, 'ratelimit-reset': value, 'x-ratelimit-reset': value })
const html = { 'content-type': 'text/html' }
const page = '<html><body><h1>Request blocked</h1></body></html>'

/** What a provider, or whatever stands before it, has answered somewhere, or may. */
export const oddities: ReadonlyMap<string, Oddity> = new Map([
  ['wait-until-an-epoch', wait('1798761600')],
  ['wait-in-milliseconds', wait('1798761600000')],
  ['wait-for-ever', wait('1000000000000000')],
  ['wait-a-negative-time', wait('-60')],
  ['wait-until-a-past-date', wait('Wed, 21 Oct 2015 07:28:00 GMT')],
  ['wait-for-a-word', wait('soon')],
  ['wait-for-nothing', wait('')],
  ['html-200', answered(200, page, html)],
  ['html-403', answered(403, page, html)],
  ['html-502', answered(502, page, html)],
  ['empty-200', answered(200, '')],
  ['empty-429', answered(429, '')],
  ['nothing-204', (response) => void response.writeHead(204).end()],
  ['json-null', answered(200, 'null')],
  ['json-list', answered(200, '[]')],
  ['json-other-types', answered(201, '{"sid":5,"id":{},"idMessage":[1],"status":7,"num_segments":1}')],
  ['json-cut', answered(200, '{"sid":"SM')],
  ['json-deep', answered(200, '['.repeat(100_000))],
  ['code-as-text', answered(400, '{"code":"21211","message":"not a number","status":"400"}')],
  ['redirect', (response, elsewhere) => void response.writeHead(302, { location: elsewhere }).end()],
  ['early-close', (response) => void response.socket?.destroy()],
  [
    'cut',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"sid":')
      setTimeout(() => response.socket?.destroy(), 50)
    },
  ],
  [
    'endless',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = setInterval(() => response.write(' '.repeat(10_000)), 20)
      response.once('close', () => clearInterval(more))
    },
  ],
])

/** An API that answers each message as its text asks ("oddity:<name>"), and tells whether it was led elsewhere. */
export async function startOddApi() {
  let elsewhere = 0
  const server = createServer(async (request, response) => {
    const asked = decodeURIComponent((await text(request).catch(() => '')).replaceAll('+', ' '))
    const name = /oddity:([a-z0-9-]+)/.exec(asked)?.[1] ?? ''
    if (request.url === '/elsewhere') elsewhere++
    const oddity = oddities.get(name)
    if (oddity) oddity(response, '/elsewhere')
    else response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    environment: {
      TWILIO_API_URL: url,
      SENDGRID_API_URL: url,
      RESEND_API_URL: url,
      GREEN_API_URL: url,
    },
    elsewhere: () => elsewhere,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
