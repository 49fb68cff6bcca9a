import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { becomes, comes, logged } from '#support/sends.ts'
import { startSmtpWorld } from '#support/smtp-world.ts'
import { startWorld, type World } from '#support/world.ts'
import { certificate, mailServer } from '../providers/smtp/mail-server.ts'
import { type Script, scriptedServer } from '../providers/smtp/scripted-server.ts'

/** What SMTP servers say of us, of our sender and of a recipient, and what becomes of the person. */
const minute = 60_000
let script: Script
let aheadMs = 0
let world: World
let stopServer = () => {}
let connections = () => 0
beforeAll(async () => {
  const server = await scriptedServer(
    (...said) => script(...said),
    (close) => {
      stopServer = close
    },
  )
  connections = () => server.commands.filter((command) => command.startsWith('MAIL')).length
  world = await startSmtpWorld(server.port, {
    from: 'Cabinet <nouveau@cabinet.test>',
    aheadMs: () => aheadMs,
  })
})
afterAll(async () => {
  await world.stop()
  stopServer()
})
beforeEach(async () => {
  // Whatever stood in the way is over, and somebody is there again.
  aheadMs += 61 * minute
  script = () => undefined
  expect((await mail(somebody())).status).toBe(200)
})

let people = 0
function somebody(): string {
  people += 1
  return `client${people}@remote.test`
}
const mail = (to: string, more: object = {}) =>
  world.action('sendEmail', { to, subject: 'Test', body: 'Bonjour', ...more })
const suppressed = async (to: string) =>
  (await world.database.query('select 1 from suppressions where address = $1 and active', [to])).length > 0

function atRcpt(reply: string): void {
  script = (command) => (command === 'RCPT TO' ? reply : undefined)
}

const rejected =
  '550 5.1.0 <nouveau@cabinet.test>: Sender address rejected: User unknown in virtual mailbox table'

describe('a reply to RCPT TO that speaks of us', () => {
  test.each([
    rejected,
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
    '550-5.2.1 The user you are trying to contact is receiving mail at a rate that\r\n550 5.2.1 prevents additional messages from being delivered',
    '554 5.7.1 <client@remote.test>: Relay access denied',
    '550 5.7.515 Access denied, sending domain does not meet the required authentication level',
  ])('marks nobody dead, and the mail waits: %s', async (reply) => {
    const to = somebody()
    const lead = world.sandbox.crm.lead({ lastName: 'Perdu', email: to })
    atRcpt(reply)
    const { status, body } = await mail(to)
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
    expect(await suppressed(to)).toBe(false)
    expect(world.sandbox.crm.record('Lead', lead.id)?.emailAddressIsInvalid).not.toBe(true)
    script = () => undefined
    aheadMs += 61 * minute
    expect((await mail(to)).status).toBe(200)
  })

  test('stops what goes out from that sender, once, with one line that names the variable', async () => {
    const [alerts, before] = [logged(world, 'provider_stopped').length, connections()]
    atRcpt(rejected)
    for (const to of [somebody(), somebody(), somebody(), somebody()])
      expect((await mail(to)).status).toBe(202)
    expect(connections()).toBe(before + 1)
    const lines = logged(world, 'provider_stopped').slice(alerts)
    expect(lines).toMatchObject([{ level: 'error', provider: 'smtp', code: '550 5.1.0' }])
    expect(lines[0]?.reason).toContain('check SMTP_FROM or EMAIL_FROM')
    script = () => undefined
    expect((await mail(somebody(), { from: 'autre@cabinet.test' })).status).toBe(200)
  })

  test('is told to the caller who chose the sender, and stops nobody', async () => {
    atRcpt('550 5.1.0 <autre@cabinet.test>: Sender address rejected: User unknown in virtual mailbox table')
    const to = somebody()
    const { status, body } = await mail(to, { from: 'autre@cabinet.test' })
    expect({ status, body }).toMatchObject({ status: 422, body: { error: { providerCode: '550 5.1.0' } } })
    expect(await suppressed(to)).toBe(false)
    script = () => undefined
    expect((await mail(to, { from: 'autre@cabinet.test' })).status).toBe(200)
  })
})

describe('a recipient of whom it says that nobody is there', () => {
  test('is dead, and is not written to any more', async () => {
    const to = somebody()
    atRcpt(`550 5.1.1 <${to}>: Recipient address rejected: User unknown`)
    expect((await mail(to)).status).toBe(422)
    script = () => undefined
    const { status, body } = await mail(to)
    expect({ status, body }).toMatchObject({ status: 422, body: { error: { code: 'suppressed' } } })
  })

  test('is not where several are, one after another: that is about us, stops it once, and nobody is silenced', async () => {
    const alerts = logged(world, 'provider_stopped').length
    const leads = [1, 2, 3, 4].map(() => world.sandbox.crm.lead({ lastName: 'Là', email: somebody() }))
    const everybody = leads.map(({ id }) => String(world.sandbox.crm.record('Lead', id)?.emailAddress))
    atRcpt('550 5.1.1 User unknown')
    const answers = []
    for (const to of everybody) answers.push((await mail(to)).status)
    expect(answers).toEqual([422, 422, 202, 202])
    for (const to of everybody) expect(await suppressed(to)).toBe(false)
    expect(logged(world, 'provider_stopped').slice(alerts)).toMatchObject([
      { level: 'error', provider: 'smtp' },
    ])
    await vi.waitFor(() => {
      for (const { id } of leads)
        expect(world.sandbox.crm.record('Lead', id)?.emailAddressIsInvalid ?? false).toBe(false)
    })
    script = () => undefined
    aheadMs += 16 * minute
    for (const to of everybody) expect((await mail(to)).status).toBe(200)
  })

  test('stays so where somebody else is there in between', async () => {
    for (const _time of [1, 2, 3]) {
      const to = somebody()
      atRcpt('550 5.1.1 User unknown')
      expect((await mail(to)).status).toBe(422)
      expect(await suppressed(to)).toBe(true)
      script = () => undefined
      expect((await mail(somebody())).status).toBe(200)
    }
  })

  test('said STOP before: being there after all does not lift it', async () => {
    const everybody = [somebody(), somebody(), somebody()]
    atRcpt('550 5.1.1 User unknown')
    await mail(everybody[0] ?? '')
    await world.database.query('update suppressions set withdrawn_at = now() where address = $1', [
      everybody[0],
    ])
    for (const to of everybody.slice(1)) await mail(to)
    expect(await Promise.all(everybody.map(suppressed))).toEqual([true, false, false])
  })
})

// usesend/useSend#407; postalserver/postal#144; knadh/listmonk#992.
test.each([
  ['all it does', 'all', '421 4.3.2 System not accepting network messages'],
  ['MAIL FROM', 'MAIL FROM', '451 4.3.0 Temporary server error'],
  ['RCPT TO', 'RCPT TO', '450 4.2.0 Greylisted'],
  ['the end of the mail', '.', '452 4.3.1 Insufficient system storage'],
  ['all it does, since it is away', 'all', 'drop'],
])(
  'a mail server that is out of service at %s keeps a mail waiting, however often it is tried',
  async (...row) => {
    const [, at, reply] = row
    script = (command) => (at === 'all' || command === at ? reply : undefined)
    const to = somebody()
    const { status, body } = await mail(to)
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
    for (let tries = 2; tries <= 10; tries += 1) {
      await comes(world, body.messageId)
      await becomes(world, body.messageId, { attempts: tries, status: 'queued' })
    }
    const lives = "select expires_at > created_at + interval '1 day' as longer from messages where id = $1"
    expect(await world.database.query(lives, [body.messageId])).toEqual([{ longer: true }])
    script = () => undefined
    await comes(world, body.messageId)
    await becomes(world, body.messageId, { attempts: 11, status: 'sent' })
    expect(await suppressed(to)).toBe(false)
  },
)

test('twenty mails and a wrong password: one login, one line, and then it is left alone', async () => {
  let logins = 0
  const server = await mailServer({
    onAuth: (_given, _session, done) => {
      logins += 1
      done(Object.assign(new Error('5.7.8 authentication failed'), { responseCode: 535 }))
    },
  })
  const locked = await startWorld({
    environment: {
      EMAIL_PROVIDER: 'smtp',
      SMTP_HOST: 'localhost',
      SMTP_PORT: String(server.port),
      SMTP_CA: certificate.toString().trim().replaceAll('\n', '\\n'),
      SMTP_USER: 'max',
      SMTP_PASSWORD: 'wrong',
    },
  })
  const send = (to: string) => locked.action('sendEmail', { to, subject: 'Test', body: 'Bonjour' })
  const together = await Promise.all(Array.from({ length: 10 }, () => send(somebody())))
  const after = []
  for (let one = 0; one < 10; one += 1) after.push(await send(somebody()))
  for (const { status, body } of [...together, ...after])
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'queued' } })
  expect(logins).toBe(1)
  const lines = logged(locked, 'provider_stopped')
  expect(lines).toMatchObject([{ level: 'error', provider: 'smtp' }])
  expect(lines[0]?.reason).toContain('SMTP_PASSWORD')
  await locked.stop()
})
