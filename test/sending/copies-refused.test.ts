import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { becomes, bySmtp, comes, person, send, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'
import { type ScriptedServer, scriptedServer } from '../providers/smtp/scripted-server.ts'

/** A mail server that refuses whom the test says, and SendGrid beside it. */
let world: World
let api: FakeApi
let server: ScriptedServer
const refusals = new Map<string, string>()
const over: (() => void)[] = []
beforeAll(async () => {
  api = await startFakeApi()
  const script = (command: string, argument: string) =>
    command === 'RCPT TO' ? refusals.get(/<(.*)>/.exec(argument)?.[1] ?? '') : undefined
  server = await scriptedServer(script, (end) => over.push(end))
  world = await startWorld({
    environment: {
      ...api.environment,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(server.port),
      EMAIL_FALLBACK: 'sendgrid',
    },
    workerEveryMs: 20,
  })
})
afterAll(async () => {
  await world.stop()
  await api.away()
  for (const end of over) end()
})
beforeEach(() => {
  refusals.clear()
  server.commands.length = 0
})

const rcpt = () => server.commands.flatMap((command) => /^RCPT TO:<(.*?)>/.exec(command)?.[1] ?? [])
const someone = () => person(bySmtp, 'ok')

async function timeline(messageId: string) {
  const { message, events } = await shown(world, messageId)
  const told = events.map(({ type, recipient, code }: Record<string, unknown>) => [type, recipient, code])
  return { message, told }
}

describe('a copy that the mail server refuses', () => {
  test('is an event of its own, and the caller is told; a dead one is not written to again', async () => {
    const [to, full, dead, ok] = [someone(), someone(), someone(), someone()]
    refusals.set(full, '452 4.5.3 Error: too many recipients').set(dead, '550 5.1.1 User unknown')
    const { status, body } = await send(world, bySmtp, to, { cc: [full, ok], bcc: [dead] })
    expect({ status, warnings: body.warnings }).toEqual({ status: 200, warnings: ['copy_refused'] })
    const { message, told } = await timeline(body.messageId)
    expect(message).toMatchObject({
      status: 'sent',
      warnings: ['copy_refused'],
      bouncedAt: null,
      errorCode: null,
    })
    expect(told).toHaveLength(3)
    expect(told).toEqual(
      expect.arrayContaining([
        ['sent', to, null],
        ['rejected', full, '452 4.5.3'],
        ['bounced', dead, '550 5.1.1'],
      ]),
    )
    server.commands.length = 0
    const again = await send(world, bySmtp, to, { cc: [full], bcc: [dead] })
    expect(again.body.warnings.toSorted()).toEqual(['copies_suppressed', 'copy_refused'])
    expect(rcpt()).toEqual([to, full])
  })

  test.each([
    ['550 5.7.1 Access denied', 'rejected'],
    ['552 5.2.2 Mailbox full', 'rejected'],
    ['550 5.1.2 Bad destination system', 'bounced'],
  ])('is %s: %s', async (reply, type) => {
    const [to, cc] = [someone(), someone()]
    refusals.set(cc, reply)
    const { body } = await send(world, bySmtp, to, { cc: [cc] })
    const { told } = await timeline(body.messageId)
    expect(told).toContainEqual([type, cc, reply.slice(0, 9)])
  })

  test('is no warning where nobody is refused', async () => {
    const { body } = await send(world, bySmtp, someone(), { cc: [someone()] })
    expect(body.warnings).toEqual([])
  })
})

describe('a recipient who is greylisted while a copy is taken', () => {
  test('gets it later, and the copy not again', async () => {
    const [to, cc, bcc] = [someone(), someone(), someone()]
    refusals.set(to, '450 4.7.1 Greylisted, try again later')
    const { status, body } = await world.action('sendEmail', {
      to,
      // As people write it: the server is told it in lower case.
      cc: [cc.replace(/@.*/, (domain) => domain.toUpperCase())],
      bcc: [bcc],
      subject: 'Test',
      body: 'Bonjour',
      provider: 'smtp',
    })
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued', warnings: [] } })
    expect((await timeline(body.messageId)).told).toEqual(
      expect.arrayContaining([
        ['sent', cc, null],
        ['sent', bcc, null],
      ]),
    )
    // Refused once more, by a server that has seen nobody else this time.
    server.commands.length = 0
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { attempts: 2, status: 'queued' })
    refusals.clear()
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { status: 'sent', attempts: 3 })
    expect(rcpt()).toEqual([to, to])
  })

  test('gets it from the provider that takes over, and the copy not again', async () => {
    const [to, cc] = [someone(), someone()]
    refusals.set(to, '450 4.7.1 Greylisted, try again later')
    const { body } = await world.action('sendEmail', { to, cc: [cc], subject: 'Test', body: 'Bonjour' })
    expect(body).toMatchObject({ provider: 'sendgrid', warnings: ['failed_over_from_smtp'] })
    const [personalization] = JSON.parse(api.calls('sendgrid').at(-1)?.body ?? '').personalizations
    expect(personalization).toMatchObject({ to: [{ email: to }] })
    expect(personalization).not.toHaveProperty('cc')
    expect((await timeline(body.messageId)).told).toContainEqual(['sent', cc, null])
  })

  test('is a bounce where it is refused for good, and who has it is on the timeline', async () => {
    const [to, cc] = [someone(), someone()]
    refusals.set(to, '550 5.1.1 User unknown')
    const { status, body } = await send(world, bySmtp, to, { cc: [cc] })
    expect(status).toBe(422)
    const { message, told } = await timeline(body.messageId)
    expect(message.status).toBe('bounced')
    expect(told).toContainEqual(['sent', cc, null])
    expect(told).toContainEqual(['bounced', to, '550 5.1.1'])
  })
})
