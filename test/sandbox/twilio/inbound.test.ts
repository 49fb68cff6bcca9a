import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { expect, test } from 'vitest'
import { fields, setUp } from './set-up.ts'

test.each<[string, Record<string, string>]>([
  ['whatsapp:+33612345695', { Body: 'OUI' }],
  ['whatsapp:+33612345696', { Body: 'NON' }],
  ['whatsapp:+33612345697', { Body: 'Confirmer', ButtonText: 'Confirmer', ButtonPayload: 'confirm' }],
  ['whatsapp:+33612345698', { Body: 'STOP' }],
])('the customer %s answers %o', async (to, wanted) => {
  const { sandbox, receiver, setting, client, whatsApp } = await setUp()
  await client.messages.create({ to, from: whatsApp, body: 'Confirmez-vous ?' })
  await sandbox.idle()
  const [inbound] = receiver.arrived
  if (!inbound) throw new Error('nothing came')
  expect(inbound.path).toBe('/webhooks/twilio-whatsapp')
  expect(fields(inbound)).toMatchObject({
    ...wanted,
    From: to,
    To: whatsApp,
    SmsStatus: 'received',
    NumMedia: '0',
  })
  expect(fields(inbound)).not.toHaveProperty('MessageStatus')
  const signature = inbound.headers['x-twilio-signature'] ?? ''
  const url = receiver.url + inbound.path
  expect(validateRequest(setting('TWILIO_AUTH_TOKEN'), signature, url, fields(inbound))).toBe(true)
})

test('after an SMS STOP the number is refused with 21610 until it says START', async () => {
  const { sandbox, client, from } = await setUp()
  const to = '+33612345678'
  await sandbox.say({ channel: 'sms', from: to, text: 'Stop' })
  await expect(client.messages.create({ to, from, body: 'x' })).rejects.toMatchObject({ code: 21610 })
  await sandbox.say({ channel: 'sms', from: to, text: 'START' })
  await expect(client.messages.create({ to, from, body: 'x' })).resolves.toMatchObject({ status: 'queued' })
})
