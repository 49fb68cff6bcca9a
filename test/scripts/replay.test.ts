import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { providerEntries } from '#providers/index.ts'
import { createLog } from '#src/runtime/log.ts'
import { startServer } from '#src/server.ts'
import { openDatabase } from '#src/store/open.ts'
import { createStore, type Store } from '#src/store/store.ts'
import { runFile } from '#support/command.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { event, record, reserve, timeline } from '#support/facts.ts'
import { nobodyListens } from '#support/local-api.ts'

const callers = providerEntries
  .filter(({ paths }) => paths.length > 0)
  .map(({ name }) => name)
  .join(', ')
let opened: TestDatabase
const folder = mkdtempSync(join(tmpdir(), 'max-comms-replay-'))
beforeAll(async () => {
  opened = await testDatabase()
})
afterAll(async () => {
  await opened.drop()
  rmSync(folder, { recursive: true, force: true })
})

test('with DATABASE_URL it shows what changes, then changes it, then says that nothing is left', async () => {
  const { messageId, eventId } = await misread(opened.store)
  const environment = { DATABASE_URL: opened.url }
  const shown = await run(['--since', '2026-11-01', '--dry-run'], environment)
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toContain(
    `told since 2026-11-01T00:00:00.000Z, in PostgreSQL at ${new URL(opened.url).host}`,
  )
  expect(shown.stdout).toMatch(new RegExp(`sendgrid  ${eventId}  .*type: failed → delivered`))
  expect(shown.stdout).toContain('1 events would change, 1 messages would be rebuilt')
  expect(shown.stdout).toMatch(/Next: the same command without --dry-run writes this\n$/)
  expect((await timeline(opened.store, messageId)).message).toMatchObject({ status: 'failed' })

  const done = await run(['--since', '2026-11-01'], environment)
  expect(done.stdout).toContain('1 events changed, 1 messages rebuilt')
  expect((await timeline(opened.store, messageId)).message).toMatchObject({ status: 'delivered' })
  const again = await run(['--since', '2026-11-01'], environment)
  expect(again.stdout).toMatch(
    /0 events changed.*\nNext: nothing, every kept item reads as it is recorded\n$/,
  )
  expect(shown.stdout + done.stdout + again.stdout).not.toMatch(/@example\.com|postgres:test/)
}, 60_000)

test('more than fits in one part is read to its end, with its progress', async () => {
  const events = Array.from({ length: 1_150 }, () => misreadEvent(undefined))
  await record(opened.store, events)
  const done = await run(['--since', '2026-11-01'], { DATABASE_URL: opened.url })
  expect(done.stderr).toMatch(/^ {2}1000 items read, \d+ changed …\n$/)
  expect(done.stdout).toContain('… and 1100 more')
  expect(done.stdout).toContain('1150 events changed, 0 messages rebuilt')
}, 60_000)

test('the embedded database is replayed through the server that has it open, and directly when none runs', async () => {
  const dataDir = join(folder, 'data')
  const environment = { DATA_DIR: dataDir, NODE_ENV: 'test', HOST: '127.0.0.1' }
  const log = createLog({
    level: 'error',
    runId: 'test',
    stream: new Writable({ write: (_c, _e, done) => done() }),
  })
  const server = await startServer({ ...environment, PORT: '0' }, { log })
  const PORT = new URL(server.url).port
  const { messageId } = await misread(server.store)
  const through = await run(['--since', '2026-11-01', '--dry-run'], { ...environment, PORT })
  expect(through).toMatchObject({ code: 0, stderr: '' })
  expect(through.stdout).toContain(`in the server at ${server.url} (dry run`)
  expect(through.stdout).toContain('1 events would change')
  const nobody = await nobodyListens()
  const deaf = await run(['--since', '2026-11-01'], { ...environment, PORT: new URL(nobody).port })
  expect(deaf).toMatchObject({
    code: 1,
    stderr: `replay: ${nobody} does not answer (process ${process.pid} has ${dataDir} open: check HOST and PORT)\n`,
  })
  const wrong = await run(['--since', '2026-11-01', '--provider', 'x'], { ...environment, PORT })
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toMatch(new RegExp(`answered 400: provider: must be one of ${callers}\n$`))
  await server.stop()
  await log.close()

  const direct = await run(['--since', '2026-11-01'], { ...environment, PORT })
  expect(direct.stdout).toContain(`in embedded database in ${dataDir}`)
  expect(direct.stdout).toContain('1 events changed')
  const store = createStore(await openDatabase({ dataDir }))
  expect((await timeline(store, messageId)).message).toMatchObject({ status: 'delivered' })
  await store.close()
}, 300_000)

test.each([
  [[], {}, /^replay: --since is missing\nusage: /],
  [['--since', 'yesterday'], {}, /^replay: --since must be a day such as .*\nusage: /],
  [['--until', 'x'], {}, /^Unknown option '--until'.*\nusage: /],
  [
    ['--since', '2026-11-01'],
    { DATA_DIR: join(folder, 'none') },
    /^replay: nothing is kept in .*none \(.*\)\n$/,
  ],
  [
    ['--since', '2026-11-01'],
    { DATABASE_URL: 'postgresql://u:secret@127.0.0.1:1/db' },
    /^PostgreSQL at 127\.0\.0\.1:1\/db: cannot be reached \(.*\)\n$/,
  ],
])('a command that cannot work says so: %o %o', async (args, environment, line) => {
  const { code, stdout, stderr } = await run(args, environment)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(line)
})

test.each(['--help', '-h'])('%s prints how it is used', async (option) => {
  expect(await run([option], {})).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^usage: npm run replay -- /),
    stderr: '',
  })
})

test('a provider that does not call us is refused by name', async () => {
  const wrong = await run(['--since', '2026-11-01', '--provider', 'smtp'], { DATABASE_URL: opened.url })
  expect(wrong).toMatchObject({
    code: 1,
    stderr: `replay: --provider must be one of ${callers}\n`,
  })
})

/** A delivery that was recorded as a failure. */
async function misread(store: Store): Promise<{ messageId: string; eventId: string }> {
  const messageId = await reserve(store, { channel: 'email' })
  const told = misreadEvent(messageId)
  await record(store, [told])
  return { messageId, eventId: told.eventId }
}

function misreadEvent(messageId: string | undefined) {
  const raw = {
    event: 'delivered',
    email: 'customer@example.com',
    timestamp: 1_795_000_000,
    app_msg: messageId,
  }
  const recipient = 'customer@example.com'
  return event({ provider: 'sendgrid', channel: 'email', type: 'failed', messageId, recipient, raw })
}

/** Runs the command where no `.env` lies, and with no variable but these. */
function run(args: string[], environment: Record<string, string>) {
  return runFile('scripts/replay.ts', args, environment, { cwd: folder })
}
