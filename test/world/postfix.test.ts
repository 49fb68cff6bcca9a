import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { becomes, comes, logged, shown } from '#support/sends.ts'
import { startSmtpWorld } from '#support/smtp-world.ts'
import type { World } from '#support/world.ts'
import { describeWith, onPath } from './needs.ts'
import { type Postfix, startPostfix } from './postfix.ts'
import { maps, type Port } from './postfix-settings.ts'

const minute = 60_000
let aheadMs = 0
let people = 0
const somebody = (story = 'client') => {
  people += 1
  return `${story}${people}@remote.test`
}

const unfit = process.getuid?.() === 0 ? undefined : 'it takes root to start one'
const need = { program: 'postfix', found: onPath('postfix'), debian: 'postfix', unfit }
describeWith(need, 'a real Postfix', (program) => {
  let postfix: Postfix
  let world: World
  beforeAll(async () => {
    postfix = await startPostfix(program)
    world = await worldAt('plain')
  })
  afterAll(async () => {
    await world?.stop()
    await postfix?.stop()
  })
  beforeEach(async () => {
    // Nothing that waited from before comes in between, and nobody is left alone any more.
    const { messages } = (await world.call('GET', '/api/messages?status=queued')).body
    for (const { id } of messages) await world.call('POST', `/api/messages/${id}/cancel`)
    aheadMs += 61 * minute
  })

  function worldAt(port: Port, environment: Record<string, string> = {}): Promise<World> {
    const from = 'Cabinet <accueil@cabinet.test>'
    return startSmtpWorld(postfix.port[port], { from, aheadMs: () => aheadMs, environment })
  }
  async function anotherAt(port: Port, environment: Record<string, string> = {}): Promise<World> {
    const another = await worldAt(port, environment)
    onTestFinished(another.stop)
    return another
  }

  /** What is answered, what became of the message, and whether its person is thought dead. */
  async function sent(to: string, more: object = {}, by = world) {
    const request = { to, subject: 'Test', body: 'Bonjour', ...more }
    const { status: answered, body } = await by.action('sendEmail', request)
    const { message, events } = await shown(by, body.messageId ?? body.error.messageId)
    const { id, status, errorCode: code, errorMessage: reason } = message
    const address = 'select 1 from suppressions where address = $1 and active'
    const dead = (await by.database.query(address, [to])).length > 0
    return { to, answered, status, code, reason, dead, id, messageId: message.providerMessageId, events }
  }
  const stops = (by = world) => logged(by, 'provider_stopped')

  test('has the mail that it took, under our Message-ID', async () => {
    const mail = await sent(somebody())
    expect(mail).toMatchObject({ answered: 200, status: 'sent' })
    await vi.waitFor(() => expect(postfix.log()).toContain(`message-id=<${mail.messageId}>`))
  })

  describe('refuses a recipient in its reply to RCPT TO', () => {
    test.each([
      ['parti', '550 5.1.1', 'bounced', true, 'User unknown in virtual mailbox table'],
      ['complet', '552 5.2.2', 'rejected', false, 'Mailbox full'],
      ['ferme', '554 5.7.1', 'rejected', false, 'Access denied'],
    ])('%s with %s for good: %s, dead %s', async (story, code, status, dead, words) => {
      const alerts = stops().length
      const mail = await sent(somebody(story))
      expect(mail).toMatchObject({ answered: 422, status, code, dead })
      expect(mail.reason).toContain(`Recipient address rejected: ${words}`)
      expect(stops()).toHaveLength(alerts)
    })

    test.each([
      ['gris', '450 4.2.0', false],
      ['plein', '452 4.2.2', false],
      ['rythme', '550 5.2.1', false],
      ['quota', '550 5.4.5', true],
    ])('%s with %s for now: the mail waits; we are stopped: %s', async (story, code, stopped) => {
      const alerts = stops().length
      expect(await sent(somebody(story))).toMatchObject({
        answered: 202,
        status: 'queued',
        code,
        dead: false,
      })
      expect(stops().length - alerts).toBe(stopped ? 1 : 0)
      expect((await sent(somebody())).answered).toBe(stopped ? 202 : 200)
    })

    test('whose mail it does not relay: that is about us', async () => {
      const alerts = stops().length
      expect(await sent('quelqu-un@elsewhere.test')).toMatchObject({
        status: 'queued',
        code: '554 5.7.1',
        dead: false,
        reason: expect.stringContaining('Relay access denied (check SMTP_HOST'),
      })
      expect(stops().length - alerts).toBe(1)
    })
  })

  describe('refuses our sender in its reply to RCPT TO', () => {
    test.each([
      ['nouveau', '550 5.1.0', 'User unknown in virtual mailbox table'],
      ['sansdomaine', '550 5.1.8', 'Domain not found'],
      ['interdit', '554 5.7.1', 'Access denied'],
      ['depense', '550 5.4.5', 'Daily user sending limit exceeded'],
    ])('%s with %s: it is left alone, once, and nobody is dead', async (story, code, words) => {
      const by = await anotherAt('plain', { SMTP_FROM: `${story}@cabinet.test` })
      const to = somebody()
      const lead = by.sandbox.crm.lead({ lastName: 'Là', email: to })
      const mail = await sent(to, {}, by)
      expect(mail).toMatchObject({ answered: 202, status: 'queued', code, dead: false })
      expect(mail.reason).toContain(`Sender address rejected: ${words}`)
      expect((await sent(somebody(), {}, by)).answered).toBe(202)
      expect(stops(by)).toMatchObject([{ level: 'error', provider: 'smtp', code }])
      expect(by.sandbox.crm.record('Lead', lead.id)?.emailAddressIsInvalid ?? false).toBe(false)
    })

    test('whom the caller chose: it is told, and nobody else waits for it', async () => {
      const to = somebody()
      const mail = await sent(to, { from: 'nouveau@cabinet.test' })
      expect(mail).toMatchObject({ answered: 422, status: 'rejected', code: '550 5.1.0', dead: false })
      expect(await sent(to)).toMatchObject({ answered: 200 })
    })
  })

  test.each([
    [{ body: 'x'.repeat(200_000) }, '552 5.3.4'],
    [{ subject: 'Le casino' }, '550 5.7.1'],
  ])('refuses what a mail is, and that alone (%#)', async (more, code) => {
    const to = somebody()
    const alerts = stops().length
    expect(await sent(to, more)).toMatchObject({ answered: 422, status: 'rejected', code, dead: false })
    expect(stops()).toHaveLength(alerts)
    expect((await sent(to)).answered).toBe(200)
  })

  test('gets a domain in ASCII, since it takes nothing else', async () => {
    const { status, messageId } = await sent('client@münchen.test')
    expect(status).toBe('sent')
    await vi.waitFor(() => expect(postfix.log()).toContain('to=<client@xn--mnchen-3ya.test>'))
    expect(messageId).toMatch(/^[\x21-\x7e]+$/)
  })

  describe('takes a mail for some of its recipients', () => {
    test('with an event and a warning for each copy that it refuses', async () => {
      const [to, full, gone] = [somebody(), somebody('complet'), somebody('parti')]
      const mail = await sent(to, { cc: [full, somebody()], bcc: [gone] })
      expect(mail).toMatchObject({ answered: 200, status: 'sent' })
      const refusals = mail.events.filter(({ type }: { type: string }) => type !== 'sent')
      expect(refusals).toHaveLength(2)
      expect(refusals).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ type: 'rejected', recipient: full, code: '552 5.2.2' }),
          expect.objectContaining({ type: 'bounced', recipient: gone, code: '550 5.1.1' }),
        ]),
      )
    })

    test('and for the one whom it greylisted later, and for no other again', async () => {
      const [to, copy] = [somebody('gris'), somebody()]
      const mail = await sent(to, { cc: [copy] })
      expect(mail).toMatchObject({ answered: 202, status: 'queued' })
      await postfix.halt()
      await postfix.start({ recipients: maps.recipients.replace('/^gris/', '/^noir/') })
      onTestFinished(async () => {
        await postfix.halt()
        await postfix.start(maps)
      })
      await comes(world, mail.id)
      await becomes(world, mail.id, { status: 'sent' })
      const had = (address: string) => postfix.log().split(`to=<${address}>, relay`).length - 1
      await vi.waitFor(() => expect([had(to), had(copy)]).toEqual([1, 1]))
    })
  })

  test('has the mail when it is back from a long time away, with the date of that day', async () => {
    await postfix.halt()
    const mail = await sent(somebody()).finally(() => postfix.start())
    expect(mail).toMatchObject({ answered: 202, status: 'queued', code: 'ECONNREFUSED', dead: false })
    aheadMs += 26 * 60 * minute
    const today = new Date(Date.now() + aheadMs).toUTCString().slice(0, 'Mon, 30 Nov 2026'.length)
    await comes(world, mail.id)
    await becomes(world, mail.id, { status: 'sent' })
    await vi.waitFor(() => expect(postfix.log()).toMatch(new RegExp(`header Date: ${today} .*${mail.to}`)))
  })

  describe('with STARTTLS and a certificate of its own', () => {
    const SMTP_CA = 'test/providers/smtp/localhost.pem'
    test.each<[Port, Record<string, string>]>([
      ['tls', {}],
      ['tls', { SMTP_TLS: 'if-offered' }],
      ['onlyTls', { SMTP_TLS: 'if-offered' }],
      ['onlyTls', { SMTP_TLS: 'require', SMTP_CA }],
    ])('at %s has the mail with %o', async (port, environment) => {
      expect((await sent(somebody(), {}, await anotherAt(port, environment))).status).toBe('sent')
    })

    test.each<[Port, Record<string, string>, string, string]>([
      ['tls', { SMTP_TLS: 'require' }, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SMTP_CA'],
      ['plain', { SMTP_TLS: 'require' }, '502 5.5.1', 'SMTP_TLS'],
      ['onlyTls', { SMTP_TLS: 'off' }, '530 5.7.0', 'SMTP_TLS'],
      ['tls', { SMTP_CA, SMTP_USER: 'x', SMTP_PASSWORD: 'the-password' }, '503 5.5.1', 'SMTP_USER'],
    ])('at %s leaves it waiting with %o (%s), and the error names %s', async (...row) => {
      const [port, environment, code, variable] = row
      const mail = await sent(somebody(), {}, await anotherAt(port, environment))
      expect(mail).toMatchObject({ answered: 202, status: 'queued', code, dead: false })
      expect(mail.reason).toContain(variable)
    })
  })

  test.each<[Port, string, string]>([
    ['strict', '554 5.7.1', 'Client host rejected'],
    ['named', '504 5.5.2', 'Helo command rejected'],
  ])('at %s refuses this machine: it is left alone, and the mail waits', async (port, code, words) => {
    const by = await anotherAt(port)
    expect(await sent(somebody(), {}, by)).toMatchObject({
      answered: 202,
      code,
      reason: expect.stringContaining(words),
    })
    expect((await sent(somebody(), {}, by)).answered).toBe(202)
    expect(stops(by)).toMatchObject([{ level: 'error', provider: 'smtp', code }])
  })

  test('takes two mails a minute from us, and the third waits for it', async () => {
    const by = await anotherAt('slow')
    const mails = [await sent(somebody(), {}, by), await sent(somebody(), {}, by)]
    expect(mails.map(({ answered }) => answered)).toEqual([200, 200])
    expect(await sent(somebody(), {}, by)).toMatchObject({ answered: 202, code: '450 4.7.1', dead: false })
    expect(stops(by)).toEqual([])
  })
})
