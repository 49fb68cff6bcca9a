import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { receivedBy } from '#support/sends.ts'
import type { World } from '#support/world.ts'
import { notes, startCrmWorld, workDone, writes } from './crm-world.ts'

let world: World
beforeAll(async () => {
  vi.stubEnv('TZ', 'Asia/Tokyo')
  ;({ world } = await startCrmWorld({
    TIME_ZONE: 'America/Martinique',
    AUTO_REPLY_CONFIRMED: 'Le {{date}} à {{time}}.',
  }))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await world.stop()
})

test('a customer and the team read times of the company’s time zone, whatever the machine’s is', async () => {
  expect(new Date(0).getHours(), 'the machine’s time zone is another').toBe(9)
  const phone = '+33612121270'
  const lead = world.sandbox.crm.lead({ lastName: 'Martin', phone })
  // Past midnight in Paris and in Tokyo, and the evening before in Martinique.
  const dateStart = new Date(`${new Date().getUTCFullYear() + 1}-07-15T00:30:00Z`)
  const meeting = world.sandbox.crm.meeting({ name: 'Consultation', dateStart, leads: [lead.id] })
  const about = { parentType: 'Meeting', parentId: meeting.id }
  const sent = await world.action('sendSMS', { to: phone, body: 'Venez-vous ?', ...about })
  expect(sent.status).toBe(200)
  await world.settled()
  await workDone(world)
  await writes(world, { channel: 'sms', from: phone, text: 'OUI' })
  await workDone(world)

  const [, reply] = receivedBy(world, phone)
  expect(reply?.text).toMatch(/^Le \S+ 14 juillet \d{4} à 20:30\.$/)
  const written = new Intl.DateTimeFormat('fr-FR', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'America/Martinique',
  })
  const message = 'select created_at, queued_at, sent_at from messages where id = $1'
  const [row = {}] = await world.database.query(message, [sent.body.messageId])
  const times = Object.values(row).map((at) => ` · ${written.format(new Date(String(at)))}\n`)
  const [note = ''] = notes(world, lead.id)
  expect(times.filter((time) => note.includes(time))).not.toEqual([])
})
