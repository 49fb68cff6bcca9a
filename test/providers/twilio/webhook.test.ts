import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { describe, expect, it } from 'vitest'
import { twilioWebhook } from '#providers/twilio/webhook.ts'
import { fixtureItem, webhookConformance } from '#support/webhook-conformance.ts'
import { door, formPost, parameters, token } from './signed.ts'

const webhook = twilioWebhook({ tokens: [token], accountSid: undefined, validate: validateRequest })
const sid = (number: number) => `SM${String(number).padStart(32, '0')}`
const ours = '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10'
const fromCustomer = { sender: '+33612345678', recipient: '+14155238886' }

webhookConformance('twilio', {
  webhook: () => webhook,
  signed: ([item]) => formPost(parameters.parse(item)),
  proof: ['x-twilio-signature'],
  unknownKind: { AccountSid: 'AC1', CallSid: 'CA1', CallStatus: 'ringing' },
  forgeries: (request) => [
    { what: 'another URL', request: { ...request, urls: [`${door}?m=${ours}`] } },
    { what: 'another host', request: { ...request, urls: [door.replace('comms.', 'comm5.')] } },
    { what: 'http for https', request: { ...request, urls: [door.replace('https:', 'http:')] } },
    { what: 'a trailing slash', request: { ...request, urls: [`${door}/`] } },
    {
      what: 'a body that nothing signs',
      request: { ...request, headers: { ...request.headers, 'content-type': 'application/json' } },
    },
    { what: 'a URL that is none', request: { ...request, urls: ['/webhooks/twilio-whatsapp'] } },
    { what: 'no URL', request: { ...request, urls: [] } },
  ],
  fixtures: [
    {
      file: 'fixtures/whatsapp-delivered.json',
      expected: {
        eventId: `${sid(11)}:delivered`,
        type: 'delivered',
        providerType: 'delivered',
        channel: 'whatsapp',
        providerMessageId: sid(11),
        recipient: '+33612345678',
        occurredAt: new Date('2026-11-22T10:15:00Z'),
        code: undefined,
      },
    },
    { file: 'fixtures/whatsapp-read.json', expected: { eventId: `${sid(11)}:read`, type: 'read' } },
    {
      file: 'fixtures/whatsapp-sent-with-body.json',
      expected: { type: 'sent', providerMessageId: sid(12), inbound: undefined },
    },
    {
      file: 'fixtures/whatsapp-undelivered-63016.json',
      expected: {
        type: 'failed',
        providerType: 'undelivered',
        code: '63016',
        reason: '63016: outside the 24 h window: only an approved template may be sent',
      },
    },
    {
      file: 'fixtures/sms-undelivered-30003.json',
      expected: {
        type: 'failed',
        channel: 'sms',
        code: '30003',
        reason: '30003: handset unreachable or off',
        occurredAt: new Date('2026-11-22T10:15:00Z'),
      },
    },
    { file: 'fixtures/sms-queued-by-service.json', expected: { type: 'queued', channel: 'sms' } },
    {
      file: 'fixtures/inbound-sms.json',
      expected: {
        eventId: `${sid(21)}:received`,
        type: 'received',
        channel: 'sms',
        recipient: '+33757000000',
        inbound: {
          sender: '+33612345678',
          recipient: '+33757000000',
          text: 'Oui, à demain',
          buttonPayload: undefined,
          media: undefined,
          repliedTo: undefined,
        },
      },
    },
    {
      file: 'fixtures/inbound-whatsapp-button.json',
      expected: {
        type: 'received',
        channel: 'whatsapp',
        inbound: {
          ...fromCustomer,
          text: 'Oui',
          buttonPayload: 'confirm:42',
          media: undefined,
          repliedTo: sid(11),
        },
      },
    },
    {
      file: 'fixtures/inbound-whatsapp-list.json',
      expected: {
        inbound: {
          ...fromCustomer,
          text: 'Mardi 10 h',
          buttonPayload: 'slot-2',
          media: undefined,
          repliedTo: undefined,
        },
      },
    },
    {
      file: 'fixtures/inbound-whatsapp-media.json',
      expected: {
        inbound: {
          ...fromCustomer,
          text: undefined,
          buttonPayload: undefined,
          repliedTo: undefined,
          media: [
            {
              url: `https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/${sid(24)}/Media/ME0`,
              contentType: 'image/jpeg',
            },
            {
              url: `https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/${sid(24)}/Media/ME1`,
              contentType: 'application/pdf',
            },
          ],
        },
      },
    },
    {
      file: 'fixtures/inbound-whatsapp-location.json',
      expected: {
        inbound: {
          ...fromCustomer,
          text: 'Cabinet, 1 rue de Rivoli, 48.85,2.35',
          buttonPayload: undefined,
          media: [{ kind: 'location' }],
          repliedTo: undefined,
        },
      },
    },
  ],
})

describe('the answer', () => {
  it('is an empty TwiML for a customer’s message, so that nothing is sent to the customer', () => {
    const inbound = formPost({
      MessageSid: sid(1),
      From: '+33612345678',
      To: '+33757000000',
      Body: 'Bonjour',
    })
    expect(webhook.answer(inbound)).toEqual({ status: 200, type: 'text/xml', body: '<Response/>' })
    const byGet = {
      ...inbound,
      method: 'GET',
      urls: [`${door}?MessageSid=SM1&From=%2B33612345678`],
      body: Buffer.alloc(0),
    }
    expect(webhook.answer(byGet)).toEqual({ status: 200, type: 'text/xml', body: '<Response/>' })
  })

  it('is 204 for a status', () => {
    expect(webhook.answer(formPost({ MessageSid: sid(1), MessageStatus: 'sent' }))).toEqual({ status: 204 })
  })

  it('does not take the Body of a status callback for a message', () => {
    expect(
      webhook.answer(
        formPost(parameters.parse(fixtureItem('twilio', 'fixtures/whatsapp-sent-with-body.json'))),
      ),
    ).toEqual({ status: 204 })
  })
})
