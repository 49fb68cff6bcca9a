import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { startServer } from '#src/server.ts'
import { testDatabase } from '#support/database.ts'
import { startWorld } from '#support/world.ts'

const body = JSON.stringify({ action: 'sendSMS', params: { to: '+33612345670', body: 'Hi' } })

test.each([
  ['once', 'close'],
  // nginx and fetch keep theirs: it must not hold up the end.
  ['for more', 'keep-alive'],
])(
  'a request under way on a connection used %s is answered whole when the server stops, and then the port is closed',
  async (_use, connection) => {
    const world = await startWorld()
    const { hostname, port } = new URL(world.url)
    const token = await world.token('t1')
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    const closed = once(socket, 'close')
    socket.write(
      `POST /api/max/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: ${connection}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 10)}`,
    )
    await vi.waitFor(async () => expect(await openRequests(world.url)).toBe(true), { timeout: 10_000 })

    const stopped = world.server.stop()
    await vi.waitFor(() => expect(accepts(Number(port))).resolves.toBe(false), { timeout: 10_000 })
    let done = false
    void stopped.then(() => {
      done = true
    })
    await turn()
    expect(done).toBe(false)
    const endedAt = performance.now()
    socket.write(body.slice(10))
    await Promise.all([closed, stopped])
    expect(performance.now() - endedAt).toBeLessThan(4_000)

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(answer).toContain('"messageId"')
    const rows = await world.database.query('select status, provider_message_id from messages')
    expect(rows).toEqual([{ status: expect.any(String), provider_message_id: expect.stringMatching(/^SM/) }])
    expect(await accepts(Number(port))).toBe(false)
    await world.sandbox.close()
    await world.database.drop()
  },
)

test('a port in use stops the boot with one line that names it', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const world = await startWorld()
  const environment = { PORT: String(port), DATABASE_URL: world.database.url, JWT_SECRET: 'secret-of-a-test' }
  await expect(startServer(environment)).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringMatching(new RegExp(`^.*PORT ${port}.*$`)),
  })
  other.close()
  await world.stop()
})

test('a database that cannot be reached stops the boot with one line and without its password', async () => {
  const away = 'postgres://user:pass-of-the-database@127.0.0.1:1/x'
  const error: unknown = await startServer({ PORT: '0', DATABASE_URL: away }).catch((reason) => reason)
  expect(error).toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringContaining('127.0.0.1:1/x'),
  })
  expect(String(error)).not.toMatch(/\n|pass-of/)
})

test('a database that refuses the password stops the boot, in production too', async () => {
  const { url, drop } = await testDatabase()
  const wrong = new URL(url)
  wrong.password = 'not-the-password'
  const environment = {
    NODE_ENV: 'production',
    PORT: '0',
    BASE_URL: 'https://comms.example.com',
    JWT_SECRET: 'a-secret-of-a-test-of-more-than-32-characters',
    DATABASE_URL: wrong.href,
  }
  await expect(startServer(environment)).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringMatching(
      /^PostgreSQL at .*: refuses this server \(check its user, password and rights\)$/,
    ),
  })
  await drop()
})

/** The request's head has been read when a later one on another connection has been answered. */
async function openRequests(url: string): Promise<boolean> {
  return (await fetch(`${url}/health`, { headers: { connection: 'close' } })).ok
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
