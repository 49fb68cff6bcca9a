import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { reportOf } from '#src/email/report.ts'
import type { Report } from '#src/email/reported.ts'
import { verdictOf } from '#src/email/verdict.ts'

const folder = new URL('reports/', import.meta.url)
const read = (name: string) => reportOf(readFileSync(new URL(`${name}.eml`, folder)))

/** Whom it is about, what it says in our words, and of a bounce whose fault it is. */
function summary(report: Report | undefined): string[] {
  return (report?.recipients ?? []).map((recipient) => {
    const { type, bounceClass, code } = verdictOf(report as Report, recipient)
    return [recipient.address?.split('@')[0], type, bounceClass, code].filter(Boolean).join(' ')
  })
}

/** Real reports of Postfix 3.7.11, and others of the shapes that are documented or seen in public. */
const shapes: [name: string, ...says: string[]][] = [
  ['postfix-success', 'ok delivered 2.0.0'],
  ['postfix-relayed', 'accept sent 250 2.0.0'],
  ['postfix-delayed', 'temp deferred 451 4.7.1'],
  ['postfix-failure', 'unknown bounced hard 550 5.1.1'],
  ['postfix-failure-mailbox-full', 'full bounced soft 552 5.2.2'],
  ['postfix-expired', 'temp bounced soft 451 4.7.1'],
  ['exchange-unknown', 'claire bounced hard 550 5.1.1'],
  ['office365-unknown', 'claire bounced hard 550 5.1.10'],
  ['office365-our-domain', 'claire failed 550 5.7.515'],
  ['gmail-unknown', 'claire bounced hard 550 5.1.1'],
  ['gmail-unauthenticated', 'claire failed 550 5.7.26'],
  ['gmail-daily-limit', 'claire failed 550 5.4.5'],
  ['exchange-daily-limit', 'claire failed 554 5.1.90'],
  ['gmail-mailbox-full', 'claire bounced soft 552 5.2.2'],
  ['exim-report', 'claire bounced hard 550 5.1.1'],
  ['exim-no-route', 'claire bounced hard 5.0.0'],
  ['exim-text', 'claire bounced hard 550 5.1.1'],
  ['exim-warning', 'claire deferred'],
  ['qmail', 'claire bounced hard 550 5.1.1'],
  ['qmail-no-mailbox', 'claire bounced hard 5.1.1', 'paul bounced soft 5.2.2'],
  ['postfix-french', 'claire bounced hard 550 5.1.1'],
  ['postfix-no-domain', 'claire bounced hard 5.4.4'],
  ['postfix-blocklist', 'claire failed 554 5.7.1'],
  ['postfix-spam-after-data', 'claire bounced blocked 550 5.7.1'],
  ['postfix-sender-refused', 'claire failed 550 5.1.0'],
  ['postfix-timed-out', 'claire bounced soft 4.4.1'],
  ['sendmail-unknown', 'claire bounced hard 550 5.1.1'],
  ['sendmail-warning', 'claire deferred 4.4.1'],
  ['domino-unknown', 'claire bounced hard 5.1.1'],
  ['ses-unknown', 'claire bounced hard 550 5.1.1'],
  [
    'several-recipients',
    'claire bounced hard 550 5.1.1',
    'paul bounced soft 552 5.2.2',
    'zoe deferred 450 4.2.0',
  ],
  ['folded', 'claire bounced hard 550 5.1.1'],
  ['no-third-part', 'claire bounced hard 550 5.1.1'],
  ['base64-parts', 'claire bounced hard 550 5.1.1'],
  ['no-action', 'claire bounced hard 550 5.2.1'],
  ['delivered-by-dovecot', 'claire delivered 2.0.0'],
  ['postfix-alias', 'jean delivered 2.0.0'],
  ['expanded', 'liste sent 2.0.0'],
  ['mixed-by-a-gateway', 'claire bounced hard 550 5.1.1'],
  ['zimbra-mailbox-full', 'claire bounced soft 452 4.2.2'],
  ['orange-too-many', 'claire bounced soft 421 4.0.0'],
  ['null-mx', 'claire bounced hard 5.1.10'],
  ['complaint', 'claire complained'],
  ['complaint-without-address', 'complained'],
  ['not-spam', 'claire unknown'],
]

test.each(shapes)('%s says %j', async (name, ...says) => {
  expect(summary(await read(name))).toEqual(says)
})

test('every report that is kept here has its row', () => {
  const kept = readdirSync(folder).filter((name) => name.endsWith('.eml'))
  expect(shapes.map(([name]) => `${name}.eml`).toSorted()).toEqual(kept.toSorted())
})

test.each(readdirSync(new URL('others/', folder)).map((name) => name.replace('.eml', '')))(
  'what is called %s is not a report',
  async (name) => {
    expect(await read(`others/${name}`)).toBeUndefined()
  },
)

test('a reason names nobody, and quotes no subject', async () => {
  const report = await read('postfix-failure')
  const [recipient] = report?.recipients ?? []
  expect(report && recipient && verdictOf(report, recipient).reason).toBe(
    '550 5.1.1 <address>: Recipient address rejected: User unknown',
  )
})

test('a report says which mail it is about, in each place that may say so', async () => {
  expect(await read('postfix-failure')).toMatchObject({
    id: '<20261122070742.B6C3422E455@relay.example.test>',
    envelopeId: '01JFAILUNKNOWN000003',
    reportingServer: 'relay.example.test',
    returnPaths: expect.arrayContaining(['bounces+01JFAILUNKNOWN000003@app.test']),
    returned: expect.objectContaining({ 'message-id': '<01JFAILUNKNOWN000003@app.test>' }),
  })
})
