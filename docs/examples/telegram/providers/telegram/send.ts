import { z } from 'zod'
import { callProvider, type ProviderResponse, refusesUs } from '#src/contract/http.ts'
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

function refused({ status, json }: ProviderResponse, hidden: Hidden): ProviderError {
  const said = errorBody.safeParse(json).data
  const seconds = said?.parameters?.retry_after
  const reason = publicReason(said?.description ?? '', hidden) || ours`answered HTTP ${status}`
  return new ProviderError('telegram', certaintyOf(status), ours`telegram: ${reason}`, {
    providerCode: String(status),
    ...(aboutOurToken(status)
      ? refusesUs('account')
      : { retryAfterMs: seconds ? seconds * 1_000 : undefined }),
  })
}

function certaintyOf(status: number): Certainty {
  if (status < 400 || status >= 500 || status === 408) return 'unknown'
  return status === 429 || aboutOurToken(status) ? 'retryable' : 'permanent'
}

/** 404: the token has not even the form of one. */
function aboutOurToken(status: number): boolean {
  return status === 401 || status === 404
}
