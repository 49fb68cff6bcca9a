import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { ask } from '../doors/ask.ts'
import { type BadRequest, goodSms, type Known, usedKey } from '../doors/bad-requests/bad-request.ts'
import { badRequests } from '../doors/bad-requests.ts'
import { jwt, jwtSecret } from '../doors/jwt.ts'

let sandbox: Sandbox
let database: TestDatabase
let server: ChildProcess
let url: string

beforeAll(async () => {
  sandbox = await startSandbox()
  database = await testDatabase()
  server = fork(fileURLToPath(new URL('measured-server.ts', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...sandbox.environment,
      NODE_ENV: 'test',
      // Otherwise glibc keeps the room of a freed 26 MB body for later: a high-water mark, not a leak.
      MALLOC_MMAP_THRESHOLD_: '131072',
      PORT: '0',
      LOG_LEVEL: 'error',
      DATABASE_URL: database.url,
      JWT_SECRET: jwtSecret,
    },
  })
  url = z.object({ url: z.string() }).parse(await told()).url
})
afterAll(async () => {
  const ended = once(server, 'exit')
  if (server.connected) server.disconnect()
  await ended
  await sandbox.close()
  await database.drop()
})

/** The server's next word. Rejects where it ends instead. */
async function told(): Promise<unknown> {
  const ended = new AbortController()
  const end = () => ended.abort(new Error('the server ended'))
  server.once('exit', end)
  try {
    const [message] = await once(server, 'message', { signal: ended.signal })
    return message
  } finally {
    server.off('exit', end)
  }
}

interface Memory {
  heap: number
  resident: number
}

/** The median of some readings, each right after a collection. */
async function memory(): Promise<Memory> {
  const readings: Memory[] = []
  for (let reading = 0; reading < 5; reading++) {
    const answered = told()
    server.send('memory')
    readings.push(z.object({ heap: z.number(), resident: z.number() }).parse(await answered))
  }
  const median = (of: keyof Memory) => readings.map((reading) => reading[of]).sort((a, b) => a - b)[2] ?? 0
  return { heap: median('heap'), resident: median('resident') }
}

async function sent(tenantId: string, params: object): Promise<string> {
  const headers = { Authorization: `Bearer ${jwt({ tenantId })}`, 'Content-Type': 'application/json' }
  const told = await ask(url, {
    method: 'POST',
    path: '/api/sms/send',
    headers,
    body: JSON.stringify(params),
  })
  expect(told.status).toBe(200)
  return z.object({ messageId: z.string() }).parse(JSON.parse(told.text)).messageId
}

const tenths = 10
const heavy = badRequests.filter(({ question }) => typeof question === 'function')
const light = badRequests.filter(({ question }) => typeof question !== 'function')

/** A tenth of twice the table: each has all that is heavy, so that none reaches a new high-water mark. */
function tenth(number: number): BadRequest[] {
  const from = Math.floor((2 * light.length * number) / tenths)
  const to = Math.floor((2 * light.length * (number + 1)) / tenths)
  const slice = Array.from({ length: to - from }, (_, index) => light[(from + index) % light.length])
  return [...heavy, ...slice.filter((bad) => bad !== undefined)]
}

async function asked(requests: readonly BadRequest[], known: Known): Promise<void> {
  for (const { question, status } of requests)
    expect((await ask(url, typeof question === 'function' ? question(known) : question)).status).toBe(status)
}

test('two thousand bad requests leave no memory behind', { timeout: 900_000 }, async () => {
  const known = { othersMessage: await sent('t2', goodSms) }
  await sent('t1', { ...goodSms, idempotencyKey: usedKey })
  await asked(tenth(0), known)
  const first = await memory()
  let last = first
  // Read after every tenth: the collections keep the heap from swelling between them, which is not a leak either.
  for (let number = 1; number < tenths; number++) {
    await asked(tenth(number), known)
    last = await memory()
  }
  expect(tenths * tenth(0).length).toBeGreaterThanOrEqual(2_000)
  expect(last.heap / first.heap).toBeLessThan(1.2)
  expect(last.resident / first.resident).toBeLessThan(1.2)
  await sent('t1', goodSms)
})
