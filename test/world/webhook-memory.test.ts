import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { drained, fromResend, fromSendgrid, type SignedRequest } from '#support/signed.ts'
import { resendEvent, sendgridEvent } from '#support/told.ts'
import { type Measured, startMeasured } from './measured.ts'

const megabyte = 1_000_000
const bytes = 4.9 * megabyte
const atOnce = 60
/** Before bodies were weighed it was 1,085 to 1,987 MB. What is not collected yet makes it 475 to 530, by the machine's pace. */
const most = 600 * megabyte

let measured: Measured
beforeEach(async () => {
  measured = await startMeasured()
})
afterEach(() => measured.stop())

/** Some 10,000 ordinary events. */
function batch(): SignedRequest {
  const event = () =>
    sendgridEvent(
      { entityId: randomBytes(16).toString('base64url'), to: 'somebody@example.com' },
      { event: 'delivered', response: `250 2.0.0 OK ${randomBytes(110).toString('hex')}` },
    )
  const length = Math.floor(bytes / (JSON.stringify(event()).length + 1))
  return fromSendgrid(Array.from({ length }, event))
}

/** One event with as much in it. */
function one(): SignedRequest {
  const message = { messageId: '', entityId: randomBytes(8).toString('hex'), to: 'somebody@example.com' }
  return fromResend(resendEvent(message, 'delivered', { subject: 'x'.repeat(bytes - 1_000) }))
}

/** What cannot be read, and is kept as it came. */
function unreadable(): SignedRequest {
  return fromSendgrid(`[${randomBytes(bytes / 2 - 1).toString('hex')}`)
}

test.each([
  ['of 10,000 events', batch],
  ['of one event', one],
  ['that cannot be read', unreadable],
])('sixty webhooks of 4.9 MB %s at once: less than 600 MB', { timeout: 300_000 }, async (_what, made) => {
  const told = Array.from({ length: atOnce }, made)
  const answers = await Promise.all(told.map((request) => tell(measured.url, request)))
  const kept = answers.filter(({ status }) => status === 200)
  // A provider that waited in vain is to tell it again.
  const refused = answers.filter(({ status }) => status === 503)
  expect(kept.length).toBeGreaterThan(3)
  expect(kept.length + refused.length).toBe(atOnce)
  for (const { retryAfter } of refused) expect(retryAfter).toBe('5')
  await expect
    .poll(
      () =>
        drained(measured.url).then(
          () => true,
          () => false,
        ),
      { timeout: 240_000 },
    )
    .toBe(true)
  expect(await measured.peak()).toBeLessThan(most)
  const [{ events, quarantined } = {}] = await measured.database.query(
    `select (select count(distinct request_id) from message_events)::integer as events,
       (select count(*) from quarantined_events)::integer as quarantined`,
  )
  expect([events, quarantined]).toEqual(made === unreadable ? [0, kept.length] : [kept.length, 0])
})

async function tell(url: string, { path, headers, body }: SignedRequest) {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: new Uint8Array(body) })
  await response.text()
  return { status: response.status, retryAfter: response.headers.get('retry-after') }
}
