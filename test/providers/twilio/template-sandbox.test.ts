import { expect, it } from 'vitest'
import { twilio, twilioContent } from '#providers/twilio/index.ts'
import { templateContent } from '#providers/twilio/template-content.ts'
import type { OutgoingText } from '#src/model/message.ts'
import { rendered } from '#src/model/template.ts'
import { text } from '#support/heard.ts'
import { world } from '#support/receiver.ts'

const template = {
  id: '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10',
  name: 'Rappel',
  messageText: 'Bonjour {{prenom}}, votre RDV est le {{date}}.',
  variables: ['date', 'prenom', 'meetingId'],
  buttons: [{ id: 'confirm:{{meetingId}}', title: 'Oui' }],
}
const values = new Map(Object.entries({ prenom: 'Anna', date: 'demain', meetingId: 'm-7' }))

async function setUp(more: Record<string, string> = {}) {
  const { sandbox, receiver } = await world({ holdMs: 1 })
  const environment = { ...sandbox.environment, ...more }
  const tools = {
    baseUrl: receiver.url,
    country: 'FR',
    now: () => new Date(),
    clock: () => performance.now(),
  }
  const provider = await twilio.create(environment, tools)
  if (!provider) throw new Error('twilio is off')
  const contentSid = await twilioContent(environment).create(templateContent(template, 'fr'))
  const { body, buttons, numbered } = rendered(template, values)
  const message = (to: string): OutgoingText => ({
    ...text(to),
    body,
    buttons,
    template: { contentSid, variables: numbered },
  })
  return { sandbox, provider, message }
}

it('what Twilio makes of a template is what we say that was sent', async () => {
  const { sandbox, provider, message } = await setUp()
  await provider.send?.(message('+33612345678'))
  expect(sandbox.received()).toMatchObject([
    {
      text: message('').body,
      references: { buttons: JSON.stringify([{ title: 'Oui', id: 'confirm:m-7' }]) },
    },
  ])
})

it('a template of unknown outcome is found by its text', async () => {
  const { sandbox, provider, message } = await setUp()
  const attemptedAt = new Date()
  await expect(provider.send?.(message('+33612345684'))).rejects.toMatchObject({ certainty: 'unknown' })
  await sandbox.idle()
  expect(await provider.find?.(message('+33612345684'), attemptedAt)).toMatchObject([{ type: 'read' }])
})

it('by a Messaging Service, where Twilio does not tell its text, none is taken for it', async () => {
  const { sandbox, provider, message } = await setUp({
    TWILIO_MESSAGING_SERVICE_SID: `MG${'5a4db0c5'.repeat(4)}`,
    TWILIO_WHATSAPP_FROM: '',
  })
  const attemptedAt = new Date()
  await expect(provider.send?.(message('+33612345684'))).rejects.toMatchObject({ certainty: 'unknown' })
  await sandbox.idle()
  expect(await provider.find?.(message('+33612345684'), attemptedAt)).toEqual([])
})

it('only a message whose buttons Twilio does not know has the warning', async () => {
  const { provider, message } = await setUp()
  const { template: _template, ...plain } = message('+33612345678')
  expect(provider.warnings?.(message('+33612345678'))).toEqual([])
  expect(provider.warnings?.(plain)).toEqual(['buttons_as_text'])
  expect(provider.warnings?.({ ...plain, buttons: undefined })).toEqual([])
})
