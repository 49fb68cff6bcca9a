import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { expect, test } from 'vitest'
import { fields, setUp } from './set-up.ts'

test('an SMS is answered as Twilio answers, and its callbacks verify with the official library', async () => {
  const { sandbox, receiver, setting, client, from, statusCallback } = await setUp()
  const message = await client.messages.create({ to: '+33612345678', from, body: 'Bonjour', statusCallback })
  expect(message).toMatchObject({
    status: 'queued',
    numSegments: '1',
    numMedia: '0',
    errorCode: null,
    dateSent: null,
  })
  expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/)
  await sandbox.idle()
  expect(receiver.arrived.map((one) => fields(one).MessageStatus)).toEqual(['sent', 'delivered'])
  for (const one of receiver.arrived) {
    const signature = one.headers['x-twilio-signature'] ?? ''
    expect(
      validateRequest(setting('TWILIO_AUTH_TOKEN'), signature, receiver.url + one.path, fields(one)),
    ).toBe(true)
    expect(fields(one)).toMatchObject({
      MessageSid: message.sid,
      SmsSid: message.sid,
      To: '+33612345678',
      From: from,
    })
    expect(one.body).not.toContain('Body=')
  }
  expect(fields(receiver.arrived[1] ?? { path: '', headers: {}, body: '' }).RawDlrDoneDate).toMatch(
    /^\d{10}$/,
  )
  expect(sandbox.received()).toMatchObject([
    { provider: 'twilio', channel: 'sms', id: message.sid, text: 'Bonjour' },
  ])
})

test('a WhatsApp message goes on to read, with a masked recipient', async () => {
  const { sandbox, receiver, client, whatsApp, statusCallback } = await setUp()
  await client.messages.create({
    to: 'whatsapp:+33612345678',
    from: whatsApp,
    body: 'Bonjour',
    statusCallback,
  })
  await sandbox.idle()
  expect(receiver.arrived.map((one) => fields(one).MessageStatus)).toEqual(['sent', 'delivered', 'read'])
  expect(fields(receiver.arrived[2] ?? { path: '', headers: {}, body: '' })).toMatchObject({
    ChannelPrefix: 'whatsapp',
    ChannelToAddress: '+3361234XXXX',
    EventType: 'READ',
    StructuredMessage: 'false',
  })
})

test('a Messaging Service answers accepted without a sender, and calls back queued first', async () => {
  const { sandbox, receiver, client, statusCallback } = await setUp()
  const messagingServiceSid = `MG${'5a4db0c5'.repeat(4)}`
  const message = await client.messages.create({
    to: '+33612345678',
    messagingServiceSid,
    body: 'x',
    statusCallback,
  })
  expect(message).toMatchObject({ status: 'accepted', from: null, numSegments: '0', messagingServiceSid })
  await sandbox.idle()
  expect(receiver.arrived.map((one) => fields(one).SmsStatus)).toEqual(['queued', 'sent', 'delivered'])
})

test('without a StatusCallback nobody is called back', async () => {
  const { sandbox, client, from } = await setUp()
  await client.messages.create({ to: '+33612345678', from, body: 'x' })
  await sandbox.idle()
  expect(sandbox.webhooks()).toEqual([])
})

test.each<[string, string, string[], string | undefined]>([
  ['+33612345685', 'silent', [], undefined],
  ['+33612345686', 'twice', ['sent', 'sent', 'delivered', 'delivered'], undefined],
  ['+33612345687', 'reverse', ['delivered', 'sent'], undefined],
  ['+33612345690', 'undelivered', ['sent', 'undelivered'], '30003'],
  ['+33612345691', 'no-account', ['failed'], '30005'],
])('the story of %s is %s', async (to, story, statuses, code) => {
  const { sandbox, receiver, client, from, statusCallback } = await setUp()
  const message = await client.messages.create({ to, from, body: 'x', statusCallback })
  await sandbox.idle()
  expect(receiver.arrived.map((one) => fields(one).MessageStatus)).toEqual(statuses)
  expect(receiver.arrived.map(fields).at(-1)?.ErrorCode).toBe(code)
  expect(sandbox.received()[0]?.story).toBe(story)
  const final = await client.messages(message.sid).fetch()
  expect(final).toMatchObject({
    status: code ? statuses.at(-1) : 'delivered',
    errorCode: code ? Number(code) : null,
  })
})

test('the story early calls back before the API answers', async () => {
  const { receiver, client, from, statusCallback } = await setUp()
  await client.messages.create({ to: '+33612345689', from, body: 'x', statusCallback })
  expect(receiver.arrived).toHaveLength(2)
})

test('the story drop accepts, then breaks the connection', async () => {
  const { sandbox, receiver, client, from, statusCallback } = await setUp()
  const sent = client.messages.create({ to: '+33612345684', from, body: 'x', statusCallback })
  await expect(sent).rejects.toMatchObject({ code: 'ECONNRESET' })
  await sandbox.idle()
  expect(receiver.arrived).toHaveLength(2)
  const [found] = await client.messages.list({
    to: '+33612345684',
    dateSentAfter: new Date(Date.now() - 60_000),
  })
  expect(found?.status).toBe('delivered')
})

test('a failing callback is not retried, unless the URL asks for it', async () => {
  const { sandbox, receiver, client, from, statusCallback } = await setUp()
  receiver.answer = () => 500
  await client.messages.create({ to: '+33612345691', from, body: 'x', statusCallback })
  await sandbox.idle()
  expect(receiver.arrived).toHaveLength(1)
  await client.messages.create({
    to: '+33612345691',
    from,
    body: 'x',
    statusCallback: `${statusCallback}#rc=2&rp=5xx`,
  })
  await sandbox.idle()
  expect(receiver.arrived).toHaveLength(4)
  expect(
    new Set(receiver.arrived.slice(1).map(({ headers }) => headers['i-twilio-idempotency-token'])).size,
  ).toBe(1)
  expect(receiver.arrived.every(({ path }) => !path.includes('#'))).toBe(true)
})
