import { createHash } from 'node:crypto'
import type { Item, ItemReader, Webhook, WebhookRequest } from '#src/contract/provider.ts'
import { UnreadableItem } from '#src/model/errors.ts'
import { providerEvent } from '#src/model/event.ts'
import { perObject } from '#src/model/per-object.ts'
import { factId, kindOf, readingOf } from './event.ts'
import { bodyForm, type Form, formOf, isForm, queryOf } from './form.ts'
import { refuseAnotherDivision } from './one-reading.ts'
import { type Validate, verifySignature } from './signature.ts'

/**
 * *Returns* Twilio's webhook: status callbacks and inbound messages of WhatsApp and SMS, on whichever of its paths.
 * Inbound is answered with an empty TwiML, since any other text would be sent to the customer; a status with 204.
 *
 * *Usage*: `twilioWebhook({ tokens: secrets(TWILIO_AUTH_TOKEN), accountSid, validate: validateRequest })`, the last from
 * `twilio/lib/webhooks/webhooks.js`, given from outside so that a boot without Twilio does not load it.
 */
export function twilioWebhook({
  tokens,
  accountSid,
  validate,
}: {
  tokens: readonly string[]
  accountSid: string | undefined
  validate: Validate
}): Webhook {
  return {
    verify(request) {
      verifySignature(request, tokens, validate)
      if (carriesForm(request)) refuseAnotherDivision(parametersOf(request), accountSid)
    },
    ...twilioReader,
    answer(request) {
      const inbound = carriesForm(request) && kindOf(parametersOf(request)).of !== 'status'
      return inbound ? { status: 200, type: 'text/xml', body: '<Response/>' } : { status: 204 }
    },
  }
}

/** What it tells, read. */
export const twilioReader: ItemReader = {
  items: itemsOf,
  event: (item) => providerEvent('twilio', item, readingOf(item.raw)),
}

function itemsOf(request: WebhookRequest): Item[] {
  const { receivedAt } = request
  if (!carriesForm(request)) return jsonItems(request)
  const raw = parametersOf(request)
  return [{ id: idOf(raw, request), raw, receivedAt }]
}

/** A JSON body (Event Streams posts a batch) is kept, one item for each of its objects; we read none of them. */
function jsonItems({ body, receivedAt }: WebhookRequest): Item[] {
  const json = jsonOf(body)
  const id = digest(body)
  if (!Array.isArray(json)) return [{ id, raw: json, receivedAt }]
  return json.map((raw: unknown, index) => ({ id: `${id}:${index}`, raw, receivedAt }))
}

/** A number may be configured to call with GET, everything in the query. */
function carriesForm(request: WebhookRequest): boolean {
  return request.method === 'GET' || isForm(request)
}

/**
 * The form and, from the callback URL's query, our own `m` (the message's id): it is signed as a part of the URL,
 * but replay sees `raw` alone. A field of that name in the form would be Twilio's and is left as it is.
 */
const parametersOf = perObject((request: WebhookRequest): Form => {
  const query = formOf(queryOf(request.urls[0] ?? ''))
  if (request.method === 'GET') return query
  const form = bodyForm(request)
  return query.m === undefined || Object.hasOwn(form, 'm') ? form : { ...form, m: query.m }
})

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new UnreadableItem('twilio: the body is neither a form nor JSON')
  }
}

function idOf(raw: unknown, { body, urls }: WebhookRequest): string {
  return factId(kindOf(raw)) ?? digest(body.length > 0 ? body : Buffer.from(urls[0] ?? ''))
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
