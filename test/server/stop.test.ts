import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { signToken } from '#src/api/token.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'

const serverFile = fileURLToPath(new URL('../../src/server.ts', import.meta.url))
const jwtSecret = 'a secret of this test alone and of nobody else'

let folder: string
let database: TestDatabase
let api: FakeApi
let child: ChildProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  database = await testDatabase()
  api = await startFakeApi()
})
afterEach(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL')
  await api.away()
  await database.drop()
  await rm(folder, { recursive: true })
})

/** How many messages Twilio was given; it is asked at the start, too. */
const sends = () => api.calls('twilio').filter(({ path }) => path.endsWith('/Messages.json')).length

/** A server of its own process, that sends SMS by the test's Twilio; its log goes to a file. */
async function boot() {
  const logFile = join(folder, 'server.log')
  child = spawn(process.execPath, [serverFile], {
    cwd: folder,
    env: {
      PORT: '0',
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      LOG_FILE: logFile,
      JWT_SECRET: jwtSecret,
      BASE_URL: 'http://127.0.0.1:9',
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: '0'.repeat(32),
      TWILIO_SMS_FROM: '+15005550006',
      ...api.environment,
    },
    stdio: 'ignore',
  })
  const ended = once(child, 'close').then(([code]) => code)
  const lines = async () => (await readFile(logFile, 'utf8').catch(() => '')).split('\n').filter(Boolean)
  const url = await vi.waitFor(
    async () => {
      const started = (await lines()).find((line) => line.includes('"server_started"'))
      return String(JSON.parse(started ?? '').listensOn)
    },
    { timeout: 30_000, interval: 50 },
  )
  const token = await signToken(jwtSecret, { tenantId: 't1', expires: '1h' })
  const send = (more: Record<string, unknown> = {}) =>
    fetch(`${url}/api/sms/send`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ to: '+33612345678', body: 'Bonjour', ...more }),
    })
  const told = async (fact: string) => (await lines()).filter((line) => line.includes(`"${fact}"`)).length
  return { process: child, ended, url, logFile, send, told }
}

test('after SIGTERM nothing is begun; who was being served is answered; the process ends with 0', async () => {
  const { process, ended, send } = await boot()
  const sendAt = new Date(Date.now() + 5_000).toISOString()
  const scheduled = await Promise.all(Array.from({ length: 60 }, () => send({ sendAt })))
  expect(scheduled.map(({ status }) => status)).toEqual(Array(60).fill(202))
  api.slowMs = 3_000
  // Twenty are under way, forty wait for their turn, and a caller waits for its answer.
  await vi.waitFor(() => expect(sends()).toBe(20), { timeout: 10_000 })
  api.slowMs = 6_000
  const answer = send()
  await vi.waitFor(() => expect(sends()).toBe(21), { timeout: 10_000 })
  process.kill('SIGTERM')
  expect(await (await answer).json()).toMatchObject({ success: true, status: 'queued' })
  expect(await ended).toBe(0)
  expect(sends()).toBe(21)
  const rows = await database.query(
    `select m.phase, count(*)::int, bool_and(m.provider_message_id is not null) as taken
     from messages m group by m.phase order by m.phase`,
  )
  expect(rows).toEqual([
    { phase: 'queued', count: 21, taken: true },
    { phase: 'scheduled', count: 40, taken: false },
  ])
})

test('who never sends the rest of a request holds up no stop', async () => {
  const { process, ended, url } = await boot()
  const { hostname, port } = new URL(url)
  const sockets = [
    'POST /webhooks/sendgrid HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n[',
    'GET /heal',
  ].map((start) => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.write(start)
    return socket
  })
  await pause(300)
  const since = performance.now()
  process.kill('SIGTERM')
  expect(await ended).toBe(0)
  // A container is given ten seconds, where nobody says otherwise.
  expect(performance.now() - since).toBeLessThan(9_000)
  for (const socket of sockets) socket.destroy()
})

test('SIGHUP ends nothing: the log goes on in a new file', async () => {
  const { process, ended, url, logFile, told } = await boot()
  await rename(logFile, `${logFile}.1`)
  process.kill('SIGHUP')
  await vi.waitFor(
    async () => {
      expect((await fetch(`${url}/health`)).status).toBe(200)
      expect(await told('request_answered')).toBeGreaterThan(0)
    },
    { timeout: 5_000, interval: 100 },
  )
  expect(await readFile(`${logFile}.1`, 'utf8')).toContain('"server_started"')
  process.kill('SIGTERM')
  expect(await ended).toBe(0)
})
