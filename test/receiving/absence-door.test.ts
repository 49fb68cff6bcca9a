import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromResend, post } from '#support/signed.ts'
import { resendEvent, silentAddress, timeline } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const general = {
  bounce: { type: 'Transient', subType: 'General', message: 'The provider sent a general bounce message.' },
}
const full = { bounce: { type: 'Transient', subType: 'MailboxFull', message: 'The mailbox is full.' } }
const gone = { bounce: { type: 'Permanent', subType: 'General', message: 'There is no such mailbox.' } }

// Amazon SES, which sends for Resend, tells an absence as a transient bounce, after the delivery.
test.each([
  { told: ['delivered', general], status: 'delivered' },
  { told: [general, 'delivered'], status: 'delivered' },
  { told: [general], status: 'bounced' },
  { told: ['delivered', full], status: 'bounced' },
  { told: ['delivered', gone], status: 'bounced' },
])('$told ends as $status, and each is kept', async ({ told, status }) => {
  const to = silentAddress()
  const { body } = await world.action('sendEmail', { to, subject: 'RDV', body: 'x', provider: 'resend' })
  const message = { messageId: body.messageId, entityId: body.entityId, to }
  for (const one of told) {
    const event = typeof one === 'string' ? resendEvent(message, one) : resendEvent(message, 'bounced', one)
    expect((await post(world.url, fromResend(event))).status).toBe(200)
  }
  await world.settled()
  const { message: shown, events } = await timeline(world, body.messageId)
  expect(shown.status).toBe(status)
  expect(events.filter(({ source }) => source === 'webhook')).toHaveLength(told.length)
})
