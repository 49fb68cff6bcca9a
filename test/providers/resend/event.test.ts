import { describe, expect, it } from 'vitest'
import { resendWebhook } from '#providers/resend/webhook.ts'
import { ConfigurationError, NotProven, UnreadableItem } from '#src/model/errors.ts'
import { eventsOf } from '#support/webhook-conformance.ts'
import { later, receivedAt, secret, signed, withHeader } from './signing.ts'

const other = 'whsec_EMIy0ApdvRcdAzcuJn8jouqQhdU2xhsd'

describe('resend: the webhook', () => {
  it('accepts either secret while one is being rotated', () => {
    expect(() => resendWebhook(`${other}, ${secret}`).verify(signed(Buffer.from('{}')))).not.toThrow()
    expect(() => resendWebhook(other).verify(signed(Buffer.from('{}')))).toThrow(NotProven)
  })

  it('accepts the request whose signature is one of several', () => {
    const request = signed(Buffer.from('{}'))
    const several = `v1,AAAA v1a,BBBB ${request.headers['svix-signature']} v2,CCCC`
    expect(() => resendWebhook(secret).verify(withHeader(request, 'svix-signature', several))).not.toThrow()
  })

  it.each([
    '',
    ' , ',
    'whsec_',
    'whsec_!!!',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_A',
    `${secret},oops`,
  ])('refuses to be made with a malformed secret (%#)', (value) => {
    expect(() => resendWebhook(value)).toThrow(ConfigurationError)
    expect(() => resendWebhook(value)).toThrow(/^resend: RESEND_WEBHOOK_SECRET/)
  })

  it('keeps its event id over a retry, which is signed anew', () => {
    const again = signed(Buffer.from('{"type":"email.sent"}'), later(60))
    const [first] = eventsOf(resendWebhook(secret), signed(Buffer.from('{"type":"email.sent"}')))
    const [second] = eventsOf(resendWebhook(secret), again)
    expect(again.headers['svix-signature']).not.toBe(
      signed(Buffer.from('{"type":"email.sent"}')).headers['svix-signature'],
    )
    expect(second?.eventId).toBe(first?.eventId)
  })

  it('cannot read a body that is not JSON', () => {
    expect(() => resendWebhook(secret).items(signed(Buffer.from('{')))).toThrow(UnreadableItem)
  })

  it('reads an event whose fields have the wrong types, without them', () => {
    const odd = {
      type: 'email.bounced',
      created_at: 7,
      data: { to: [5], tags: 'x', email_id: {}, bounce: 'hard' },
    }
    const [event] = eventsOf(resendWebhook(secret), signed(Buffer.from(JSON.stringify(odd))))
    expect(event).toMatchObject({ type: 'bounced', bounceClass: 'soft', occurredAt: receivedAt })
    expect(event?.recipient).toBeUndefined()
    expect(event?.messageId).toBeUndefined()
  })

  it.each([
    ['Permanent', 'NoEmail', 'hard'],
    ['Permanent', 'ContentRejected', 'blocked'],
    ['Permanent', 'MessageTooLarge', 'soft'],
    ['Undetermined', 'Undetermined', 'soft'],
    ['Transient', 'General', 'soft'],
  ])('a bounce that is %s and %s is %s', (type, subType, bounceClass) => {
    const item = { type: 'email.bounced', data: { bounce: { type, subType } } }
    const [event] = eventsOf(resendWebhook(secret), signed(Buffer.from(JSON.stringify(item))))
    expect(event?.bounceClass).toBe(bounceClass)
  })
})
