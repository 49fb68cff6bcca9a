import { expect, test } from 'vitest'
import { reportOf } from '#src/email/report.ts'
import { mailOfParts, reportParts, saysReport } from '#src/email/report-parts.ts'

const part = (number: string, type: string, size = 1_000) => ({ part: number, type, size })
const multipart = (type: string, ...childNodes: ReturnType<typeof part>[]) => ({ type, childNodes })

test('of a report its words, what it tells and what it returns are read, each to a bound', () => {
  const wanted = reportParts(
    multipart(
      'multipart/report',
      part('1', 'text/plain'),
      part('2', 'message/delivery-status', 50_000_000),
      part('3', 'message/rfc822', 25_000_000),
    ),
  )
  expect(wanted?.map(({ key }) => key)).toEqual(['1.MIME', '1', '2.MIME', '2', '3.MIME', '3'])
  for (const { maxLength = Number.POSITIVE_INFINITY } of wanted ?? []) expect(maxLength).toBeLessThan(200_000)
})

test.each([
  multipart('multipart/mixed', part('1', 'text/plain'), part('2', 'application/pdf')),
  multipart('multipart/alternative', part('1', 'text/plain'), part('2', 'text/html')),
  multipart('multipart/report', part('1', 'text/plain'), part('2', 'message/disposition-notification')),
  multipart('multipart/mixed', part('1', 'text/plain'), part('2', 'message/rfc822')),
  { type: 'text/html', part: '1' },
])('of a mail that is made otherwise nothing is read (%#)', (structure) => {
  expect(reportParts(structure)).toBeUndefined()
})

test.each([
  ['From: MAILER-DAEMON@relay.example\r\n', true],
  ['Return-Path: <>\r\nFrom: <x@relay.example>\r\n', true],
  ['X-Failed-Recipients: a@b.c\r\n', true],
  ['Return-Path: <claire@customer.example>\r\nFrom: Claire <claire@customer.example>\r\n', false],
])('words alone may be a report by their headers: %j is %s', (headers, expected) => {
  expect(saysReport(headers)).toBe(expected)
})

test('what was read of a report is read as if it were all of it, though its last part was cut', async () => {
  const status = Buffer.from(
    'Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\nStatus: 5.1.1\r\n',
  ).toString('base64')
  const mail = mailOfParts(
    Buffer.from('Content-Type: multipart/report; boundary="x"\r\nMessage-ID: <r@b.c>\r\n\r\n'),
    'x',
    new Map([
      [
        '2.MIME',
        Buffer.from('Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n'),
      ],
      ['2', Buffer.from(status)],
      ['3.mime', Buffer.from('Content-Type: message/rfc822\r\n\r\n')],
      ['3', Buffer.from('Message-ID: <ours@b.c>\r\nSubject: Test\r\n\r\nBonj')],
    ]),
  )
  expect(await reportOf(mail)).toMatchObject({
    id: '<r@b.c>',
    recipients: [{ address: 'a@b.c', action: 'failed', status: '5.1.1' }],
    returned: { 'message-id': '<ours@b.c>' },
  })
})
