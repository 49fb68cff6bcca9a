import { z } from 'zod'
import type { Prepare } from '#src/api/escalate-params.ts'
import { parsed, text, whatsAppPerson } from '#src/api/params.ts'
import { commonFields, sendRequest } from '#src/api/send-params.ts'
import type { ActionTools } from './tools.ts'

/** One WhatsApp message to one person, by the provider named or the first that is on. */
export function sendWhatsApp({ country, now }: Pick<ActionTools, 'country' | 'now'>): Prepare {
  const schema = z.strictObject({
    ...commonFields,
    to: whatsAppPerson(country),
    body: text(20_000),
  })
  return (params, asking) => {
    const whatsApp = parsed(schema, params)
    const { own, tenantId, request } = sendRequest('sendWhatsApp', params, whatsApp, asking, now())
    return { ...request, message: { channel: 'whatsapp', tenantId, ...own } }
  }
}
