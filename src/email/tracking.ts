import type { MailTracking, Provider } from '#src/contract/provider.ts'
import { reachOf } from '#src/contract/reach.ts'
import type { OutgoingEmail, OutgoingMessage, SendableEmail, SendableMessage } from '#src/model/message.ts'
import type { Warning } from '#src/model/warnings.ts'
import { pixelTag } from './pixel.ts'
import { rewritten } from './rewrite.ts'
import type { Tokens } from './tokens.ts'

export type Tracking = ReturnType<typeof createTracking>

/** Longer links stay as they are: ours would be longer still, and no proxy takes an address of any length. */
const longestLink = 2_000
/** Whoever wants no more mails must not depend on us, and does not want to be counted. */
const leaving = /unsubscri|opt-?out|d[eé]s-?(?:inscri|abonn)|d%C3%A9s(?:inscri|abonn)|list-manage/i

/** What of an email is to be tracked by us, and why it is not. */
interface Wanted extends MailTracking {
  hindrance?: 'no_secret' | 'not_here'
}

/**
 * Our own pixel and links, where a send asks for what its provider does not tell by itself. `tokens`: undefined where
 * TRACKING_SECRET is not set. In `production` a mail is read anywhere; elsewhere also where it is handed over, as in a sandbox.
 */
export function createTracking(options: {
  tokens: Tokens | undefined
  baseUrl: string | undefined
  production: boolean
}) {
  const { tokens, baseUrl, production } = options

  /** Whether whoever reads a mail that goes by this provider can call us. */
  function readable(provider: Pick<Provider, 'handsTo'>): boolean {
    if (baseUrl === undefined) return false
    const reach = reachOf(new URL(baseUrl).hostname)
    if (reach === 'world') return true
    return !production && provider.handsTo !== undefined && reach === reachOf(provider.handsTo)
  }

  function wanted(provider: Provider, message: SendableMessage | OutgoingMessage): Wanted | undefined {
    if (message.channel !== 'email') return undefined
    const own = ownOf(provider, message)
    if (!own.opens && !own.clicks) return undefined
    if (!tokens) return { ...own, hindrance: 'no_secret' }
    // Nobody could say who of several it was, and the others did not consent.
    const copies = (message.cc?.length ?? 0) + (message.bcc?.length ?? 0) > 0
    return message.html === undefined || copies || !readable(provider)
      ? { ...own, hindrance: 'not_here' }
      : own
  }

  return {
    readable,

    /** The message with what of it we track where it goes by this provider, the same on every attempt. */
    decided(provider: Provider, message: OutgoingMessage): OutgoingMessage {
      if (message.channel !== 'email' || !(message.tracking.opens || message.tracking.clicks)) return message
      return { ...message, trackedByUs: { provider: provider.name, ...ownOf(provider, message) } }
    },

    /** Whether it can only be done once TRACKING_SECRET is set. */
    lacksSecret: (provider: Provider, message: SendableMessage): boolean =>
      wanted(provider, message)?.hindrance === 'no_secret',

    /** What the caller should know before it goes by this provider. */
    warnings: (provider: Provider, message: SendableMessage): Warning[] =>
      wanted(provider, message)?.hindrance ? ['tracking_not_available'] : [],

    /** The message as its provider gets it: the same each time, and with nothing that its provider would track once more. */
    async put<Message extends OutgoingMessage>(provider: Provider, message: Message): Promise<Message> {
      const own = wanted(provider, message)
      if (!own || message.channel !== 'email') return message
      const { opens, clicks } = message.tracking
      const left = { ...message.tracking, opens: opens && !own.opens, clicks: clicks && !own.clicks }
      if (own.hindrance || !tokens || message.html === undefined) return { ...message, tracking: left }
      const doors = `${baseUrl}/api/email`
      const html = await rewritten(message.html, {
        link: own.clicks
          ? (url) => (stays(url, doors) ? undefined : `${doors}/click/${tokens.ofClicks(message.id, url)}`)
          : undefined,
        atEnd: own.opens ? pixelTag(`${doors}/track/${tokens.ofOpens(message.id)}.gif`) : undefined,
      })
      return { ...message, html, tracking: left }
    },
  }
}

/** What of it the provider does not tell by itself, and by which we have decided where that is known. */
function ownOf(
  provider: Provider,
  message: SendableEmail & Pick<OutgoingEmail, 'trackedByUs'>,
): MailTracking {
  const { tracking, trackedByUs } = message
  if (trackedByUs?.provider === provider.name) return trackedByUs
  const told = provider.tracks?.(message)
  return { opens: tracking.opens && told?.opens !== true, clicks: tracking.clicks && told?.clicks !== true }
}

function stays(url: string, doors: string): boolean {
  return url.length > longestLink || url.startsWith(`${doors}/`) || leaving.test(url)
}
