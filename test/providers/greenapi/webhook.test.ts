import { greenapiWebhook } from '#providers/greenapi/webhook.ts'
import type { MessageEvent } from '#src/model/event.ts'
import { webhookConformance } from '#support/webhook-conformance.ts'
import { customers } from './customers.ts'
import { posted, token } from './posted.ts'

const webhook = greenapiWebhook({ tokens: [token], instanceId: '1101000001', country: 'FR' })

const id = (number: number) => `F7AEC1B7086ECDC7E6E45923F5EDB${String(number).padStart(3, '0')}`
const statusId = (number: number) => `3EB0608D6A2901063${String(number).padStart(3, '0')}`
const status = (file: string, expected: Partial<MessageEvent>) => ({
  file: `fixtures/status-${file}.json`,
  expected,
})

function unsaid(file: string, providerType: string, more: Partial<MessageEvent> = {}) {
  const expected: Partial<MessageEvent> = { type: 'unknown', providerType, inbound: undefined, ...more }
  return { file: `fixtures/${file}.json`, expected }
}

webhookConformance('greenapi', {
  webhook: () => webhook,
  signed: ([item]) => posted(item),
  proof: ['authorization'],
  bodyIsSigned: false,
  unknownKind: { typeWebhook: 'catalogChanged', instanceData: { idInstance: 1101000001 }, news: [1] },
  brokenItems: [
    {},
    { typeWebhook: 7 },
    { typeWebhook: 'incomingMessageReceived', instanceData: { idInstance: 1101000002 } },
  ],
  fixtures: [
    ...customers,
    unsaid('group', 'incomingMessageReceived'),
    unsaid('story', 'incomingMessageReceived'),
    unsaid('newsletter', 'incomingMessageReceived'),
    unsaid('typed-on-phone', 'outgoingMessageReceived', { recipient: '+33612345678' }),
    unsaid('api-echo', 'outgoingAPIMessageReceived', {
      providerMessageId: id(24),
      recipient: '+33612345678',
    }),
    status('sent', {
      eventId: `1101000001:33612345678@c.us:${statusId(1)}:sent`,
      type: 'sent',
      providerType: 'sent',
      channel: 'whatsapp',
      providerMessageId: statusId(1),
      recipient: '+33612345678',
      occurredAt: new Date(1_586_700_802_000),
      code: undefined,
    }),
    status('delivered', {
      eventId: `1101000001:33612345678@c.us:${statusId(1)}:delivered`,
      type: 'delivered',
    }),
    status('read', { type: 'read' }),
    status('no-account', {
      type: 'failed',
      code: 'noAccount',
      reason: 'the recipient has no WhatsApp account',
    }),
    status('yellow-card', { type: 'failed', code: 'yellowCard' }),
    status('suspended', { type: 'failed', code: 'suspended' }),
    status('not-by-api', { type: 'unknown', providerType: 'delivered' }),
    status('empty', { type: 'unknown', providerType: 'outgoingMessageStatus' }),
    unsaid('state', 'stateInstanceChanged', { eventId: '1101000001:1586700690:notAuthorized' }),
    unsaid('call', 'incomingCall'),
    unsaid('quota', 'quotaExceeded'),
  ],
})
