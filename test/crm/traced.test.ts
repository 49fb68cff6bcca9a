import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { logged } from '#support/sends.ts'
import { fromTwilio } from '#support/signed.ts'
import { twilioStatus } from '#support/told.ts'
import type { World } from '#support/world.ts'
import { notes, patient, startCrmWorld, workDone } from './crm-world.ts'

const minute = 60_000
/** What came in one batch may be told in one write. */
const inOrder = /^Sent,(Delivered,)?Read$/

let world: World
let clock: { ahead: number }
beforeAll(async () => {
  ;({ world, clock } = await startCrmWorld())
})
afterAll(() => world.stop())

async function mail(to: string, more: object = {}): Promise<string> {
  const { status, body } = await world.action('sendEmail', {
    to,
    subject: 'Votre devis',
    body: '<p>Bonjour</p>',
    provider: 'sendgrid',
    tracking: { opens: true },
    ...more,
  })
  expect(status).toBe(200)
  return body.messageId
}

const recordOf = (messageId: string) =>
  world.sandbox.crm.records('Email').filter((email) => email.cMessageId === messageId)

/** Until more jobs have failed than these, and no other is under way: it would fail by the clock that comes after. */
async function failsAfter(failures: number): Promise<void> {
  const patience = { timeout: 10_000, interval: 20 }
  await vi.waitFor(() => expect(logged(world, 'job_failed').length).toBeGreaterThan(failures), patience)
  await vi.waitFor(
    async () =>
      expect(await world.database.query('select kind from jobs where owner is not null')).toEqual([]),
    patience,
  )
}

async function shownAll(): Promise<void> {
  await world.settled()
  await workDone(world)
}

test('a sent email is a record of its lead, and says what became of it', async () => {
  const { email, lead } = patient(world)
  const messageId = await mail(email, { leadId: lead.id })
  await shownAll()
  expect(recordOf(messageId)).toMatchObject([
    {
      name: 'Votre devis',
      to: email,
      parentType: 'Lead',
      parentId: lead.id,
      cDeliveryStatus: 'Read',
      cDeliveredAt: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      cOpenedAt: expect.anything(),
      dateSent: expect.anything(),
    },
  ])
})

test('a copy that bounces is not the lead, whose address stays as it is', async () => {
  const { email, lead } = patient(world)
  const messageId = await mail(email, { leadId: lead.id, cc: ['bounce@copies.example'] })
  await shownAll()
  const { events } = (await world.call('GET', `/api/messages/${messageId}`)).body
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'bounced', recipient: 'bounce@copies.example', consent: 'withdrawn' }),
  )
  expect(world.sandbox.crm.record('Lead', lead.id)?.emailAddressIsInvalid).not.toBe(true)
})

test('a hard bounce says so, and the address of the lead is invalid; a complaint opts it out', async () => {
  const bounced = world.sandbox.crm.lead({ lastName: 'Perdu', email: 'bounce+crm@customers.example' })
  const angry = world.sandbox.crm.lead({ lastName: 'Fâché', email: 'spam+crm@customers.example' })
  const messageId = await mail('bounce+crm@customers.example')
  await mail('spam+crm@customers.example')
  await shownAll()
  expect(recordOf(messageId)).toMatchObject([
    { cDeliveryStatus: 'Bounced', cBounceReason: expect.stringMatching(/./) },
  ])
  expect(world.sandbox.crm.record('Lead', bounced.id)?.emailAddressIsInvalid).toBe(true)
  expect(world.sandbox.crm.record('Lead', angry.id)?.emailAddressIsOptedOut).toBe(true)
})

test('a WhatsApp and an SMS are notes in the stream of whoever has the number; that one failed is another', async () => {
  const { phone, lead } = patient(world, { story: '90' })
  await world.action('sendSMS', { to: phone, body: 'Bonjour par SMS' })
  await shownAll()
  const stream = notes(world, lead.id)
  expect(stream[0]).toContain('Bonjour par SMS')
  expect(stream[1]).toContain('30003')
  expect(stream).toHaveLength(2)
})

test('trial 2: two copies of a receipt at the same moment on two connections are one write', async () => {
  const { email } = patient(world)
  const { phone, lead } = patient(world, { story: '85' })
  const sent = await world.action('sendSMS', { to: phone, body: 'Une fois' })
  const messageId = await mail(email)
  await shownAll()
  const callback = fromTwilio(
    { ...twilioStatus({ entityId: sent.body.entityId, to: phone }, 'undelivered'), ErrorCode: '30003' },
    { baseUrl: world.url },
  )
  const post = () =>
    fetch(`${world.url}${callback.path}`, { method: 'POST', headers: callback.headers, body: callback.body })
  const answers = await Promise.all([post(), post()])
  expect(answers.map(({ status }) => status)).toEqual([204, 204])
  await shownAll()
  expect(notes(world, lead.id)).toHaveLength(2)
  const writes = world.sandbox.crm.writes().filter(({ id }) => id === recordOf(messageId)[0]?.id)
  expect(writes.map(({ sent: fields }) => fields.cDeliveryStatus).join()).toMatch(inOrder)
})

describe('trial 17: the CRM away for an hour', () => {
  test('all updates arrive, once, in order per record; meanwhile sends and webhooks go on', async () => {
    world.sandbox.outage({ provider: 'espocrm', kind: 'down', count: 100_000 })
    const people = Array.from({ length: 5 }, () => patient(world))
    const ids = []
    for (const { email } of people) ids.push(await mail(email))
    await world.settled()
    while (clock.ahead < 60 * minute) {
      const failures = logged(world, 'job_failed').length
      clock.ahead += 10 * minute
      await failsAfter(failures)
    }
    for (const id of ids) expect(recordOf(id)).toEqual([])
    expect(logged(world, 'job_given_up')).toEqual([])
    world.sandbox.endOutages()
    clock.ahead += 10 * minute
    await workDone(world)
    for (const id of ids) {
      const [record, ...others] = recordOf(id)
      expect(others).toEqual([])
      const writes = world.sandbox.crm.writes().filter((write) => write.id === record?.id)
      expect(writes.map(({ sent: fields }) => fields.cDeliveryStatus).join()).toMatch(inOrder)
    }
  })
})

test('an answer of the CRM that is lost leaves one record', async () => {
  const { email } = patient(world)
  world.sandbox.crm.unanswered('drop')
  const failures = logged(world, 'job_failed').length
  const messageId = await mail(email)
  await failsAfter(failures)
  clock.ahead += 10 * minute
  await workDone(world)
  expect(recordOf(messageId)).toHaveLength(1)
})
