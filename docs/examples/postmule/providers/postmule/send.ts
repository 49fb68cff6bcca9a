import { z } from 'zod'
import {
  callProvider,
  fromElsewhere,
  type ProviderResponse,
  refusesUs,
  retryAfterMs,
} from '#src/contract/http.ts'
import type { Receipt } from '#src/contract/provider.ts'
import { type Certainty, ProviderError } from '#src/model/errors.ts'
import { type Hidden, hiddenOf } from '#src/model/hidden.ts'
import type { OutgoingMessage } from '#src/model/message.ts'
import { ours, publicReason } from '#src/model/public-reason.ts'

const acceptance = z.object({ id: z.string().min(1) })
const errorBody = z.object({ error: z.string() })

/** Sends one email; our id travels as `reference`, and comes back with each event. */
export function postmuleSend(options: { apiKey: string; apiUrl: string; from: string; now: () => Date }) {
  const { apiKey, apiUrl, from, now } = options
  return async (message: OutgoingMessage): Promise<Receipt> => {
    if (message.channel !== 'email')
      throw new ProviderError('postmule', 'permanent', 'postmule: sends only email')
    const response = await callProvider('postmule', `${apiUrl}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        from: message.from ?? from,
        to: message.to,
        cc: message.cc,
        bcc: message.bcc,
        reply_to: message.replyTo,
        subject: message.subject,
        html: message.html,
        text: message.text,
        attachments: message.attachments,
        reference: message.id,
      }),
    })
    if (response.status >= 300) throw refused(response, hiddenOf(message, [apiKey]), now())
    const accepted = acceptance.safeParse(response.json)
    if (!accepted.success) throw new ProviderError('postmule', 'unknown', 'postmule: answered without an id')
    return {
      providerMessageId: accepted.data.id,
      // The id that their webhook has for the same fact, where there is one; else one of our own, as here.
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      raw: { id: accepted.data.id },
    }
  }
}

function refused(response: ProviderResponse, hidden: Hidden, now: Date): ProviderError {
  const { status, headers, json } = response
  const said = errorBody.safeParse(json).data?.error ?? ''
  const reason = publicReason(said, hidden) || ours`answered HTTP ${status}`
  const aboutOurKey = !fromElsewhere(response) && (status === 401 || status === 403)
  return new ProviderError('postmule', certaintyOf(response), ours`postmule: ${reason}`, {
    providerCode: String(status),
    ...(aboutOurKey ? refusesUs('account') : { retryAfterMs: retryAfterMs(headers.get('retry-after'), now) }),
  })
}

function certaintyOf(response: ProviderResponse): Certainty {
  // A proxy's page, a timeout on the way: not its own answer.
  const elsewhere = fromElsewhere(response)
  if (elsewhere) return elsewhere
  const { status } = response
  return status === 429 || status === 401 || status === 403 ? 'retryable' : 'permanent'
}
