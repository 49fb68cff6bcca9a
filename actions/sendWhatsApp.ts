import { z } from 'zod'
import type { Action, ActionTools } from '#src/action.ts'
import { parsed, phoneNumber, text } from '#src/params.ts'
import { commonFields, sendRequest } from '#src/send-params.ts'

/** Sends one WhatsApp message to one number, by the provider named or the first that is on. */
export function sendWhatsApp({ deliver, country, now }: ActionTools): Action {
  const schema = z.strictObject({
    ...commonFields,
    to: phoneNumber(country),
    body: text(20_000),
  })
  return async (params, asking) => {
    const message = parsed(schema, params)
    const { tenantId, ...request } = sendRequest('sendWhatsApp', params, message, asking, now())
    return deliver({
      ...request,
      message: { channel: 'whatsapp', tenantId, to: message.to, body: message.body },
    })
  }
}
