import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { returnPaths } from '#src/contract/return-path.ts'
import { reportOf } from '#src/email/report.ts'
import { reportEvents } from '#src/email/report-events.ts'
import type { SentTo } from '#src/store/calls/mailboxes.ts'

const id = '7f1c2d3e-4b5a-4c6d-8e7f-901a2b3c4d5e'
const other = '11111111-2222-4333-8444-555555555555'
const paths = returnPaths('bounces@comms.example', ['the-secret'])
const receivedAt = new Date('2026-11-30T09:06:00Z')
const sent: SentTo = {
  recipient: 'claire@customer.example',
  copies: [],
  createdAt: new Date('2026-11-30T08:59:00Z'),
}
const mail = (name: string) => readFileSync(new URL(`reports/${name}.eml`, import.meta.url), 'utf8')

/** What a report comes to, where the messages of these ids were sent. */
async function told(text: string, known: Record<string, SentTo> = { [id]: sent }) {
  const report = await reportOf(Buffer.from(text))
  if (!report) throw new Error('not a report')
  return reportEvents(report, receivedAt, { paths, sentTo: async (asked) => known[asked] })
}
const toldOf = (text: string, of: SentTo) => told(text, { [id]: of })
const to = (text: string, address: string) => text.replace('To: bounces@comms.example', `To: ${address}`)
const enveloped = (text: string, value: string) =>
  text.replace('Reporting-MTA', `Original-Envelope-Id: ${value}\nReporting-MTA`)
const rawOf = (events: Awaited<ReturnType<typeof told>>) => events[0]?.raw

describe('a report finds its message', () => {
  const base = mail('ses-unknown')
  const withoutRef = base.replace(/^X-Message-Ref.*\n/m, '')
  const nothing = mail('no-third-part')

  test.each([
    ['return path', enveloped(to(base.replaceAll(id, other), paths.of(id)), other)],
    ['envelope id', enveloped(base.replaceAll(id, other), id)],
    ['message ref', base],
    ['message id', withoutRef],
    ['message id', withoutRef.replace('<7f1c2d3e', '<7F1C2D3E')],
  ])('by its %s first', async (by, text) => {
    const events = await told(text, { [id]: sent, [other]: sent })
    expect(events).toMatchObject([
      { messageId: id, type: 'bounced', bounceClass: 'hard', consent: 'withdrawn', source: 'dsn' },
    ])
    expect(rawOf(events)).toMatchObject({ foundBy: by })
  })

  test('by no token that a stranger has signed', async () => {
    const forged = returnPaths('bounces@comms.example', ['another']).of(other)
    expect(await told(to(base, forged), { [id]: sent, [other]: sent })).toMatchObject([{ messageId: id }])
  })

  test('by its address and time where it names no message, which is a guess, and silences nobody', async () => {
    const [event] = await told(nothing)
    expect(event).toMatchObject({ guess: true, recipient: 'claire@customer.example', type: 'bounced' })
    expect(event?.messageId).toBeUndefined()
    expect(event?.consent).toBeUndefined()
  })

  test('later where the message is not known yet: it lies parked under the Message-ID', async () => {
    const [event] = await told(base, {})
    expect(event).toMatchObject({ providerMessageId: `${id}@comms.example`, type: 'bounced' })
    expect([event?.messageId, event?.guess, event?.consent]).toEqual([undefined, undefined, undefined])
  })

  test('and never where it is about another program’s mail', async () => {
    const theirs = base.replace(/^X-Message-Ref.*\n/m, '').replace(`${id}@comms`, 'abc@shop')
    const [event] = await told(theirs)
    expect(event).toMatchObject({ providerMessageId: 'abc@shop.example' })
    expect([event?.messageId, event?.guess, event?.consent]).toEqual([undefined, undefined, undefined])
  })
})

describe('whom a report is about', () => {
  test.each([
    ['its recipient in capitals', { ...sent }, 'CLAIRE@Customer.Example', 'bounced', 'withdrawn'],
    [
      'a copy',
      { ...sent, recipient: 'zoe@customer.example', copies: ['claire@customer.example'] },
      'claire@customer.example',
      'bounced',
      'withdrawn',
    ],
    ['nobody of the message', { ...sent }, 'victim@customer.example', 'unknown', undefined],
    ['a longer address', { ...sent }, 'x.claire@customer.example', 'unknown', undefined],
    ['a forwarded address', { ...sent }, 'claire@elsewhere.example', 'unknown', undefined],
  ])('%s', async (_whom, of, address, type, consent) => {
    const text = mail('ses-unknown').replace('rfc822; claire@customer.example', `rfc822; ${address}`)
    const [event] = await told(text, { [id]: of })
    expect(event).toMatchObject({ type, messageId: id, recipient: address.toLowerCase() })
    expect([event?.consent, event?.bounceClass]).toEqual([consent, consent && 'hard'])
  })

  describe('of an alias, which stands for another address', () => {
    const delivered = mail('postfix-alias')
    const failed = delivered
      .replace('Action: delivered\nStatus: 2.0.0', 'Action: failed\nStatus: 5.1.1')
      .replace(
        /^Diagnostic-Code:.*$/m,
        'Diagnostic-Code: smtp; 550 5.1.1 <jean@customer.example>: User unknown',
      )
    const copy = { ...sent, recipient: 'zoe@customer.example', copies: ['claire@customer.example'] }

    test.each([
      ['the recipient', sent],
      ['a copy', copy],
      ['a recipient beside whom it stands for', { ...sent, copies: ['jean@customer.example'] }],
    ])('%s: what is told is told of whom we wrote to', async (_who, of) => {
      const told = { messageId: id, recipient: 'claire@customer.example' }
      const [arrived] = await toldOf(delivered, of)
      expect(arrived).toMatchObject({ ...told, type: 'delivered' })
      const [returned] = await toldOf(failed, of)
      // Others may read it: that one of them is gone silences nobody by itself.
      expect(returned).toMatchObject({ ...told, type: 'bounced', bounceClass: 'soft', code: '550 5.1.1' })
      expect(returned?.consent).toBeUndefined()
    })

    test('of nobody whom we wrote to: it is unknown', async () => {
      const strangers = failed.replace('rfc822;claire@', 'rfc822;victim@')
      const [event] = await told(strangers)
      expect(event).toMatchObject({ type: 'unknown', recipient: 'jean@customer.example' })
      expect([event?.consent, event?.bounceClass]).toEqual([undefined, undefined])
    })

    test('two aliases of one have an event each', async () => {
      const block = /Final-Recipient[\s\S]*?maildir\n/.exec(delivered)?.[0] ?? ''
      const both = delivered.replace(block, `${block}\n${block.replace('rfc822;claire@', 'rfc822;info@')}`)
      const events = await told(both, { [id]: { ...sent, copies: ['info@customer.example'] } })
      expect(events.map(({ recipient }) => recipient)).toEqual([
        'claire@customer.example',
        'info@customer.example',
      ])
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2)
    })

    test('where it names no message the one to the alias is meant', async () => {
      const nameless = delivered
        .replace(/^Original-Envelope-Id.*\n/m, '')
        .replace(/^(?:X-Message-Ref|Message-ID: <7f1c).*\n/gm, '')
      expect(await told(nameless)).toMatchObject([{ guess: true, recipient: 'claire@customer.example' }])
    })
  })

  test('each of several has an event of its own', async () => {
    const several = { ...sent, copies: ['paul@customer.example'] }
    const events = await told(mail('several-recipients'), { [id]: several })
    expect(events.map(({ recipient, type }) => [recipient, type])).toEqual([
      ['claire@customer.example', 'bounced'],
      ['paul@customer.example', 'bounced'],
      ['zoe@customer.example', 'unknown'],
    ])
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(3)
  })

  test.each([
    ['complaint', [], 'claire@customer.example', 'withdrawn'],
    ['complaint-without-address', [], 'claire@customer.example', 'withdrawn'],
    // Of several nobody knows who complained.
    ['complaint-without-address', ['paul@customer.example'], '', undefined],
  ])('a %s of a mail with the copies %j is of %s', async (name, copies, recipient, consent) => {
    const [event] = await told(mail(name), { [id]: { ...sent, copies } })
    expect(event).toMatchObject({ type: 'complained', recipient, messageId: id })
    expect(event?.consent).toBe(consent)
  })
})

test('a report that is read twice is the same event, and another attempt’s is another', async () => {
  const [once] = await told(mail('ses-unknown'))
  const [again] = await told(mail('ses-unknown'))
  const [later] = await told(mail('ses-unknown').replace('report.ses', 'later.ses'))
  expect(again?.eventId).toBe(once?.eventId)
  expect(later?.eventId).not.toBe(once?.eventId)
})

test.each([
  ['Sat, 28 Nov 2026 09:05:00 +0000', sent.createdAt],
  ['Mon, 30 Nov 2026 09:05:00 +0000', new Date('2026-11-30T09:05:00Z')],
  ['Mon, 30 Nov 2099 09:05:00 +0000', receivedAt],
  ['yesterday', receivedAt],
])('a report of %s tells of %o', async (date, occurredAt) => {
  const text = mail('ses-unknown').replace(/^Date: .*:05:00.*$/m, `Date: ${date}`)
  expect((await told(text))[0]?.occurredAt).toEqual(occurredAt)
})

test('what is kept of it names nobody, and holds nothing of the mail', async () => {
  const kept = JSON.stringify((await told(mail('postfix-sender-refused')))[0]?.raw)
  expect(kept).toContain('Sender address')
  expect(kept).not.toMatch(/claire|rendez-vous|bounces@/)
})
