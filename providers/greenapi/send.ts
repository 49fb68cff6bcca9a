import { z } from 'zod'
import { callProvider } from '#src/contract/http.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import { hiddenOf } from '#src/model/hidden.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { plainText } from '#src/model/template.ts'
import { chatIdOf } from './chat-id.ts'
import { queuedId } from './event.ts'
import type { Instance } from './instance.ts'
import { sendError } from './send-error.ts'

const accepted = z.object({ idMessage: z.string().min(1) })

/** https://green-api.com/en/docs/api/sending/SendMessage */
const longestText = 20_000

/**
 * Gives the function that sends one WhatsApp text by Green-API. A 200 means queued there (kept 24 h while the
 * instance is not authorized), not sent.
 */
export function greenapiSend(sending: Instance): (message: OutgoingMessage) => Promise<Receipt> {
  const { instanceId, token, apiUrl, now, timeoutMs = 15_000, pace } = sending
  const url = `${apiUrl}/waInstance${instanceId}/sendMessage/${token}`
  return async (message) => {
    if (message.channel !== 'whatsapp')
      throw new ProviderError('greenapi', 'permanent', `greenapi: sends no ${message.channel}`)
    // Its own buttons are a beta that not every WhatsApp shows: https://green-api.com/en/docs/api/sending/SendInteractiveButtonsReply
    const text = plainText(message)
    if (text.length > longestText) throw tooLong()
    await pace?.()
    const answer = await callProvider('greenapi', url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ chatId: chatIdOf(message.to), message: text }),
      timeoutMs,
    })
    if (answer.status < 200 || answer.status > 299) throw sendError(answer, hiddenOf(message, [token]), now())
    const idMessage = idOf(answer.json)
    return {
      providerMessageId: idMessage,
      eventId: queuedId(instanceId, message.to, idMessage),
      type: 'queued',
      providerType: 'queued',
      raw: { idMessage },
    }
  }
}

function tooLong(): ProviderError {
  return new ProviderError(
    'greenapi',
    'permanent',
    `greenapi: the text is longer than ${longestText} characters`,
    {
      providerCode: 'text_too_long',
    },
  )
}

function idOf(json: unknown): string {
  const answer = accepted.safeParse(json)
  if (answer.success) return answer.data.idMessage
  throw new ProviderError('greenapi', 'unknown', 'greenapi: accepted, but its answer cannot be read')
}
