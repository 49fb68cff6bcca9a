import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '#support/database.ts'

const server = fileURLToPath(new URL('../../src/server.ts', import.meta.url))

let folder: string
let database: TestDatabase
const running: ChildProcess[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  database = await testDatabase()
})
afterAll(async () => {
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL')
  await database.drop()
  await rm(folder, { recursive: true })
})

/** `npm start`, without npm's own lines: a process of its own, in an empty folder, with nothing but this environment. */
function boot(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--max-semi-space-size=16', server], {
    cwd: folder,
    env: { PORT: '0', DATABASE_URL: database.url, DATA_DIR: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    said.stderr += String(chunk)
  })
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code, ...said }))
  return { child, said, ended }
}

test('npm start is what is tried here', async () => {
  const { scripts } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(scripts.start).toBe('node --max-semi-space-size=16 src/server.ts')
})

test('a half-set provider ends the boot with 1 and exactly one line on stderr', async () => {
  const { code, stdout, stderr } = await boot({ TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}` }).ended
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^[^\n]*TWILIO_AUTH_TOKEN[^\n]*\n$/)
})

test('a busy port ends the boot with 1 and exactly one line on stderr', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, stderr } = await boot({ PORT: String(port) }).ended
  other.close()
  expect(code).toBe(1)
  expect(stderr).toMatch(new RegExp(`^[^\\n]*PORT ${port} [^\\n]*\\n$`))
})

test('a database that is away ends the boot with 1 and exactly one line on stderr', async () => {
  const { code, stderr } = await boot({ DATABASE_URL: 'postgres://user:hunter22@127.0.0.1:1/x' }).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/^[^\n]+\n$/)
  expect(stderr).not.toContain('hunter22')
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a running server with 0, its last line written',
  async (signal) => {
    const { child, said, ended } = boot({})
    await vi.waitFor(() => expect(said.stdout).toContain('server_started'), { timeout: 15_000, interval: 20 })
    child.kill(signal)
    const { code, stdout, stderr } = await ended
    expect([code, stderr]).toEqual([0, ''])
    const messages = stdout
      .trim()
      .split('\n')
      .map((line): { message: string } => JSON.parse(line))
      .map(({ message }) => message)
    expect(messages.at(-1)).toBe('server_stopped')
  },
)
