import { z } from 'zod'
import type { Action, ActionTools } from '#src/action.ts'
import { parsed, phoneNumber, text } from '#src/params.ts'
import { commonFields, sendRequest } from '#src/send-params.ts'

/** Sends one SMS to one number. */
export function sendSMS({ deliver, country, now }: ActionTools): Action {
  const schema = z.strictObject({
    ...commonFields,
    to: phoneNumber(country),
    body: text(1_600),
  })
  return async (params, asking) => {
    const sms = parsed(schema, params)
    const { tenantId, ...request } = sendRequest('sendSMS', params, sms, asking, now())
    return deliver({ ...request, message: { channel: 'sms', tenantId, to: sms.to, body: sms.body } })
  }
}
