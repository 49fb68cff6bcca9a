import { expect, test } from 'vitest'
import type { Report, ReportedRecipient } from '#src/email/reported.ts'
import { verdictOf } from '#src/email/verdict.ts'

/** What a report of a failed mail says of its one recipient. */
function failed(status: string | undefined, diagnostic: string) {
  const recipient: ReportedRecipient = {
    address: 'claire@customer.example',
    named: undefined,
    action: 'failed',
    status,
    diagnostic,
    remoteServer: undefined,
    attemptedAt: undefined,
  }
  const report: Report = {
    kind: 'delivery',
    id: undefined,
    at: undefined,
    returnPaths: [],
    envelopeId: undefined,
    reportingServer: undefined,
    returned: {},
    words: '',
    recipients: [recipient],
  }
  return verdictOf(report, recipient)
}

test.each([
  ['5.3.4', 'smtp; 552 5.3.4 Message size exceeds fixed maximum message size'],
  ['5.3.4', 'X-Postfix; message size 31457280 exceeds size limit 26214400 of server mx[192.0.2.1]'],
  ['5.2.3', 'smtp; 552-5.2.3 Your message exceeded Google’s message size limits'],
  ['5.2.3', 'smtp; 550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient'],
  ['5.0.0', 'smtp; 552 Message size exceeds maximum permitted'],
  [undefined, 'smtp; 552 Mail too big'],
])('a mail that is too large is the mail’s fault, not the address’s: %s, %s', (status, diagnostic) => {
  expect(failed(status, diagnostic)).toMatchObject({ type: 'bounced', bounceClass: 'blocked' })
})

test.each([
  ['5.2.2', 'smtp; 552 5.2.2 Mailbox full: message size exceeds what is left'],
  ['5.0.0', 'smtp; 552 Requested mail action aborted: mailbox size limit exceeded'],
  ['5.0.0', 'smtp; 552 Requested mail action aborted: exceeded storage allocation'],
  ['5.0.0', 'smtp; 552 Quota exceeded: message size'],
  ['4.3.1', 'smtp; 452 4.3.1 Insufficient system storage'],
])('a mailbox that is full is so for now: %s, %s', (status, diagnostic) => {
  expect(failed(status, diagnostic)).toMatchObject({ type: 'bounced', bounceClass: 'soft' })
})
