import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { logged, receivedBy, shown } from '#support/sends.ts'
import type { World } from '#support/world.ts'
import { meetingOf, patient, startCrmWorld, writes } from './crm-world.ts'

const hour = 3_600_000

let world: World
let clock: { ahead: number }
beforeAll(async () => {
  ;({ world, clock } = await startCrmWorld())
})
afterAll(() => world.stop())

type Patient = ReturnType<typeof patient>

/**
 * A WhatsApp message about an appointment, and a step that waits an hour: by its person's number nothing is told of it (85), or
 * it is not known whether it went out, and the provider does not know of it (82).
 */
async function remind(to: Patient, { meeting }: Patient = to, more: object = {}): Promise<string> {
  const { status, body } = await world.action('sendWhatsApp', {
    to: to.phone,
    body: 'Votre consultation est après-demain. Venez-vous ?',
    provider: 'twilio',
    leadId: to.lead.id,
    parentType: 'Meeting',
    parentId: meeting.id,
    escalate: [{ action: 'sendSMS', params: { to: to.phone, body: 'Venez-vous ?' }, after: '1h' }],
    ...more,
  })
  expect(status).toBeLessThan(300)
  await world.settled()
  return body.messageId
}

async function stoppedBy(messageId: string) {
  const { message, escalation } = await shown(world, messageId)
  return { status: message.status, stopped: escalation.stopped, state: escalation.steps[0].state }
}

/** As if a step's time had come, and some other's too, which goes out: the worker has passed by. */
async function itsTimeComes(...messageIds: string[]): Promise<void> {
  await world.database.query(
    `update escalation_steps set due_at = now() - interval '1 second' where escalation_id = any ($1)`,
    [messageIds],
  )
}

test('an answer that cancels an appointment ends all that was asked for about it, and nothing that is asked for later', async () => {
  const anna = patient(world, { story: '85' })
  const another = patient(world, { story: '85' })
  const sendAt = new Date(Date.now() + hour).toISOString()
  const later = await remind(another, anna, { sendAt })
  const elsewhere = await remind(another, another)
  const reminder = await remind(anna)
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'Non' })
  expect(meetingOf(world, anna.meeting.id).status).toBe('Not Held')
  expect(await stoppedBy(reminder)).toMatchObject({ stopped: 'answered', state: 'cancelled' })
  expect(await stoppedBy(later)).toEqual({
    status: 'cancelled',
    stopped: 'appointment_cancelled',
    state: 'cancelled',
  })
  expect(logged(world, 'escalation_stopped')).toMatchObject([
    { escalationId: later, because: 'appointment_cancelled' },
  ])
  expect(await stoppedBy(elsewhere)).toMatchObject({ stopped: null, state: 'waiting' })
  // Such as the message which says that it is cancelled.
  const notice = await remind(another, anna)
  await writes(world, { channel: 'whatsapp', from: anna.phone, text: 'Annuler' })
  expect(await stoppedBy(notice)).toMatchObject({ stopped: null, state: 'waiting' })
})

test('a step about an appointment that has begun meanwhile does not go out; one about a past one does', async () => {
  const anna = patient(world, { story: '82', hours: 0.25 })
  const past = patient(world, { story: '82', hours: -24 })
  const reminder = await remind(anna)
  const thanks = await remind(past)
  clock.ahead = hour / 2
  await itsTimeComes(reminder, thanks)
  await vi.waitFor(async () => expect(await stoppedBy(thanks)).toMatchObject({ state: 'sent' }), 10_000)
  await vi.waitFor(
    async () =>
      expect(await stoppedBy(reminder)).toMatchObject({ stopped: 'appointment_past', state: 'cancelled' }),
    10_000,
  )
  expect(receivedBy(world, anna.phone).filter(({ channel }) => channel === 'sms')).toEqual([])
  clock.ahead = 0
})

test('a step goes out while the CRM does not say what became of its appointment', async () => {
  const anna = patient(world, { story: '82', hours: 0.25 })
  const reminder = await remind(anna)
  world.sandbox.outage({ provider: 'espocrm', kind: 'down' })
  clock.ahead = hour / 2
  await itsTimeComes(reminder)
  await vi.waitFor(async () => expect(await stoppedBy(reminder)).toMatchObject({ state: 'sent' }), 20_000)
  expect(logged(world, 'appointment_not_asked')).toHaveLength(1)
})
