import { inspect } from 'node:util'
import type { Provider } from '#src/contract/provider.ts'
import { ProviderError } from '#src/model/errors.ts'
import type { MessageEvent } from '#src/model/event.ts'
import type { OutgoingEmail, OutgoingText } from '#src/model/message.ts'
import type { Receiver } from './receiver.ts'

const id = '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10'
const createdAt = new Date('2026-11-22T10:15:00Z')

export function text(to: string, channel: OutgoingText['channel'] = 'whatsapp'): OutgoingText {
  return { id, tenantId: 't1', channel, to, body: 'Bonjour Marie, à demain 👍', createdAt }
}

export function email(to: string): OutgoingEmail {
  const tracking = { opens: false, clicks: false }
  return {
    id,
    tenantId: 't1',
    channel: 'email',
    to,
    subject: 'Rendez-vous',
    text: 'Bonjour',
    createdAt,
    tracking,
  }
}

/** Sends it and gives the receipt. */
export async function sent(provider: Provider, message: OutgoingText | OutgoingEmail) {
  const receipt = await provider.send?.(message)
  if (!receipt) throw new Error(`${provider.name} does not send`)
  const { providerMessageId } = receipt
  return { id: message.id, channel: message.channel, recipient: message.to, providerMessageId }
}

/** What this provider's webhooks told, each proven and read by the real code. */
export function heard({ webhook }: Provider, { arrived, url }: Receiver): MessageEvent[] {
  return arrived.flatMap(({ path, headers, body }) => {
    const request = {
      method: 'POST',
      urls: [url + path],
      headers,
      body: Buffer.from(body),
      receivedAt: new Date(),
    }
    webhook?.verify(request)
    return webhook?.items(request).map((item) => webhook.event(item)) ?? []
  })
}

/** The error of a look-up that failed, after a look that none of these texts is in it. */
export async function failure(
  asking: Promise<unknown> | undefined,
  secrets: readonly string[],
): Promise<ProviderError> {
  const error = await asking?.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProviderError)) throw new Error('no ProviderError was thrown')
  const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
  const found = secrets.find((secret) => shown.includes(secret))
  if (found !== undefined || error.cause !== undefined) throw new Error(`the error tells too much: ${shown}`)
  return error
}
