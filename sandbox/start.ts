import { createServer } from 'node:http'
import express from 'express'
import { type Controls, controlApi, outageOrder } from './control.ts'
import { environmentOf } from './credentials.ts'
import { espocrmApi } from './espocrm/api.ts'
import { createBooks as createCrmBooks } from './espocrm/books.ts'
import { type SandboxCrm, sandboxCrm } from './espocrm/crm.ts'
import { greenapiApi } from './greenapi/api.ts'
import { createInstance, type InstanceState } from './greenapi/instance.ts'
import { createNotifications } from './greenapi/notifications.ts'
import { createJournal } from './greenapi/record.ts'
import type { SandboxLine } from './line.ts'
import { createOutages, type Outage } from './outages.ts'
import { createPost, type PostedWebhook } from './post.ts'
import { createRecent } from './recent.ts'
import { resendApi } from './resend/api.ts'
import { type Said, type Saying, say } from './say.ts'
import { sendgridApi } from './sendgrid/api.ts'
import { startSmtp } from './smtp/server.ts'
import { twilioApi } from './twilio/api.ts'
import { createBooks } from './twilio/record.ts'
import type { ReceivedMessage, World } from './world.ts'

export interface SandboxOptions {
  /** 0, the default: one that is free. */
  port?: number
  smtpPort?: number
  /** Where the server under test listens; may be told later with `setBaseUrl`. */
  baseUrl?: string
  /** The usual wait before a webhook. */
  delayMs?: number
  /** How long the story `timeout` is silent before the line is cut. */
  holdMs?: number
  log?: (line: SandboxLine) => void
  now?: () => Date
}

/** A running fake outside world. */
export interface Sandbox {
  url: string
  smtpPort: number
  /** The complete `.env` block that makes a server talk to it. */
  environment: Record<string, string>
  setBaseUrl(url: string): void
  /** Every message that a provider accepted, the oldest first; the newest 10,000. */
  received(): ReceivedMessage[]
  webhooks(): PostedWebhook[]
  /** Resolves when no webhook is scheduled or under way. */
  idle(): Promise<void>
  /** Makes a customer write; resolves when the webhook has had its first answer. */
  say(input: Saying): Promise<Said>
  outage(outage: Outage): void
  endOutages(): void
  /** Logs Green-API's phone out, or in again …; resolves with the first answer of the webhook that tells it. */
  setGreenapiState(state: InstanceState): Promise<number | null>
  /** EspoCRM: what is in it, and how it behaves. */
  crm: SandboxCrm
  /** Forgets messages, webhooks, who was turned away, who said STOP, and what is in the CRM. */
  forget(): void
  close(): Promise<void>
}

/** Starts Twilio, SendGrid, Resend, Green-API, EspoCRM and an SMTP server, all on loopback. Rejects when a port is busy. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = createWorld(options)
  const books = createBooks()
  const journal = createJournal()
  const notifications = createNotifications(world)
  const instance = createInstance(world, journal, notifications)
  const crmBooks = createCrmBooks(world.now)
  const controls: Controls = {
    say: (input) => say(world, books, journal, notifications, input),
    setGreenapiState: (state) => instance.become(state),
    crm: sandboxCrm(crmBooks),
    setBaseUrl(url) {
      world.baseUrl = trimmed(url)
    },
    forget() {
      for (const memory of [world.received, world.turnedAway, books.records, books.stopped, journal])
        memory.clear()
      instance.clearQueue()
      world.post.forget()
      crmBooks.forget()
    },
  }
  const app = express()
  app.disable('x-powered-by')
  app.use('/twilio', twilioApi(world, books))
  app.use('/sendgrid', sendgridApi(world))
  app.use('/resend', resendApi(world))
  app.use('/greenapi', greenapiApi(world, journal, instance))
  app.use('/espocrm', espocrmApi(world, crmBooks))
  app.use('/sandbox', controlApi(world, controls))
  app.use((_request, response) => void response.status(404).json({ error: 'nothing here: see GET /sandbox' }))

  const http = await listening(app, options.port ?? 0)
  const smtp = await startSmtp(world, options.smtpPort ?? 0).catch(async (error: unknown) => {
    await http.close()
    throw error
  })
  const url = `http://127.0.0.1:${http.port}`
  return {
    ...controls,
    url,
    smtpPort: smtp.port,
    environment: environmentOf(url, smtp.port),
    received: () => world.received.values(),
    webhooks: () => world.post.attempts(),
    idle: () => world.post.idle(),
    outage: (outage) => world.outages.begin(outageOrder.parse(outage)),
    endOutages: () => world.outages.end(),
    async close() {
      world.post.close()
      await Promise.all([http.close(), smtp.close()])
    },
  }
}

function createWorld(options: SandboxOptions): World {
  const { now = () => new Date(), log = () => {}, delayMs = 0, holdMs = 30_000, baseUrl } = options
  return {
    now,
    log,
    delayMs,
    holdMs,
    baseUrl: baseUrl === undefined ? undefined : trimmed(baseUrl),
    received: createRecent(),
    turnedAway: createRecent(),
    outages: createOutages(now),
    post: createPost({ now, log }),
  }
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '')
}

async function listening(
  app: express.Express,
  wanted: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : wanted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
