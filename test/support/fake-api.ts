import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { freePort } from '../../scripts/free-port.ts'

type Name = 'twilio' | 'sendgrid' | 'resend' | 'greenapi'

interface Reply {
  status: number
  headers?: Record<string, string>
  body?: unknown
}

interface Call {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** Twilio, SendGrid, Resend and Green-API as the test wants them: each accepts, unless the test says what it does. */
export interface FakeApi {
  environment: Record<string, string>
  /** `reset` breaks the connection where an answer is due. */
  replies: Map<Name, Reply | 'reset'>
  /** How long a send is under way. */
  slowMs: number
  /** What happens while it is. */
  meanwhile: (call: Call) => void
  calls(name: Name): Call[]
  /** Refuses every connection, until it is back. */
  away(): Promise<void>
  back(): Promise<void>
}

export async function startFakeApi(): Promise<FakeApi> {
  const replies: FakeApi['replies'] = new Map()
  const calls: Call[] = []
  // Nobody else is given it while this API is away.
  const port = await freePort()
  let server: Server | undefined

  async function back(): Promise<void> {
    server = createServer(async (request, response) => {
      const path = request.url ?? ''
      const call = { path, headers: request.headers, body: await text(request) }
      // Nobody is on a provider's own list, and asking for it is not a call that a test counts.
      if (/\/suppressions?[/?]/.test(path))
        return void response.end(path.startsWith('/resend') ? '{"data":[]}' : '[]')
      calls.push(call)
      api.meanwhile(call)
      await new Promise((resolve) => setTimeout(resolve, api.slowMs))
      const name = names.find((one) => path.startsWith(`/${one}/`)) ?? 'twilio'
      const reply = replies.get(name) ?? acceptance(name)
      if (reply === 'reset') return void request.socket.resetAndDestroy()
      const json = { 'content-type': 'application/json', connection: 'close' }
      response.writeHead(reply.status, { ...json, ...reply.headers })
      response.end(reply.body === undefined ? '' : JSON.stringify(reply.body))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }

  const api: FakeApi = {
    environment: {},
    replies,
    slowMs: 0,
    meanwhile: () => {},
    calls: (name) => calls.filter(({ path }) => path.startsWith(`/${name}/`)),
    back,
    async away() {
      if (!server?.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  await back()
  const url = `http://127.0.0.1:${port}`
  api.environment = {
    TWILIO_API_URL: `${url}/twilio`,
    SENDGRID_API_URL: `${url}/sendgrid`,
    RESEND_API_URL: `${url}/resend`,
    GREEN_API_URL: `${url}/greenapi`,
  }
  return api
}

const names: Name[] = ['twilio', 'sendgrid', 'resend', 'greenapi']

function acceptance(name: Name): Reply {
  if (name === 'sendgrid') return { status: 202, headers: { 'x-message-id': randomUUID() } }
  if (name === 'resend') return { status: 200, body: { id: randomUUID() } }
  if (name === 'greenapi') return { status: 200, body: { idMessage: randomBytes(10).toString('hex') } }
  const sid = `SM${randomBytes(16).toString('hex')}`
  return { status: 201, body: { sid, status: 'queued', from: null, num_segments: '1', error_code: null } }
}
