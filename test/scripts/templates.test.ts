import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '#sandbox/start.ts'
import { createLog } from '#src/runtime/log.ts'
import { startServer } from '#src/server.ts'
import type { NewTemplate } from '#src/store/kept.ts'
import { openDatabase } from '#src/store/open.ts'
import { createStore } from '#src/store/store.ts'
import { runFile } from '#support/command.ts'
import { type TestDatabase, testDatabase } from '#support/database.ts'
import { nobodyListens } from '#support/local-api.ts'
import { emptied } from '#support/stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'max-comms-templates-'))
let opened: TestDatabase
let sandbox: Sandbox
beforeAll(async () => {
  opened = await testDatabase()
  sandbox = await startSandbox()
})
beforeEach(() => emptied(opened))
afterAll(async () => {
  await sandbox.close()
  await opened.drop()
  rmSync(folder, { recursive: true, force: true })
})

function template(fields: Partial<NewTemplate> = {}): NewTemplate {
  return {
    id: randomUUID(),
    tenantId: 'acme',
    name: 'Rappel',
    type: 'appointment',
    messageText: 'Bonjour {{prenom}}, votre RDV est le {{date}}.',
    variables: ['prenom', 'date'],
    buttons: [],
    contentSid: null,
    ...fields,
  }
}

const withButtons = {
  variables: ['prenom', 'date', 'meetingId'],
  buttons: [{ id: 'confirm:{{meetingId}}', title: 'Oui' }],
}

async function contentOf(id: string, store = opened.store): Promise<string | null | undefined> {
  return (await store.getTemplate(id, undefined))?.content_sid
}

/** One look at the sandbox's Content API. */
async function twilio(path: string): Promise<unknown> {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, TWILIO_API_URL: url } = sandbox.environment
  const response = await fetch(`${url}/v1/Content${path}`, {
    headers: { authorization: `Basic ${btoa(`${sid}:${token}`)}` },
  })
  return response.json()
}

describe('with DATABASE_URL', () => {
  test('push creates what Twilio does not know, submits it and waits; then there is nothing to push', async () => {
    const [known, plain, buttons] = [
      template({ name: 'Known', contentSid: `HX${'0'.repeat(32)}` }),
      template(),
      template({ name: 'Confirmer', ...withButtons }),
    ]
    for (const one of [known, plain, buttons]) await opened.store.createTemplate(one)
    const listed = await run(['list'])
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    expect(listed.stdout).toContain(`3 templates in PostgreSQL at ${new URL(opened.url).host}`)
    expect(listed.stdout).toContain('  Rappel (acme)  appointment  not at Twilio\n')
    expect(listed.stdout).toContain(`  Known (acme)  appointment  ${known.contentSid}\n`)
    expect(listed.stdout).toMatch(/Next: npm run templates -- push\n$/)

    const pushed = await run(['push', '--category', 'MARKETING'])
    expect(pushed).toMatchObject({ code: 0, stderr: '' })
    const sid = await contentOf(plain.id)
    expect(sid).toMatch(/^HX/)
    const lines = pushed.stdout.split('\n').filter((line) => line.startsWith('  Rappel'))
    expect(lines).toEqual([
      `  Rappel (acme)  created at Twilio as ${sid}`,
      expect.stringMatching(
        /^ {2}Rappel \(acme\) {2}submitted to WhatsApp as rappel_[0-9a-f]{10} \(MARKETING\): received$/,
      ),
      '  Rappel (acme)  pending',
      '  Rappel (acme)  approved',
    ])
    expect(pushed.stdout).toMatch(/Next: send one \(POST .*\)\n$/)
    expect(await contentOf(known.id)).toBe(known.contentSid)
    expect(await twilio(`/${await contentOf(buttons.id)}`)).toMatchObject({
      language: 'fr',
      variables: { '1': 'prenom', '2': 'date', '3': 'meetingId' },
      types: { 'twilio/quick-reply': { actions: [{ title: 'Oui', id: 'confirm:{{3}}' }] } },
    })

    const again = await run(['push'])
    expect(again.stdout).toMatch(/Next: nothing, Twilio knows every template/)
    const status = await run(['status'])
    expect(status.stdout).toContain(`  Rappel (acme)  ${sid}  approved\n`)
    expect(status.stdout).toContain(
      `  Known (acme)  ${known.contentSid}  not there (wrong account, or deleted)\n`,
    )
    expect(pushed.stdout + status.stdout).not.toMatch(/postgres:|7e577e57/)
  }, 60_000)

  test('a push that ended halfway goes on where it was: nothing is there twice', async () => {
    const wanted = template({ name: 'Halfway' })
    await opened.store.createTemplate(wanted)
    expect(await run(['push', '--wait', '0'])).toMatchObject({ code: 0 })
    const sid = await contentOf(wanted.id)
    await opened.query('update whatsapp_templates set content_sid = null')
    const again = await run(['push', '--wait', '0'])
    expect(again.stdout).toContain(`  Halfway (acme)  found at Twilio as ${sid}\n  Halfway (acme)  pending\n`)
    expect(again.stdout).toMatch(/Next: npm run templates -- status, in some minutes or hours\n$/)
    expect(await contentOf(wanted.id)).toBe(sid)
  }, 60_000)

  test('what WhatsApp would reject is held back, and nothing of it is created', async () => {
    const wanted = template({ name: 'Held', messageText: '{{prenom}}, le {{date}}.' })
    await opened.store.createTemplate(wanted)
    const held = await run(['push'])
    expect(held.code).toBe(1)
    expect(held.stdout).toContain(
      '  Held (acme)  held back: WhatsApp would reject it: its text begins or ends with',
    )
    expect(held.stdout).toMatch(/Next: change what was held back .*\n$/)
    expect(await contentOf(wanted.id)).toBeNull()
    expect(JSON.stringify(await twilio('?PageSize=500'))).not.toContain('"held_')
  })

  test('what WhatsApp rejects is told with its reason', async () => {
    await opened.store.createTemplate(template({ name: 'Rejected' }))
    const rejected = await run(['push'])
    expect(rejected.code).toBe(1)
    expect(rejected.stdout).toContain('  Rejected (acme)  rejected (INVALID_FORMAT)\n')
    expect(rejected.stdout).toMatch(/Next: change the text of what was rejected, and push again\n$/)
  }, 60_000)

  test('one tenant or one name may be asked for', async () => {
    for (const one of [template(), template({ name: 'B' }), template({ tenantId: 'other' })])
      await opened.store.createTemplate(one)
    expect((await run(['list', '--tenant', 'other'])).stdout).toMatch(/^1 template in /)
    expect((await run(['list', '--name', 'Rappel'])).stdout).toMatch(/^2 templates in /)
    expect((await run(['list', '--tenant', 'acme', '--name', 'B'])).stdout).toContain('  B (acme)  ')
  })

  test('a name that no template has is told, and so is that there is none at all', async () => {
    await opened.store.createTemplate(template())
    for (const command of ['push', 'list', 'status'])
      expect(await run([command, '--name', 'nope', '--tenant', 'acme'])).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^templates: there is none with the name nope of the tenant acme in .*\n$/,
        ),
      })
    const none = await run(['push', '--tenant', 'nobody'])
    expect(none).toMatchObject({ code: 0, stderr: '' })
    expect(none.stdout).toMatch(/^0 templates in .*\nNext: create one \(POST .*\)\n$/)
  })

  test('more than fit on one page are read to the end', async () => {
    for (let index = 0; index < 203; index++)
      await opened.store.createTemplate(template({ name: `Template ${index}` }))
    expect((await run(['list'])).stdout).toMatch(/^203 templates in /)
  })
})

test('the embedded database is pushed through the server that has it open, and directly when none runs', async () => {
  const dataDir = join(folder, 'data')
  const environment = { ...sandbox.environment, DATA_DIR: dataDir, NODE_ENV: 'test', HOST: '127.0.0.1' }
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() })
  const log = createLog({ level: 'error', runId: 'test', stream })
  const server = await startServer({ ...environment, PORT: '0' }, { log })
  const PORT = new URL(server.url).port
  const wanted = template({ name: 'Through' })
  await server.store.createTemplate(wanted)
  const through = await run(['push', '--wait', '0'], { ...environment, PORT })
  expect(through).toMatchObject({ code: 0, stderr: '' })
  expect(through.stdout).toContain(`1 template in the server at ${server.url}\n`)
  const sid = await contentOf(wanted.id, server.store)
  expect(through.stdout).toContain(`  Through (acme)  created at Twilio as ${sid}\n`)
  const nobody = await nobodyListens()
  const deaf = await run(['list'], { ...environment, PORT: new URL(nobody).port })
  expect(deaf).toMatchObject({
    code: 1,
    stderr: `templates: ${nobody} does not answer (process ${process.pid} has ${dataDir} open: check HOST and PORT)\n`,
  })
  await server.stop()
  await log.close()

  const direct = await run(['status'], { ...environment, PORT })
  expect(direct.stdout).toContain(`1 template in embedded database in ${dataDir}\n`)
  expect(direct.stdout).toContain(`  Through (acme)  ${sid}  `)
  const store = createStore(await openDatabase({ dataDir }))
  expect(await contentOf(wanted.id, store)).toBe(sid)
  await store.close()
}, 300_000)

test.each<[string[], Record<string, string>, RegExp]>([
  [[], {}, /^templates: say one of list, status, push\nusage: /],
  [['send'], {}, /^templates: say one of list, status, push\nusage: /],
  [['push', '--language', 'french'], {}, /^templates: --language must be such as fr or en_GB\nusage: /],
  [['push', '--category', 'NEWS'], {}, /^templates: --category must be one of UTILITY, .*\nusage: /],
  [['push', '--wait', 'long'], {}, /^templates: --wait must be a number of seconds\nusage: /],
  [['list', '--all'], {}, /^Unknown option '--all'.*\nusage: /],
  [
    ['list'],
    { DATABASE_URL: '', DATA_DIR: join(folder, 'none') },
    /^templates: nothing is kept in .*none \(.*\)\n$/,
  ],
  [
    ['list'],
    { DATABASE_URL: 'postgresql://u:secret@127.0.0.1:1/db' },
    /^PostgreSQL at 127\.0\.0\.1:1\/db: cannot be reached/,
  ],
  [['push'], { TWILIO_AUTH_TOKEN: '' }, /^twilio: TWILIO_AUTH_TOKEN is missing \(.*\)\n$/],
  [
    ['push'],
    { TWILIO_AUTH_TOKEN: 'wrong' },
    /^twilio: 20003: wrong credentials .*; run it again, it goes on\n$/,
  ],
])('a command that cannot work says so: %o %o', async (args, environment, line) => {
  await opened.store.createTemplate(template())
  const { code, stderr } = await run(args, {
    DATABASE_URL: opened.url,
    ...sandbox.environment,
    ...environment,
  })
  expect(code).toBe(1)
  expect(stderr).toMatch(line)
  expect(stderr).not.toMatch(/\n {4}at /)
})

test.each([[['--help']], [['-h']], [['push', '--help']]])('%o prints how it is used', async (args) => {
  expect(await run(args, {})).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^usage: npm run templates -- /),
    stderr: '',
  })
})

test('a push that does not reach Twilio says so', async () => {
  await opened.store.createTemplate(template())
  const environment = {
    DATABASE_URL: opened.url,
    ...sandbox.environment,
    TWILIO_API_URL: await nobodyListens(),
  }
  expect(await run(['push'], environment)).toMatchObject({
    code: 1,
    stderr: 'twilio: cannot be reached (ECONNREFUSED); run it again, it goes on\n',
  })
})

/** Runs the command where no `.env` lies, and with no variable but these. */
function run(
  args: string[],
  environment: Record<string, string> = { DATABASE_URL: opened.url, ...sandbox.environment },
) {
  return runFile('scripts/templates.ts', args, environment, { cwd: folder })
}
