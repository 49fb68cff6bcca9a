import { randomUUID } from 'node:crypto'
import type { Random } from '../random.ts'
import { createFuzzer } from './fuzz-bodies.ts'
import { damaged, type Json, mutated, odd } from './mutate.ts'

/** A request to any door, as a stranger or the bearer of a token may send it. */
export interface DoorRequest {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string>
  body?: Buffer | undefined
}

const json = { 'content-type': 'application/json' }
const email = {
  to: 'ok@customers.example',
  subject: 'Bonjour',
  body: '<p>Votre rendez-vous</p>',
  cc: ['other@customers.example'],
  attachments: [{ filename: 'a.txt', content: 'Qm9uam91cg==', contentType: 'text/plain' }],
  metadata: { a: 'b' },
}
const text = {
  to: '+33612345670',
  body: 'Votre rendez-vous',
  leadId: 'lead-1',
  parentType: 'Meeting',
  parentId: 'm1',
}
const template = {
  name: 'Rappel',
  type: 'appointment',
  messageText: 'Bonjour {{prenom}}',
  variables: ['prenom'],
  buttons: [{ id: 'confirm:1', title: 'Confirmer' }],
}

/** A good request to each door that takes JSON: what is changed of it is still read far enough to go wrong there. */
const bodies: readonly { method: string; path: string; body: Json }[] = [
  { method: 'POST', path: '/api/max/actions', body: { action: 'sendEmail', params: email } },
  { method: 'POST', path: '/api/max/actions', body: { action: 'sendSMS', params: text } },
  {
    method: 'POST',
    path: '/api/max/actions',
    body: { action: 'sendWhatsApp', params: { ...text, provider: 'twilio' } },
  },
  {
    method: 'POST',
    path: '/api/max/actions',
    body: {
      action: 'sendSMS',
      params: {
        ...text,
        escalate: [{ action: 'sendEmail', params: email, after: '15m', unless: 'delivered' }],
      },
    },
  },
  { method: 'POST', path: '/api/max/actions', body: { action: 'listMessages', params: { limit: 5 } } },
  {
    method: 'POST',
    path: '/api/max/actions',
    body: { action: 'getMessage', params: { messageId: randomUUID() } },
  },
  { method: 'POST', path: '/api/sms/send', body: { ...text, sendAt: '2030-01-01T00:00:00Z' } },
  { method: 'POST', path: '/api/whatsapp/messages', body: template },
  { method: 'PATCH', path: `/api/whatsapp/messages/${randomUUID()}`, body: template },
  {
    method: 'POST',
    path: `/api/whatsapp/messages/${randomUUID()}/send`,
    body: { toPhoneNumber: text.to, variables: { prenom: 'Anna' } },
  },
  { method: 'POST', path: `/api/messages/${randomUUID()}/resolve`, body: { outcome: 'sent' } },
  {
    method: 'POST',
    path: '/api/suppressions',
    body: { channel: 'email', address: 'a@example.com', reason: 'r' },
  },
  {
    method: 'POST',
    path: '/api/suppressions/release',
    body: { channel: 'sms', address: '+33612345678', reason: 'r', force: true },
  },
  { method: 'POST', path: '/api/replay', body: { provider: 'twilio', since: '2026-01-01T00:00:00Z' } },
]
const queries: readonly { path: string; query: Record<string, string> }[] = [
  {
    path: '/api/messages',
    query: { status: 'sent', channel: 'sms', to: text.to, limit: '5', leadId: 'lead-1' },
  },
  { path: '/api/events', query: { after: '0', limit: '5' } },
  { path: '/api/stats', query: { days: '30' } },
  { path: '/api/dead-letters', query: { limit: '5' } },
  {
    path: '/api/suppressions',
    query: { channel: 'email', address: 'a@example.com', limit: '5', cursor: 'x' },
  },
  { path: `/api/messages/${randomUUID()}`, query: {} },
]

/** Draws requests by lot: to each door, with a token or without, as they should be or not. */
export function createDoorRequests(random: Random, baseUrl: string, token: string): () => DoorRequest {
  const nextWebhook = createFuzzer(random, baseUrl)
  const authorization = (): Record<string, string> => {
    const choice = random.below(20)
    if (choice === 0) return {}
    const given = choice === 1 ? damaged(Buffer.from(token), random).toString('latin1') : token
    return { authorization: `Bearer ${given.replaceAll(/[^\x21-\x7e]/g, '~')}` }
  }

  function withBody(): DoorRequest {
    const { method, path, body } = random.pick(bodies)
    const bytes = Buffer.from(JSON.stringify(mutated(body, random)))
    const sent = random.below(5) === 0 && bytes.length > 0 ? damaged(bytes, random) : bytes
    return { method, path, headers: { ...json, ...authorization() }, body: sent }
  }

  function withQuery(): DoorRequest {
    const { path, query } = random.pick(queries)
    const asked = new URLSearchParams(query)
    for (let times = random.below(4); times > 0; times--) {
      const [name] = random.pick([...Object.entries(query), ['tenantId', ''], ['before', '']])
      asked.append(name, stringOf(odd(random)).slice(0, 4_000).toWellFormed())
    }
    const method = random.below(10) === 0 ? random.pick(['POST', 'DELETE', 'PUT', 'OPTIONS', 'HEAD']) : 'GET'
    return { method, path: `${path}?${asked}`, headers: authorization() }
  }

  function webhook(): DoorRequest {
    const { path, headers, body } = nextWebhook().webhook
    // Some with a proof that is none any more.
    const sent = random.below(3) === 0 && body.length > 0 ? damaged(body, random) : body
    return { method: 'POST', path, headers, body: sent }
  }

  const kinds = [withBody, withBody, withQuery, webhook]
  return () => random.pick(kinds)()
}

function stringOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
