import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { describe, expect, it } from 'vitest'
import { twilioWebhook } from '#providers/twilio/webhook.ts'
import type { WebhookRequest } from '#src/contract/provider.ts'
import { NotProven } from '#src/model/errors.ts'
import { door, formPost, type Parameters, token, urlencoded } from './signed.ts'

const accountSid = `AC${'a1'.repeat(16)}`
const sid = `SM${'0b9c1f9e'.repeat(4)}`
const webhook = twilioWebhook({ tokens: [token], accountSid, validate: validateRequest })

const inbound = {
  AccountSid: accountSid,
  ApiVersion: '2010-04-01',
  Body: 'OUI',
  From: 'whatsapp:+33612345678',
  MessageSid: sid,
  NumMedia: '0',
  NumSegments: '1',
  ProfileName: 'Zoé',
  SmsMessageSid: sid,
  SmsSid: sid,
  SmsStatus: 'received',
  To: 'whatsapp:+14155238886',
}
const status = {
  AccountSid: accountSid,
  Body: 'OUI',
  From: 'whatsapp:+14155238886',
  MessageSid: sid,
  MessageStatus: 'delivered',
  SmsSid: sid,
  SmsStatus: 'delivered',
  To: 'whatsapp:+33612345678',
}

function proves(request: WebhookRequest): boolean {
  try {
    webhook.verify(request)
    return true
  } catch (error) {
    if (!(error instanceof NotProven)) throw error
    return false
  }
}

/** The captured request with another form under its own signature. */
function divided(captured: Parameters, into: Parameters): WebhookRequest {
  return { ...formPost(captured), body: urlencoded(into) }
}

/** A form without some of its parameters, and with others. */
function changed(form: Record<string, string>, without: string[], more: Parameters): Parameters {
  return { ...Object.fromEntries(Object.entries(form).filter(([name]) => !without.includes(name))), ...more }
}

describe('a captured request divided anew under its signature', () => {
  it.each<[string, Record<string, string>, string[], Parameters]>([
    ['is not a message of another sid', inbound, ['NumMedia'], { MessageSid: `${sid}NumMedia0` }],
    [
      'is not one by the older names',
      inbound,
      ['MessageSid', 'SmsStatus'],
      { MessageSi: `d${sid}`, SmsSid: `${sid}SmsStatusreceived` },
    ],
    [
      'does not turn a status into an inbound message',
      status,
      ['MessageStatus', 'SmsStatus'],
      { MessageStatusd: 'elivered', SmsStatusd: 'elivered' },
    ],
    [
      'does not hide its status in a shorter name',
      status,
      ['MessageStatus', 'SmsStatus'],
      { MessageStat: 'usdelivered', SmsStat: 'usdelivered' },
    ],
    [
      'does not leave a sid to the older name',
      status,
      ['MessageSid', 'MessageStatus', 'SmsStatus'],
      { MessageSidS: `${sid.slice(1)}MessageStatusdelivered`, SmsStatusd: 'elivered' },
    ],
  ])('%s', (_what, captured, without, more) => {
    const into = changed(captured, without, more)
    const request = divided(captured, into)
    // It is the same signed text: the SDK itself takes it.
    const signature = request.headers['x-twilio-signature'] ?? ''
    expect(validateRequest(token, signature, door, into)).toBe(true)
    expect(proves(formPost(captured))).toBe(true)
    expect(proves(request)).toBe(false)
  })
})

it('what people write may name a parameter', () => {
  for (const Body of ['MessageStatus', 'SmsSid=SM1', `MessageSid${sid}`])
    expect(proves(formPost({ ...inbound, Body, ProfileName: Body }))).toBe(true)
})

it.each([
  ['a picture by MMS', { MessageSid: sid.replace('SM', 'MM'), SmsSid: sid.replace('SM', 'MM') }],
  ['a reply', { OriginalRepliedMessageSid: sid, OriginalRepliedMessageSender: 'whatsapp:+14155238886' }],
  ['a reply to nothing we know', { OriginalRepliedMessageSid: '' }],
  ['a message of a service', { MessagingServiceSid: `MG${'a1'.repeat(16)}` }],
  ['capitals in a sid', { MessageSid: `SM${'AB'.repeat(16)}` }],
])('%s is taken as it is', (_what, more) => {
  expect(proves(formPost({ ...inbound, ...more }))).toBe(true)
})

it('another account’s form proves nothing, though our token signed it', () => {
  expect(proves(formPost({ ...inbound, AccountSid: `AC${'b2'.repeat(16)}` }))).toBe(false)
  const heard = twilioWebhook({ tokens: [token], accountSid: undefined, validate: validateRequest })
  expect(() => heard.verify(formPost({ ...inbound, AccountSid: `AC${'b2'.repeat(16)}` }))).not.toThrow()
})

it('a form by GET is held to the same', () => {
  const get = (query: string) => formPost({}, { url: `${door}?${query}` })
  const asked = (query: string) => ({ ...get(query), method: 'GET', body: Buffer.alloc(0) })
  expect(proves(asked(`MessageSid=${sid}&From=1`))).toBe(true)
  expect(proves(asked(`MessageSid=${sid}From1`))).toBe(false)
})
