import { z } from 'zod'
import type { Prepare } from '#src/api/escalate-params.ts'
import { line, parsed, text } from '#src/api/params.ts'
import { commonFields, sendRequest } from '#src/api/send-params.ts'
import type { ActionTools } from './tools.ts'

const chatNumber = line(20).regex(/^-?[1-9]\d*$/, 'must be the number of a chat, such as 123456789')

/** One Telegram message to one chat: https://core.telegram.org/bots/api#sendmessage */
export function sendTelegram({ now }: Pick<ActionTools, 'now'>): Prepare {
  const schema = z.strictObject({
    ...commonFields,
    to: chatNumber,
    body: text(4_096),
  })
  return (params, asking) => {
    const message = parsed(schema, params)
    const { own, tenantId, request } = sendRequest('sendTelegram', params, message, asking, now())
    return { ...request, message: { channel: 'telegram', tenantId, ...own } }
  }
}
