import { z } from 'zod'
import type { ActionTools } from '#src/action.ts'
import type { Prepare } from '#src/escalate-params.ts'
import { parsed, phoneNumber, text } from '#src/params.ts'
import { commonFields, sendRequest } from '#src/send-params.ts'

/** One WhatsApp message to one number, by the provider named or the first that is on. */
export function sendWhatsApp({ country, now }: Pick<ActionTools, 'country' | 'now'>): Prepare {
  const schema = z.strictObject({
    ...commonFields,
    to: phoneNumber(country),
    body: text(20_000),
  })
  return (params, asking) => {
    const message = parsed(schema, params)
    const { tenantId, ...request } = sendRequest('sendWhatsApp', params, message, asking, now())
    return {
      ...request,
      message: { channel: 'whatsapp', tenantId, to: message.to, body: message.body },
    }
  }
}
