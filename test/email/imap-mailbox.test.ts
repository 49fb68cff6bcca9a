import { getEventListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createBounceMailbox } from '#src/email/bounce-mailbox.ts'
import { longestPauseMs } from '#src/email/mailbox-patience.ts'
import type { MailboxPlace } from '#src/store/calls/mailboxes.ts'
import { collectedLog } from '#support/log-lines.ts'
import { type FakeMail, fakeImap } from './fake-imap.ts'

const report = (whom: string): FakeMail => ({
  headers: 'From: MAILER-DAEMON@relay.example\r\nMessage-ID: <r@relay.example>',
  text: `Hi. This is the qmail-send program at relay.example.\r\n\r\n<${whom}@customer.example>:\r\n550 5.1.1 no such user\r\n`,
})

/** A mailbox that is read from its first mail on: whom reports were of, and how far it is kept as read. */
async function mailboxOf(mails: Record<number, FakeMail>) {
  const { port, asked } = await fakeImap(
    new Map(Object.entries(mails).map(([uid, one]) => [Number(uid), one])),
  )
  const { log, lines } = collectedLog('warn')
  const reported: (string | undefined)[] = []
  const stopping = new AbortController()
  let place: MailboxPlace = { uidValidity: 7, lastUid: 0 }
  let at = 0
  const mailbox = createBounceMailbox({
    settings: { host: '127.0.0.1', port, secure: false, user: 'bounces', password: 'the-password' },
    paths: undefined,
    store: {
      holdMailbox: async () => ({ held: true, place }),
      keepMailbox: async (_mailbox, _owner, read) => {
        place = read
        return true
      },
      leaveMailbox: async () => undefined,
      mailSentTo: async () => undefined,
    },
    ingest: {
      record: async ({ events = [] }) => {
        reported.push(...events.map(({ event }) => event.recipient?.split('@')[0]))
        // Long enough for a connection that is ended meanwhile to be known to be.
        await pause(50)
        return 0
      },
    },
    owner: 'this process',
    log,
    now: () => new Date('2026-11-30T09:06:00Z'),
    clock: () => at,
  })
  onTestFinished(async () => {
    stopping.abort()
    await mailbox.close()
  })
  return {
    asked,
    lines,
    reported,
    stopping,
    lastUid: () => place.lastUid,
    /** Until it waits for new mails, or has failed. */
    async round(): Promise<void> {
      at += longestPauseMs
      const over = mailbox.round(stopping.signal)
      const waits = vi.waitFor(() => expect(asked.at(-1)).toMatch(/^(?:NOOP|IDLE|STATUS)/), {
        timeout: 5_000,
      })
      await Promise.race([over, waits])
    },
  }
}

test('a mail with a megabyte of headers is read as far as it says what it is', async () => {
  const { headers, text } = report('claire')
  const huge = { headers: `${headers}\r\n${`To: ${'a'.repeat(100_000)}\r\n`.repeat(12)}`, text }
  const mailbox = await mailboxOf({ 1: huge, 2: report('paul') })
  await mailbox.round()
  expect(mailbox.reported).toEqual(['claire', 'paul'])
  expect(mailbox.lastUid()).toBe(2)
  expect(mailbox.lines()).toEqual([])
})

test('a mail that ends the connection whenever it is read is passed over the fourth time, and said once', async () => {
  const bomb = { ...report('zoe'), described: 2_000_000 }
  const mailbox = await mailboxOf({ 1: report('claire'), 2: bomb, 3: report('paul') })
  for (const _time of [1, 2, 3]) await mailbox.round()
  expect([mailbox.reported.includes('paul'), mailbox.lastUid()]).toEqual([false, 0])
  await mailbox.round()
  expect(mailbox.reported.at(-1)).toBe('paul')
  expect(mailbox.lastUid()).toBe(3)
  const skipped = mailbox.lines().filter(({ message }) => message === 'bounce_mail_skipped')
  expect(skipped).toMatchObject([{ uid: 2, level: 'warn' }])
})

test('where the connection ends between two mails the second is read by the next', async () => {
  const mailbox = await mailboxOf({ 1: { ...report('claire'), last: true }, 2: report('paul') })
  await mailbox.round()
  expect([mailbox.reported, mailbox.lastUid()]).toEqual([['claire'], 0])
})

test('a connection that has ended waits for the stop no more', async () => {
  const bomb = { ...report('zoe'), described: 2_000_000 }
  const mailbox = await mailboxOf({ 1: bomb })
  for (const _time of [1, 2, 3]) await mailbox.round()
  expect(getEventListeners(mailbox.stopping.signal, 'abort')).toEqual([])
})
