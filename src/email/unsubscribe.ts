import { providerEvent } from '#src/model/event.ts'
import type { Ingest } from '#src/receiving/ingest.ts'
import type { Log } from '#src/runtime/log.ts'
import { linkUnsubscribe } from './unsubscribe-link.ts'
import { unsubscribeTokens } from './unsubscribe-token.ts'

/** What was pressed: the button of a mail program, or the one of our page. */
export type Pressed = 'one_click' | 'page'

export type Unsubscribe = ReturnType<typeof createUnsubscribe>

/**
 * Whoever got a mail wants no more. Kept as what a provider tells: an event of the message, which says that its person withdrew
 * consent, in the database or, while that is away, on the disk.
 */
export function createUnsubscribe(tools: {
  /** `trackingSecrets` sign the links, which lead to `baseUrl`. */
  config: { baseUrl: string | undefined; trackingSecrets: readonly string[] }
  ingest: Pick<Ingest, 'record'>
  log: Log
  now: () => Date
}) {
  const { config, ingest, log, now } = tools
  const tokens = unsubscribeTokens(config.trackingSecrets)
  return {
    link: linkUnsubscribe(config.baseUrl, tokens),

    isLink: (token: string): boolean => tokens.messageOf(token) !== undefined,

    /** Resolves when it is kept; false: the link is not ours. Throws AppError 503 where it cannot be kept now. */
    async by(token: string, pressed: Pressed, requestId: string): Promise<boolean> {
      const messageId = tokens.messageOf(token)
      if (messageId === undefined) return false
      const receivedAt = now()
      // A mail program tells it again where it waits too long. Who comes back later may have been freed since: told anew.
      const id = `${messageId}:${Math.floor(receivedAt.getTime() / 1_000)}`
      const reading = { type: 'unsubscribed', providerType: pressed, channel: 'email', messageId } as const
      const event = providerEvent('unsubscribe', { id, raw: { pressed }, receivedAt }, reading)
      await ingest.record({ events: [{ event, requestId }] })
      log.info('unsubscribed', { messageId, pressed })
      return true
    },
  }
}
