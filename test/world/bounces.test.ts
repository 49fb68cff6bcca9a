import { chownSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { anotherServer } from '#support/another-server.ts'
import { becomes, logged, shown } from '#support/sends.ts'
import { startWorld, type World } from '#support/world.ts'
import { type MailHouse, startMailHouse } from './mail-house.ts'
import { describeWith, onPath } from './needs.ts'

let people = 0
const somebody = (story: string, domain = 'remote.test') => {
  people += 1
  return `${story}${people}@${domain}`
}

const unfit = process.getuid?.() === 0 ? undefined : 'it takes root to start one'
const needs = [
  { program: 'postfix', found: onPath('postfix'), debian: 'postfix', unfit },
  { program: 'dovecot', found: onPath('dovecot'), debian: 'dovecot-core dovecot-imapd', unfit },
] as const

describeWith(needs[0], 'reports of a real Postfix', (postfix) => {
  describeWith(needs[1], 'in a mailbox of a real Dovecot', (dovecot) => {
    let mail: MailHouse
    let world: World
    let imap: Record<string, string>
    beforeAll(async () => {
      mail = await startMailHouse(postfix, dovecot)
      imap = {
        BOUNCE_IMAP_HOST: '127.0.0.1',
        BOUNCE_IMAP_PORT: String(mail.port.imap),
        BOUNCE_IMAP_SECURE: 'false',
        BOUNCE_IMAP_USER: 'bounces@cabinet.test',
        BOUNCE_IMAP_PASSWORD: 'the-password',
      }
      world = await worldAt(mail.port.plain)
    })
    afterAll(async () => {
      await world?.stop()
      await mail?.stop()
    })

    function environmentAt(port: number): Record<string, string> {
      return {
        EMAIL_PROVIDER: 'smtp',
        SMTP_HOST: '127.0.0.1',
        SMTP_PORT: String(port),
        SMTP_FROM: 'Cabinet <accueil@cabinet.test>',
        BOUNCE_ADDRESS: 'bounces@cabinet.test',
        ...imap,
      }
    }
    const worldAt = (port: number) => startWorld({ workerEveryMs: 20, environment: environmentAt(port) })

    async function sent(to: string, more: object = {}, by = world): Promise<string> {
      const { body } = await by.action('sendEmail', { to, subject: 'Test', body: 'Bonjour', ...more })
      expect(body).toMatchObject({ success: true })
      return body.messageId
    }
    const dead = async (address: string) =>
      (await world.database.query('select from suppressions where address = $1 and active', [address]))
        .length > 0
    const reports = async (id: string) =>
      (await shown(world, id)).events.filter(({ source }: { source: string }) => source === 'dsn')

    test.each([
      ['ok', 'local.test', { status: 'delivered' }, [['delivered', 'delivered']], false],
      ['client', 'remote.test', { status: 'sent' }, [['sent', 'relayed']], false],
      [
        'inconnu',
        'remote.test',
        { status: 'bounced', bounceClass: 'hard', errorCode: '550 5.1.1' },
        [['bounced', 'failed']],
        true,
      ],
      [
        'plein',
        'remote.test',
        { status: 'bounced', bounceClass: 'soft', errorCode: '552 5.2.2' },
        [['bounced', 'failed']],
        false,
      ],
      [
        'ferme',
        'remote.test',
        { status: 'bounced', bounceClass: 'blocked', errorCode: '554 5.7.1' },
        [['bounced', 'failed']],
        false,
      ],
      ['quota', 'remote.test', { status: 'failed', errorCode: '550 5.4.5' }, [['failed', 'failed']], false],
      [
        'gris',
        'remote.test',
        { status: 'bounced', bounceClass: 'soft', errorCode: '451 4.7.1' },
        [
          ['deferred', 'delayed'],
          ['bounced', 'failed'],
        ],
        false,
      ],
    ])('a mail to %s@%s ends as %o', async (story, domain, fields, told, isDead) => {
      const to = story === 'ok' ? 'ok@local.test' : somebody(story, domain)
      const id = await sent(to)
      await vi.waitFor(
        async () => {
          const facts = await reports(id)
          expect(facts.map(({ type, providerType }: Record<string, string>) => [type, providerType])).toEqual(
            told,
          )
        },
        { timeout: 40_000, interval: 100 },
      )
      const { message } = await becomes(world, id, fields)
      expect(message.deferredAt !== null).toBe(story === 'gris')
      expect(await dead(to)).toBe(isDead)
    })

    test('a copy that nobody has changes nothing but that copy', async () => {
      const [to, copy] = [somebody('client'), somebody('inconnu')]
      const id = await sent(to, { cc: [copy] })
      await vi.waitFor(
        async () => {
          const told = (await reports(id)).map(({ type, recipient }: Record<string, string>) => [
            type,
            recipient,
          ])
          expect(told).toEqual(
            expect.arrayContaining([
              ['sent', to],
              ['bounced', copy],
            ]),
          )
        },
        { timeout: 20_000 },
      )
      expect((await shown(world, id)).message.status).toBe('sent')
      expect([await dead(to), await dead(copy)]).toEqual([false, true])
    })

    describe('what else comes to the mailbox', () => {
      const send = (more: object) =>
        createTransport({ host: '127.0.0.1', port: mail.port.plain, ignoreTLS: true }).sendMail({
          from: 'Claire <claire@remote.test>',
          to: 'bounces@cabinet.test',
          ...more,
        })

      test('stays as it is: unseen, and in its place', async () => {
        await send({
          subject: 'Absence',
          text: 'Je suis absente. 550 5.1.1',
          headers: { 'Auto-Submitted': 'auto-replied' },
        })
        await send({ subject: 'Re: Test', text: 'D’accord.\n> Action: failed\n> Status: 5.1.1' })
        await send({ subject: 'Offre', html: '<p>Une offre</p>' })
        const before = kept(mail)
        // All of them were read by then.
        const id = await sent(somebody('plein'))
        await becomes(world, id, { status: 'bounced' })
        const after = kept(mail)
        expect(after.length).toBeGreaterThan(before.length)
        expect(after).toEqual(expect.arrayContaining(before))
        expect(after.filter(({ flags }) => flags !== '')).toEqual([])
        const unmatched = await world.database.query(
          "select from message_events where source = 'dsn' and message_id is null",
        )
        expect(unmatched).toEqual([])
        expect(await dead('claire@remote.test')).toBe(false)
      })

      test('holds up no report, however much a stranger writes above it', async () => {
        const raw = `From: Claire <claire@remote.test>\n${`To: ${'a'.repeat(100_000)}\n`.repeat(12)}\nBonjour\n`
        const file = join(mail.folder, 'new', '1.huge.remote')
        writeFileSync(file, raw)
        chownSync(file, 65_534, 65_534)
        const id = await sent(somebody('inconnu'))
        await becomes(world, id, { status: 'bounced' })
        expect(kept(mail).map(({ name }) => name)).toContain('1.huge.remote')
        expect(logged(world, 'bounce_mailbox_not_read')).toEqual([])
      })

      test.each([
        ['somebody whom the message did not go to', (id: string) => id, 'victime@remote.test', ['unknown']],
        ['no message of ours', () => undefined, 'victime@remote.test', undefined],
      ])('a report of a stranger on %s silences nobody', async (_what, idOf, victim, types) => {
        const id = await sent('ok@local.test')
        await becomes(world, id, { status: 'delivered' })
        const named = idOf(id)
        await send({
          from: 'MAILER-DAEMON@remote.test',
          raw: [
            'From: MAILER-DAEMON@remote.test',
            'To: bounces@cabinet.test',
            `Message-ID: <forged${people}.${named ?? 'x'}@remote.test>`,
            'MIME-Version: 1.0',
            'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
            '',
            '--b',
            'Content-Type: message/delivery-status',
            '',
            'Reporting-MTA: dns; remote.test',
            ...(named === undefined ? [] : [`Original-Envelope-Id: ${named}`]),
            '',
            `Final-Recipient: rfc822; ${victim}`,
            'Action: failed',
            'Status: 5.1.1',
            '',
            '--b--',
            '',
          ].join('\r\n'),
        })
        const told = () =>
          world.database.query('select type, message_id from message_events where recipient = $1', [victim])
        await vi.waitFor(async () => expect(await told()).not.toEqual([]), { timeout: 15_000 })
        expect(await dead(victim)).toBe(false)
        if (types) expect((await told()).map(({ type }) => type)).toEqual(types)
        expect((await shown(world, id)).message.status).toBe('delivered')
      })
    })

    test('a relay that refuses the return path has the mail by its sender, and says so once', async () => {
      const strict = await worldAt(mail.port.strict)
      onTestFinished(strict.stop)
      await sent(somebody('client'), {}, strict)
      await sent(somebody('client'), {}, strict)
      const notes = logged(strict, 'provider_checked').filter(({ provider }) => provider === 'smtp')
      expect(notes).toMatchObject([{ finding: expect.stringContaining('BOUNCE_ADDRESS') }])
      expect(logged(strict, 'provider_stopped')).toEqual([])
      expect(mail.log()).toMatch(/from=<accueil@cabinet\.test>/)
    })

    test('a mailbox that is away is told once, sends go on, and what came meanwhile is read when it is back', async () => {
      await mail.haltImap()
      const ready = async () => (await fetch(`${world.url}/health/ready`)).json()
      await vi.waitFor(
        async () =>
          expect(await ready()).toMatchObject({ warnings: [expect.stringContaining('BOUNCE_IMAP_HOST')] }),
        { timeout: 40_000, interval: 200 },
      )
      const id = await sent(somebody('inconnu'))
      expect(logged(world, 'bounce_mailbox_not_read')).toHaveLength(1)
      await mail.startImap()
      await vi.waitFor(async () => expect((await shown(world, id)).message.status).toBe('bounced'), {
        timeout: 60_000,
        interval: 200,
      })
      expect(await ready()).not.toHaveProperty('warnings')
    })

    test('one process reads it, and another goes on where that has stopped', async () => {
      const unread = Object.fromEntries(Object.keys(imap).map((name) => [name, '']))
      const shared = await startWorld({
        workerEveryMs: 20,
        environment: { ...environmentAt(mail.port.plain), ...unread },
      })
      onTestFinished(shared.stop)
      const environment = environmentAt(mail.port.plain)
      const recorded = (by: { logLines: string[] }, fact: string) =>
        by.logLines.filter((line) => line.includes(`"message":"${fact}"`)).length
      const one = await anotherServer(shared, { environment })
      await vi.waitFor(() => expect(recorded(one, 'bounce_mailbox_opened')).toBe(1), { timeout: 10_000 })
      const other = await anotherServer(shared, { environment })
      onTestFinished(other.stop)
      const first = await sent(somebody('inconnu'), {}, shared)
      await becomes(shared, first, { status: 'bounced' })
      expect(recorded(other, 'bounce_mailbox_opened')).toBe(0)
      await one.stop()
      const second = await sent(somebody('plein'), {}, shared)
      await vi.waitFor(async () => expect((await shown(shared, second)).message.status).toBe('bounced'), {
        timeout: 40_000,
        interval: 200,
      })
      expect(recorded(other, 'bounce_mailbox_opened')).toBe(1)
      await vi.waitFor(() => expect(recorded(other, 'report_recorded')).toBe(1))
    })
  })
})

/** The mails in the mailbox, by what Dovecot has made of their names: what stands behind `:2,` are the flags. */
function kept(mail: MailHouse): { name: string; flags: string }[] {
  const files = ['new', 'cur'].flatMap((box) => readdirSync(join(mail.folder, box)))
  return files.map((file) => {
    const [name = '', flags = ''] = file.split(':2,')
    return { name: name.replace(/,.*$/, ''), flags }
  })
}
