import { describe, expect, test } from 'vitest'
import { reportsOf } from '#providers/smtp/reports.ts'
import { smtpSend } from '#providers/smtp/send.ts'
import { returnPaths } from '#src/contract/return-path.ts'
import type { OutgoingEmail } from '#src/model/message.ts'
import { type Script, scriptedServer } from './scripted-server.ts'
import { mailerOf, message, now, thrown } from './sending.ts'

const set = { BOUNCE_ADDRESS: 'bounces@comms.example', TRACKING_SECRET: 'the-secret' }
const path = returnPaths(set.BOUNCE_ADDRESS, ['the-secret']).of(message.id)
const offersDsn = '250-localhost\r\n250-DSN\r\n250 SIZE 1000000'

/** A server of this script, and sends through it that ask for reports. */
async function sending(script: Script, settings: Parameters<typeof reportsOf>[0] = set) {
  const server = await scriptedServer((command, argument) =>
    command === 'EHLO' ? offersDsn : script(command, argument),
  )
  const notes: string[] = []
  const reports = reportsOf(settings, (finding) => notes.push(finding))
  const send = smtpSend({ mailer: mailerOf(server.port), reports, from: 'Max <max@comms.example>', now })
  const said = (command: string) => server.commands.filter((line) => line.startsWith(command))
  return { send, notes, said }
}

describe('a mail asks to be reported on', () => {
  test('under our id, by a return path of its own, where the server offers it', async () => {
    const { send, said, notes } = await sending(() => undefined)
    expect((await send(message)).raw).toMatchObject({ reportsAsked: true })
    expect(said('MAIL FROM')).toEqual([`MAIL FROM:<${path}> RET=HDRS ENVID=${message.id}`])
    expect(said('RCPT TO')).toEqual([
      `RCPT TO:<${message.to}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;${message.to}`,
    ])
    expect(notes).toEqual([])
  })

  test('without an original recipient where it has several: each would get the first one’s', async () => {
    const { send, said } = await sending(() => undefined)
    await send({ ...message, cc: ['cc@customer.example'], bcc: ['bcc@customer.example'] } as OutgoingEmail)
    expect(said('RCPT TO')).toHaveLength(3)
    for (const line of said('RCPT TO'))
      expect(line).toMatch(/^RCPT TO:<[^<>]+> NOTIFY=SUCCESS,FAILURE,DELAY$/)
  })

  test('in vain of a server that offers none, which is noted once', async () => {
    const { send, said, notes } = await sending(() => undefined)
    const silent = await scriptedServer(() => undefined)
    const reports = reportsOf(set, (finding) => notes.push(finding))
    const byOther = smtpSend({ mailer: mailerOf(silent.port), reports, from: 'max@comms.example', now })
    expect((await byOther(message)).raw).toMatchObject({ reportsAsked: false })
    await byOther(message)
    expect(silent.commands).toContain(`MAIL FROM:<${path}>`)
    expect(notes).toEqual([expect.stringContaining('offers no delivery reports')])
    await send(message)
    expect(said('MAIL FROM')).toHaveLength(1)
  })

  test.each([
    [{}, /^MAIL FROM:<max@comms\.example>$/],
    [{ BOUNCE_IMAP_HOST: 'imap.example' }, /^MAIL FROM:<max@comms\.example> RET=HDRS/],
    [{ BOUNCE_ADDRESS: 'bounces@comms.example' }, /^MAIL FROM:<bounces@comms\.example> RET=HDRS/],
    [
      { BOUNCE_ADDRESS: 'bounces@comms.example', JWT_SECRET: 'a,b' },
      /^MAIL FROM:<bounces\+[0-9a-v]{39}@comms\.example> RET=HDRS/,
    ],
  ])('only where somebody reads what comes: with %j', async (settings, expected) => {
    const { send, said } = await sending(() => undefined, settings)
    await send(message)
    expect(said('MAIL FROM')).toEqual([expect.stringMatching(expected)])
  })
})

describe('a server that refuses the return path', () => {
  test.each<[string, Script]>([
    ['at MAIL FROM', (command, argument) => refusal(command === 'MAIL FROM', argument)],
    // Postfix asks about the sender only there (smtpd_delay_reject).
    ['at RCPT TO', (command) => refusal(command === 'RCPT TO', current)],
  ])('%s gets the mail by its sender at once, and so the next', async (_where, refuse) => {
    const { send, said, notes } = await sending((command, argument) => {
      if (command === 'MAIL FROM') current = argument
      return refuse(command, argument)
    })
    expect(await send(message)).toMatchObject({ type: 'sent', sender: 'max@comms.example' })
    await send(message)
    const senders = said('MAIL FROM').map((line) => /<(.*)>/.exec(line)?.[1])
    expect(senders).toEqual([path, 'max@comms.example', 'max@comms.example'])
    expect(notes).toEqual([expect.stringContaining('BOUNCE_ADDRESS')])
  })

  test('and the sender too is asked by its return path again: the fault is not the path’s', async () => {
    const { send, said, notes } = await sending((command) =>
      command === 'MAIL FROM' ? '550 5.7.1 not you' : undefined,
    )
    expect(await thrown(send(message))).toMatchObject({ ofSender: true })
    expect(await thrown(send(message))).toMatchObject({ ofSender: true })
    expect(said('MAIL FROM').filter((line) => line.includes(path))).toHaveLength(2)
    expect(notes).toEqual([])
  })

  test('is not what refuses a recipient', async () => {
    const { send, said } = await sending((command) =>
      command === 'RCPT TO' ? '550 5.1.1 no such user' : undefined,
    )
    expect(await thrown(send(message))).toMatchObject({ bounced: true })
    expect(said('MAIL FROM')).toHaveLength(1)
  })
})

let current = ''
function refusal(here: boolean, argument: string) {
  return here && argument.includes('bounces+')
    ? '553 5.7.1 <x@y.z>: Sender address rejected: not owned by user'
    : undefined
}

test.each([
  [{ BOUNCE_ADDRESS: 'bounces' }, 'BOUNCE_ADDRESS is not an email address'],
  [{ BOUNCE_ADDRESS: 'Bounces <bounces@comms.example>' }, 'BOUNCE_ADDRESS is not an email address'],
  [{ BOUNCE_ADDRESS: `${'b'.repeat(25)}@comms.example`, JWT_SECRET: 's' }, 'BOUNCE_ADDRESS is too long'],
])('%j stops the boot', (settings, reason) => {
  expect(() => reportsOf(settings, () => undefined)).toThrow(reason)
})
