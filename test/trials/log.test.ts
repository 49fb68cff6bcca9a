import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { signToken } from '#src/api/token.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import {
  drained,
  fromGreenapi,
  fromResend,
  fromSendgrid,
  fromTwilio,
  post,
  type SignedRequest,
} from '#support/signed.ts'
import {
  greenapiInbound,
  greenapiStatus,
  resendEvent,
  sendgridEvent,
  twilioInbound,
  twilioStatus,
} from '#support/told.ts'
import { freePort } from '../../scripts/free-port.ts'

/** The server as ops runs it, a process of its own; what it wrote is read when it has ended. */
const jwtSecret = 'kept-from-every-log-0123456789abcdef'
const words = ['Konfidentiell', 'Zahnschmerzen', 'Geheimnis']
const everyStory = [
  'ok',
  'bounce',
  'full',
  'blocked',
  'spam',
  'refused',
  'busy',
  'down',
  'timeout',
  'drop',
  'silent',
]
const endings = ['70', '80', '81', '82', '83', '84', '85', '86', '87', '89', '90', '91', '95', '97', '98']

let folder: string
let database: TestDatabase
let sandbox: Sandbox
let child: ChildProcess
let url: string
let exitCode: number | null
let stdout = ''
let stderr = ''
let inFile = ''
let token: string
let requests = 0
const webhookIds: string[] = []
const posted: SignedRequest[] = []
const addresses: string[] = []
const numbers: string[] = []

interface Line {
  message: string
  requestId?: string
  runId?: string
  [field: string]: unknown
}
let lines: Line[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  database = await testDatabase()
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  sandbox = await startSandbox({ baseUrl: url, delayMs: 0, holdMs: 100 })
  token = await signToken(jwtSecret, { tenantId: 't1', expires: '1h' })
  start(port)
  await vi.waitFor(() => fetch(`${url}/health`), { timeout: 60_000, interval: 50 })
  await sendEverything()
  await hearEverything()
  await sandbox.idle()
  await drained(url)
  child.kill('SIGTERM')
  ;[exitCode] = await once(child, 'close')
  inFile = await readFile(join(folder, 'message_events.log'), 'utf8')
  lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}, 180_000)

afterAll(async () => {
  child.kill('SIGKILL')
  await sandbox.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

test('trial 28: the story was broad: every provider, every end, every refusal is in the log', () => {
  const outcomes = new Map<string, Set<unknown>>()
  for (const { message, provider, outcome } of lines)
    if (message === 'attempt_ended')
      outcomes.set(String(provider), (outcomes.get(String(provider)) ?? new Set()).add(outcome))
  for (const provider of ['smtp', 'sendgrid', 'resend', 'twilio', 'greenapi'])
    expect([...(outcomes.get(provider) ?? [])].toSorted(), provider).toEqual(
      expect.arrayContaining(['accepted', 'refused', 'retryable', 'unknown']),
    )
  const codes = new Set(lines.map(({ code }) => code))
  for (const code of [
    'unauthorized',
    'forbidden',
    'invalid_params',
    'not_proven',
    'not_found',
    'unknown_action',
  ])
    expect(codes).toContain(code)
  expect(lines.some(({ quarantined }) => Number(quarantined) > 0)).toBe(true)
  for (const provider of ['sendgrid', 'resend', 'twilio', 'greenapi'])
    expect(lines.some((line) => line.message === 'webhook_recorded' && line.provider === provider)).toBe(true)
})

test('trial 28: no secret of ours or of a provider is in any line', () => {
  const { twilio, sendgrid, resend, greenapi } = credentials
  const basic = (user: string, password: string) => Buffer.from(`${user}:${password}`).toString('base64')
  nowhere([
    jwtSecret,
    token,
    ...token.split('.').slice(1),
    twilio.authToken,
    basic(twilio.accountSid, twilio.authToken),
    sendgrid.apiKey,
    sendgrid.publicKey,
    resend.apiKey,
    resend.webhookSecret,
    greenapi.token,
    greenapi.webhookToken,
  ])
  expect(stdout).not.toContain(`:${new URL(database.url).password}@`)
  // What proves a webhook is a secret too.
  nowhere(
    posted.flatMap(({ headers }) =>
      Object.entries(headers).flatMap(([name, value]) =>
        /signature|authorization/.test(name) ? [value] : [],
      ),
    ),
  )
  expect(stdout).not.toMatch(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/)
  expect(stdout).not.toMatch(/\bBearer [\w.-]{8,}/i)
  expect(stdout).not.toMatch(/\bBasic [\w+/=]{8,}/i)
})

test('trial 28: no subject and no word of a message is in any line', () => {
  nowhere(words)
})

test('trial 28: no full address and no phone number is in any line, however written', () => {
  expect(addresses.length).toBeGreaterThan(20)
  expect(numbers.length).toBeGreaterThan(20)
  nowhere(addresses.flatMap((address) => [address, encodeURIComponent(address)]))
  nowhere(numbers.flatMap((number) => [number.slice(1), `0${number.slice(3)}`, number.slice(3)]))
  const texts = lines.flatMap(({ database: _database, listensOn: _url, ...line }) => JSON.stringify(line))
  for (const text of texts) expect(text).not.toMatch(/[^\s"<>]+(?:@|%40)[\w-]+\.\w+/)
})

describe('trial 28: the lines', () => {
  test('are JSON, one a line, each with a time, a level, a fact and the run’s id', () => {
    expect(lines.length).toBeGreaterThan(100)
    const runs = new Set(lines.map(({ runId }) => runId))
    expect(runs.size).toBe(1)
    for (const line of lines) {
      expect(line.message).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(line.level).toMatch(/^(debug|info|warn|error)$/)
      expect(Number.isNaN(Date.parse(String(line.timestamp)))).toBe(false)
    }
  })

  test('are the same in LOG_FILE, to the last', () => {
    expect(inFile.trim().split('\n')).toEqual(stdout.trim().split('\n'))
    expect(lines.at(-1)?.message).toBe('server_stopped')
  })

  test('of a request have its id, which is on its answer, its events and its messages too', async () => {
    // The work of the process, or a commit that several requests share.
    const ofNoRequest =
      /^(server_|provider_|worker_|parked_|spool|database_|events_committed|commit_failed|attempt_expired|reconcil|(inbound_|state_)?look_up_|missed_)/
    for (const line of lines.filter(({ message }) => !ofNoRequest.test(message)))
      expect(line, line.message).toMatchObject({ requestId: expect.stringMatching(/^[\w.:-]{8,}$/) })
    expect(lines.filter(({ message }) => message === 'request_answered').length).toBeGreaterThanOrEqual(
      requests,
    )
    const kept = await database.query(
      'select distinct request_id as id from message_events where source = $1',
      ['webhook'],
    )
    const told = new Set(
      lines.filter(({ message }) => message === 'webhook_recorded').map(({ requestId }) => requestId),
    )
    expect(kept.length).toBeGreaterThan(10)
    for (const { id } of kept) expect(told).toContain(id)
    for (const id of webhookIds) expect(kept.map((row) => row.id)).toContain(id)
    const [orphans] = await database.query(
      'select count(*)::integer as count from messages where request_id is null',
    )
    expect(orphans?.count).toBe(0)
    const sends = await database.query(
      'select distinct request_id as id from messages where direction = $1',
      ['outbound'],
    )
    const attempted = new Set(
      lines.filter(({ message }) => message === 'attempt_ended').map(({ requestId }) => requestId),
    )
    for (const { id } of sends) expect(attempted).toContain(id)
  })
})

test('trial 28: the server ended by SIGTERM with 0, and wrote nothing but log lines', () => {
  expect(exitCode).toBe(0)
  expect(stderr).toBe('')
})

function nowhere(secrets: string[]): void {
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(5)
    const found = stdout.split('\n').filter((line) => line.includes(secret))
    expect(found, `${secret} is in the log`).toEqual([])
  }
}

function start(port: number): void {
  child = spawn(process.execPath, [fileURLToPath(new URL('../../src/server.ts', import.meta.url))], {
    cwd: folder,
    env: {
      ...sandbox.environment,
      PORT: String(port),
      BASE_URL: url,
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      JWT_SECRET: jwtSecret,
      LOG_LEVEL: 'debug',
      LOG_FILE: join(folder, 'message_events.log'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk)
  })
}

async function call(path: string, init: RequestInit & { requestId?: string } = {}): Promise<Response> {
  requests += 1
  return fetch(`${url}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(init.requestId && { 'x-request-id': init.requestId }),
      ...init.headers,
    },
  })
}

async function act(action: string, params: unknown): Promise<number> {
  const { status } = await call('/api/max/actions', {
    method: 'POST',
    body: JSON.stringify({ action, params }),
  })
  return status
}

async function sendEverything(): Promise<void> {
  const [subject, body] = [`${words[0]} ${words[1]}`, `<p>${words[1]} ${words[2]}</p>`]
  const mails = everyStory.flatMap((story) =>
    ['smtp', 'sendgrid', 'resend'].map((provider) => {
      const to = `${story}+${provider}@kunde-${provider}.example`
      addresses.push(to)
      return act('sendEmail', { to, subject, body, provider, cc: [`cc-${to}`], replyTo: `re-${to}` })
    }),
  )
  const texts = endings.flatMap((ending, index) =>
    [
      ['sendWhatsApp', 'twilio'],
      ['sendWhatsApp', 'greenapi'],
      ['sendSMS', 'twilio'],
    ].map(([action, provider], kind) => {
      const to = `+3367${String(10_000 + index * 10 + kind)}${ending}`
      numbers.push(to)
      return act(action ?? '', { to, body: `${words[2]} ${words[0]}`, provider })
    }),
  )
  await Promise.all([...mails, ...texts])
  for (const kind of ['down', 'timeout', 'refuse'] as const) {
    for (const provider of ['smtp', 'sendgrid', 'resend', 'twilio', 'greenapi'] as const)
      sandbox.outage({ provider, kind, count: 1 })
    await Promise.all([
      ...['smtp', 'sendgrid', 'resend'].map((provider) =>
        act('sendEmail', { to: `out@kunde-${provider}.example`, subject, body, provider }),
      ),
      ...['twilio', 'greenapi'].map((provider) =>
        act('sendWhatsApp', { to: '+33671234570', body: words[0], provider }),
      ),
    ])
    sandbox.endOutages()
  }
  addresses.push('out@kunde-smtp.example')
  numbers.push('+33671234570')
}

async function hearEverything(): Promise<void> {
  const [to, number] = ['hoerer@kunde.example', '+33677777770']
  addresses.push(to, 'anna.müller@kunde.example')
  numbers.push(number)
  const message = { messageId: '', entityId: 'SM0123456789abcdef0123456789abcdef', to }
  const texting = { ...message, to: number }
  const secret = `${words[0]} ${number} ${to}`
  const genuine = [
    fromSendgrid([
      sendgridEvent(message, { event: 'bounce', reason: `550 5.1.1 <${to}> ${words[1]}`, subject: words[0] }),
      sendgridEvent(message, { event: words[0] ?? '' }),
      { broken: secret },
      7,
    ]),
    fromSendgrid(secret),
    fromResend(resendEvent(message, 'delivered', { subject: words[0] })),
    fromResend(secret),
    fromTwilio(twilioStatus(texting, 'undelivered', { ErrorCode: '30003', ErrorMessage: secret }), {
      baseUrl: url,
    }),
    fromTwilio(twilioInbound(number, secret), {
      baseUrl: url,
      path: `/webhooks/twilio?from=${number}&to=${to}`,
    }),
    fromGreenapi(greenapiStatus(texting, 'read')),
    fromGreenapi(greenapiInbound(number, secret)),
    fromGreenapi(secret),
  ]
  for (const [index, request] of genuine.entries()) {
    const id = `trial-28-webhook-${index}`
    if ([0, 2, 4, 5, 6, 7].includes(index)) webhookIds.push(id)
    expect((await heard(request, { 'x-request-id': id })).status).toBeLessThan(300)
  }
  for (const request of genuine) {
    const { authorization, ...headers } = request.headers
    const forged = authorization ? { ...headers, authorization: `${authorization}x` } : headers
    expect((await heard({ ...request, headers: forged, body: Buffer.from(`${secret}!`) })).status).toBe(403)
  }
  await ask(number, to)
}

async function heard(request: SignedRequest, headers: Record<string, string> = {}) {
  requests += 1
  posted.push(request)
  return post(url, request, headers)
}

/** What a caller may get wrong, with what must not be repeated in the log in every place. */
async function ask(number: string, to: string): Promise<void> {
  const expired = await signToken(jwtSecret, { tenantId: 't1', expires: '-1h' })
  const forged = await signToken('another-secret-0123456789abcdef-0123', { tenantId: 't1', expires: '1h' })
  for (const authorization of [
    `Bearer ${expired}`,
    `Bearer ${forged}`,
    `Basic ${words[0]}Secret`,
    'Bearer x.y.z',
  ])
    expect((await call('/api/messages', { headers: { authorization } })).status).toBe(401)
  const wrong = [
    call(`/api/messages?to=${encodeURIComponent(to)}&lead=${words[0]}`),
    call(`/api/messages?to=${encodeURIComponent(number)}`),
    call(`/api/messages/${encodeURIComponent(to)}`),
    call(`/nowhere/${encodeURIComponent(to)}/${encodeURIComponent(number)}`),
    call(`/nowhere/${to}/${number}`),
    call(`/nowhere/%E0%A4%A`),
    call('/api/events?quarantined=1'),
    call('/api/max/actions', { method: 'POST', body: `{"action":"${words[0]} ${to}` }),
    call('/api/max/actions', { method: 'POST', body: JSON.stringify({ action: `send ${to}`, params: {} }) }),
    call('/api/max/actions', {
      method: 'POST',
      body: words[0] ?? '',
      headers: { 'content-type': 'text/plain' },
    }),
    act('sendEmail', { to: `not ${to}`, subject: words[0], body: words[1] }),
    act('sendEmail', { to, subject: words[0], body: words[1], [to]: 1, [number]: 2, tenantId: `t ${to}` }),
    act('sendSMS', { to: `${number}@`, body: words[1], provider: `by ${to}` }),
    act('sendSMS', { to: number, body: { text: words[1] } }),
    act('sendSMS', { to: number, body: words[1], idempotencyKey: `key ${to}`, metadata: { note: words[2] } }),
    act('sendSMS', { to: number, body: words[0], idempotencyKey: `key ${to}` }),
    call('/api/messages', { headers: { 'x-request-id': `"${to}"` } }),
  ]
  await Promise.all(wrong)
}
