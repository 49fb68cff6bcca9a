import { expect, test } from 'vitest'
import { reportOf } from '#src/email/report.ts'
import { subjectOf } from '#src/email/subject.ts'
import { textReport } from '#src/email/text-report.ts'
import { verdictOf } from '#src/email/verdict.ts'

const kilobytes = (count: number, of: string) => of.repeat((count * 1024) / of.length)
const folded = (text: string) => text.replace(/.{70}/g, '$&\r\n ')

/** A report as a stranger may make one, of which one field or another is as long as is read. */
function reportWith(fields: { status?: string; returned?: string; headers?: string; words?: string }) {
  const {
    status = 'Final-Recipient: rfc822; a@b.c',
    returned = 'Subject: Test',
    headers,
    words = '',
  } = fields
  return Buffer.from(
    [
      'Content-Type: multipart/report; boundary=b',
      ...(headers === undefined ? [] : [headers]),
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      words,
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; b.c',
      '',
      status,
      'Action: failed',
      'Status: 5.1.1',
      '',
      '--b',
      'Content-Type: text/rfc822-headers',
      '',
      returned,
      '',
      '--b--',
      '',
    ].join('\r\n'),
  )
}

const hundred = Array.from({ length: 100 }, () => 'Final-Recipient: rfc822; a@b.c\r\nAction: failed').join(
  '\r\n\r\n',
)
const byExim = (text: string) =>
  Buffer.from(
    `From: MAILER-DAEMON@b.c\r\n\r\nThis message was created automatically by mail delivery software.\r\n${text}`,
  )

/** The best of several: others use the machine too. */
async function tookMs(work: () => Promise<void> | void): Promise<number> {
  const took: number[] = []
  for (let time = 0; time < 5 && (took.at(-1) ?? 0) < 1_000; time += 1) {
    const from = performance.now()
    await work()
    took.push(performance.now() - from)
  }
  return Math.min(...took)
}

test.each([
  ['a recipient', reportWith({ status: `Final-Recipient: ${kilobytes(128, 'a')}` })],
  ['a recipient in lines', reportWith({ status: `Final-Recipient: ${folded(kilobytes(128, 'a'))}` })],
  ['a recipient of signs', reportWith({ status: `Final-Recipient: ${kilobytes(128, '@')}` })],
  ['whom we named', reportWith({ status: `Original-Recipient: ${kilobytes(128, 'a')}` })],
  ['a diagnosis', reportWith({ status: `Diagnostic-Code: smtp; 550 ${kilobytes(127, 'said: ')}` })],
  ['a Message-ID', reportWith({ returned: `Message-ID: ${kilobytes(32, 'a')}` })],
  ['a Message-ID of signs', reportWith({ returned: `Message-ID: ${kilobytes(32, '@')}` })],
  ['a sender, and many recipients', reportWith({ returned: `From: ${kilobytes(32, 'a')}`, status: hundred })],
  [
    'an address that it came to, and many recipients',
    reportWith({ headers: `X-Original-To: ${kilobytes(64, 'a')}`, status: hundred }),
  ],
  ['words', reportWith({ words: kilobytes(16, 'in reply to ') })],
  ['a line of words', byExim(`<${kilobytes(16, 'a@')}`)],
  ['an indented line of words', byExim(`  ${kilobytes(16, '@')} `)],
])('a report that is nothing but %s is read at once', async (_what, mail) => {
  const took = await tookMs(async () => {
    const report = await reportOf(mail)
    if (!report) return
    subjectOf(report, undefined)
    for (const recipient of report.recipients) verdictOf(report, recipient)
  })
  expect(took).toBeLessThan(50)
})

test('a report of fifty thousand who failed is read at once, and of the first hundred', async () => {
  const failed = Array.from({ length: 50_000 }, (_, index) => `a${index}@b.c`).join(', ')
  const read = () => textReport(kilobytes(16, 'It failed: 550 5.1.1. '), failed)
  expect(await tookMs(() => void read())).toBeLessThan(50)
  expect(read()?.recipients).toHaveLength(100)
  expect(read()?.recipients[99]).toMatchObject({ address: 'a99@b.c', status: '5.1.1' })
})
