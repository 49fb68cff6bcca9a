import { z } from 'zod'
import type { Prepare } from '#src/api/escalate-params.ts'
import { parsed, phoneNumber, text } from '#src/api/params.ts'
import { commonFields, sendRequest } from '#src/api/send-params.ts'
import type { ActionTools } from './tools.ts'

/** One SMS to one number. */
export function sendSMS({ country, now }: Pick<ActionTools, 'country' | 'now'>): Prepare {
  const schema = z.strictObject({
    ...commonFields,
    to: phoneNumber(country),
    body: text(1_600),
  })
  return (params, asking) => {
    const sms = parsed(schema, params)
    const { own, tenantId, request } = sendRequest('sendSMS', params, sms, asking, now())
    return { ...request, message: { channel: 'sms', tenantId, ...own } }
  }
}
