import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sendgridWebhook } from '#providers/sendgrid/webhook.ts'
import { ConfigurationError, NotProven, UnreadableItem } from '#src/model/errors.ts'
import { eventsOf } from '#support/webhook-conformance.ts'
import { receivedAt, secret, signed, signedBytes, spki } from './signing.ts'

describe('sendgrid: the webhook', () => {
  it('accepts either key while one is being replaced', () => {
    const other = spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)
    expect(() => sendgridWebhook(`${other}, ${secret}`).verify(signed([]))).not.toThrow()
    expect(() => sendgridWebhook(other).verify(signed([]))).toThrow(NotProven)
  })

  it.each([
    'nonsense',
    '   ,',
    spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey),
    spki(generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey),
  ])('refuses to be made with a secret that is not a P-256 key (%#)', (value) => {
    expect(() => sendgridWebhook(value)).toThrow(ConfigurationError)
    expect(() => sendgridWebhook(value)).toThrow(/^sendgrid: SENDGRID_WEBHOOK_SECRET/)
  })

  it.each(['{"event":"open"}', 'null', '', '[{"event":"open"}'])(
    'cannot read a body that is not an array: %s',
    (body) => {
      const request = signedBytes(Buffer.from(body))
      const webhook = sendgridWebhook(secret)
      webhook.verify(request)
      expect(() => webhook.items(request)).toThrow(UnreadableItem)
    },
  )

  it('lets one broken item spoil nothing but itself', () => {
    const webhook = sendgridWebhook(secret)
    const items = webhook.items(signed([7, { event: 'open', sg_event_id: 'a' }, null]))
    expect(items.map((item) => item.raw)).toEqual([7, { event: 'open', sg_event_id: 'a' }, null])
    expect(items.filter((item) => readable(() => webhook.event(item)))).toHaveLength(1)
  })

  it('names an event without sg_event_id after its content', () => {
    const [first, second] = eventsOf(sendgridWebhook(secret), signed([{ event: 'open' }, { event: 'click' }]))
    expect(first?.eventId).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(second?.eventId).not.toBe(first?.eventId)
  })

  it('hashes an sg_event_id that is too long for an index', () => {
    const [event] = eventsOf(
      sendgridWebhook(secret),
      signed([{ event: 'open', sg_event_id: 'x'.repeat(300) }]),
    )
    expect(event?.eventId).toMatch(/^sha256:/)
  })

  it('reads an event whose fields have the wrong types, without them', () => {
    const odd = {
      event: 'bounce',
      email: { a: 1 },
      timestamp: 'soon',
      status: 550,
      type: [],
      sg_message_id: null,
    }
    const [event] = eventsOf(sendgridWebhook(secret), signed([odd]))
    expect(event).toMatchObject({
      type: 'bounced',
      code: '550',
      bounceClass: 'soft',
      guess: true,
      occurredAt: receivedAt,
    })
    expect(event?.recipient).toBeUndefined()
  })

  it.each([
    ['blocked', 'Technical Failure', 'soft'],
    ['blocked', 'Frequency or Volume Too High', 'soft'],
    ['blocked', 'content', 'blocked'],
    ['blocked', 'Unclassified', 'blocked'],
    ['bounce', 'Mailbox Unavailable', 'hard'],
  ])('a bounce of type %s and classification %s is %s', (type, classification, bounceClass) => {
    const item = { event: 'bounce', type, bounce_classification: classification, status: '5.7.1' }
    expect(eventsOf(sendgridWebhook(secret), signed([item]))[0]?.bounceClass).toBe(bounceClass)
  })

  it('is not fooled by a kind that is a word of JavaScript', () => {
    expect(eventsOf(sendgridWebhook(secret), signed([{ event: 'constructor' }]))[0]?.type).toBe('unknown')
  })
})

function readable(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
