import { z } from 'zod'
import { callProvider, fromElsewhere, type ProviderResponse, refusesUs } from '#src/contract/http.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import { type Hidden, hiddenOf } from '#src/model/hidden.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { ours, publicReason } from '#src/model/public-reason.ts'

const acceptance = z.object({ result: z.object({ message_id: z.int() }) })
const errorBody = z.object({
  description: z.string(),
  parameters: z.object({ retry_after: z.number().nullish() }).nullish(),
})

/** Sends one text to one chat. */
export function telegramSend({ token, apiUrl }: { token: string; apiUrl: string }) {
  return async (message: OutgoingMessage): Promise<Receipt> => {
    if (message.channel !== 'telegram')
      throw new ProviderError('telegram', 'permanent', 'telegram: sends only Telegram messages')
    const response = await callProvider('telegram', `${apiUrl}/bot${token}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chat_id: message.to, text: message.body }),
    })
    if (response.status >= 300) throw refused(response, hiddenOf(message, [token]))
    const accepted = acceptance.safeParse(response.json)
    if (!accepted.success) throw new ProviderError('telegram', 'unknown', 'telegram: answered without an id')
    const number = accepted.data.result.message_id
    return {
      providerMessageId: `${message.to}:${number}`,
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      raw: { message_id: number },
    }
  }
}

function refused(response: ProviderResponse, hidden: Hidden): ProviderError {
  const { status, json } = response
  const said = errorBody.safeParse(json).data
  const seconds = said?.parameters?.retry_after
  const reason = publicReason(said?.description ?? '', hidden) || ours`answered HTTP ${status}`
  return new ProviderError('telegram', certaintyOf(response), ours`telegram: ${reason}`, {
    providerCode: String(status),
    ...(aboutOurToken(response)
      ? refusesUs('account')
      : { retryAfterMs: seconds ? seconds * 1_000 : undefined }),
  })
}

function certaintyOf(response: ProviderResponse): Certainty {
  // A proxy's page, a timeout on the way: not its own answer.
  const elsewhere = fromElsewhere(response)
  if (elsewhere) return elsewhere
  return response.status === 429 || aboutOurToken(response) ? 'retryable' : 'permanent'
}

/** 404: the token has not even the form of one. */
function aboutOurToken(response: ProviderResponse): boolean {
  return !fromElsewhere(response) && (response.status === 401 || response.status === 404)
}
