import { expect, test } from 'vitest'
import { messagesApi } from '#providers/twilio/messages-api.ts'
import { setUp } from './set-up.ts'

test('the list is paged, newest first, and has what customers wrote', async () => {
  const { sandbox, setting, client, from } = await setUp()
  await client.messages.create({ to: '+33612345678', from, body: 'Bonjour' })
  for (const text of ['OUI', 'NON']) await sandbox.say({ channel: 'sms', from: '+33612345678', text })
  const api = messagesApi({
    accountSid: setting('TWILIO_ACCOUNT_SID'),
    authToken: setting('TWILIO_AUTH_TOKEN'),
    apiUrl: setting('TWILIO_API_URL'),
  })
  const day = new Date(Date.now() - 60_000).toISOString().slice(0, 10)
  const pages: unknown[] = []
  for await (const page of api.pages({ To: from, 'DateSent>': day, PageSize: '1' })) pages.push(page)
  expect(pages).toMatchObject([
    [{ body: 'NON', direction: 'inbound', status: 'received', from: '+33612345678', num_media: '0' }],
    [{ body: 'OUI', direction: 'inbound' }],
  ])
})
