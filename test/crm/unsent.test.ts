import { afterAll, beforeAll, expect, test } from 'vitest'
import type { World } from '#support/world.ts'
import { notes, patient, startCrmWorld, workDone, writes } from './crm-world.ts'

let world: World
beforeAll(async () => {
  ;({ world } = await startCrmWorld())
})
afterAll(() => world.stop())

async function shownAll(): Promise<void> {
  await world.settled()
  await workDone(world)
}

test('a WhatsApp to whoever wrote STOP is shown as one post that says that it was not sent', async () => {
  const { phone, lead } = patient(world)
  await writes(world, { channel: 'whatsapp', provider: 'twilio', from: phone, text: 'STOP' })
  const sent = await world.action('sendWhatsApp', { to: phone, body: 'Votre rappel', provider: 'twilio' })
  expect(sent.status).toBe(422)
  await shownAll()
  const [, ...posts] = notes(world, lead.id)
  expect(posts).toEqual([
    expect.stringMatching(
      /^\*\*WhatsApp\*\* non envoyé à \+\d+ · \d+ \S+ \d{4} à \d\d:\d\d\n\nMotif : cette adresse ne doit plus recevoir de messages\n\nVotre rappel\n\n\[u:/,
    ),
  ])
})

test('what a provider refused at once is shown so too, with its own words', async () => {
  const { phone, lead } = patient(world, { story: '80' })
  const sent = await world.action('sendSMS', { to: phone, body: 'Votre rappel' })
  expect(sent.status).toBe(422)
  await shownAll()
  const posts = notes(world, lead.id)
  expect(posts).toHaveLength(1)
  expect(posts[0]).toMatch(/^\*\*SMS\*\* non envoyé à \+\d+ · \d+ \S+ \d{4} à \d\d:\d\d\n\nMotif : \S/)
})

test('an email to whoever complained becomes no record that says that it was sent', async () => {
  const to = 'spam+unsent@customers.example'
  const lead = world.sandbox.crm.lead({ lastName: 'Fâché', email: to })
  const email = { to, subject: 'Votre devis', body: '<p>Bonjour <b>Anna</b></p>', provider: 'sendgrid' }
  const first = await world.action('sendEmail', email)
  await shownAll()
  expect((await world.action('sendEmail', email)).status).toBe(422)
  await shownAll()
  const records = world.sandbox.crm.records('Email').filter((record) => record.to === to)
  expect(records.map(({ cMessageId }) => cMessageId)).toEqual([first.body.messageId])
  expect(notes(world, lead.id)).toEqual([
    expect.stringMatching(
      /^\*\*Email\*\* non envoyé à .+\n\nMotif : .+\n\n\*Votre devis\*\n\nBonjour Anna\n\n/,
    ),
  ])
})

test('an HTML email is shown by its words where EspoCRM has no fields for it', async () => {
  const { email, lead } = patient(world)
  world.sandbox.crm.switches.fields = 'missing'
  const sent = await world.action('sendEmail', {
    to: email,
    subject: 'Votre devis',
    body: '<p>Corps</p>',
    provider: 'sendgrid',
  })
  expect(sent.status).toBe(200)
  await shownAll()
  expect(notes(world, lead.id)).toEqual([expect.stringMatching(/\n\n\*Votre devis\*\n\nCorps\n\n\[m:/)])
})
