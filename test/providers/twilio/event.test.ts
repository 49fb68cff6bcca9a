import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { describe, expect, it } from 'vitest'
import { twilioWebhook } from '#providers/twilio/webhook.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { eventsOf } from '#support/webhook-conformance.ts'
import { door, formPost, token } from './signed.ts'

const webhook = twilioWebhook({ tokens: [token], accountSid: undefined, validate: validateRequest })
const sid = (number: number) => `SM${String(number).padStart(32, '0')}`
const ours = '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10'
const eventOf = (form: Record<string, string | string[]>, url = door) =>
  eventsOf(webhook, formPost(form, { url }))[0]
const status = (word: string, more = {}) => ({
  MessageSid: sid(1),
  MessageStatus: word,
  From: '+33757000000',
  To: '+33612345678',
  ...more,
})

describe('status callbacks', () => {
  it.each([
    ['accepted', 'queued'],
    ['scheduled', 'queued'],
    ['queued', 'queued'],
    ['sending', 'queued'],
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['undelivered', 'failed'],
    ['failed', 'failed'],
    ['canceled', 'failed'],
    ['partially_delivered', 'unknown'],
    ['receiving', 'unknown'],
    ['received', 'unknown'],
    ['teleported', 'unknown'],
    ['constructor', 'unknown'],
  ])('reads %s as %s', (word, type) => {
    expect(eventOf(status(word))).toMatchObject({ type, providerType: word, providerMessageId: sid(1) })
  })

  it('names our message by the m of the callback URL, also when it is read again from raw', () => {
    const event = eventOf(status('sent'), `${door}?m=${ours}`)
    expect(event).toMatchObject({ messageId: ours, raw: { m: ours } })
    expect(
      webhook.event({ id: 'x', raw: JSON.parse(JSON.stringify(event?.raw)), receivedAt: new Date() }),
    ).toMatchObject({
      type: 'sent',
      messageId: ours,
    })
  })

  it("leaves a form's own m as it is", () => {
    expect(eventOf(status('sent', { m: 'theirs' }), `${door}?m=${ours}`)).toMatchObject({
      messageId: undefined,
      raw: { m: 'theirs' },
    })
  })

  it('never lets a callback "received" pass for the inbound message of the same id', () => {
    const inbound = { MessageSid: sid(1), From: '+33612345678', To: '+33757000000', Body: 'Bonjour' }
    expect(eventOf(status('received'))?.eventId).not.toBe(eventOf(inbound)?.eventId)
  })

  it('reads a callback of the old kind, with SmsStatus only', () => {
    expect(eventOf({ SmsSid: sid(1), SmsStatus: 'delivered', To: '+33612345678' })).toMatchObject({
      type: 'delivered',
    })
  })

  it("tells the channel's words about a code it does not know, without the number in them", () => {
    const event = eventOf(
      status('failed', { ErrorCode: '69999', ChannelStatusMessage: 'Cannot reach +33612345678' }),
    )
    expect(event).toMatchObject({ code: '69999', reason: '69999: Cannot reach <number>' })
    expect(eventOf(status('failed', { ErrorCode: '69999' }))?.reason).toContain(
      'https://www.twilio.com/docs/api/errors/69999',
    )
    expect(eventOf(status('failed', { ErrorCode: '0' }))).toMatchObject({
      code: undefined,
      reason: 'failed without an error code',
    })
    expect(eventOf(status('canceled'))).toMatchObject({
      code: undefined,
      reason: 'canceled before it was sent',
    })
  })

  it('gives no channel to a channel of Twilio that is none of ours', () => {
    expect(eventOf(status('sent', { To: 'messenger:12345', From: 'messenger:67' }))?.channel).toBeUndefined()
  })
})

describe('raw', () => {
  it('keeps every parameter, repeated ones as a list and hostile names as names', () => {
    const event = eventOf(
      JSON.parse(
        '{"MessageSid":"SM00000000000000000000000000000001","MessageStatus":["sent","sent"],"__proto__":"x","constructor":"y"}',
      ),
    )
    expect(JSON.parse(JSON.stringify(event?.raw))).toEqual(
      JSON.parse(
        '{"MessageSid":"SM00000000000000000000000000000001","MessageStatus":["sent","sent"],"__proto__":"x","constructor":"y"}',
      ),
    )
    expect(event).toMatchObject({ type: 'sent' })
  })

  it('keeps a JSON body as unknown, one item for each object of a batch', () => {
    const body = Buffer.from('[{"type":"com.twilio.messaging.message.sent"},{"type":"b"}]')
    const request = { ...formPost({}), headers: { 'content-type': 'application/json' }, body }
    expect(webhook.items(request).map((item) => webhook.event(item))).toMatchObject([
      { type: 'unknown', raw: { type: 'com.twilio.messaging.message.sent' } },
      { type: 'unknown', raw: { type: 'b' } },
    ])
    expect(() => webhook.items({ ...request, body: Buffer.from('{') })).toThrow(UnreadableItem)
  })

  it('ends for what is not a message in unknown, with an id of its own', () => {
    const [one, other] = [eventOf({ CallSid: 'CA1' }), eventOf({ CallSid: 'CA2' })]
    expect(one?.type).toBe('unknown')
    expect(one?.eventId).not.toBe(other?.eventId)
  })
})
